"""GET /health: whether the server works, and which executions a bug has parked."""

from typing import Any

from stepwell import __version__
from stepwell.api.server import seconds
from stepwell.runtime.port import Executions

HEALTH_PATH = "/health"
MAX_PARKED = 100
"""How many parked executions are counted and shown."""


async def health(engine: Executions) -> dict[str, Any]:
    """Return the server's health: its version, and the parked executions with the reasons, oldest first."""
    parked = sorted(await engine.store.parked(MAX_PARKED + 1), key=lambda record: record.key)
    return {
        "status": "ok",
        "version": __version__,
        "parked": {
            "count": min(len(parked), MAX_PARKED),
            "more": len(parked) > MAX_PARKED,
            "executions": [
                {"executionArn": record.arn, "startDate": seconds(record.started), "reason": record.parked}
                for record in parked[:MAX_PARKED]
            ],
        },
    }
