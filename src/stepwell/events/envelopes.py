"""The envelope of an event: what every event has, made of an entry of PutEvents, a schedule or a change of status."""

from typing import Any

import msgspec

from stepwell.events.errors import InvalidEvent
from stepwell.language.document import decode
from stepwell.language.timestamps import format_milliseconds

_OF_AWS = "aws."


def envelope(
    *,
    event_id: str,
    detail_type: str,
    source: str,
    account: str,
    time: int,
    region: str,
    resources: list[str],
    detail: Any,
) -> dict[str, Any]:
    """Return an event, its members in AWS's order. `time` is in milliseconds since the epoch."""
    return {
        "version": "0",
        "id": event_id,
        "detail-type": detail_type,
        "source": source,
        "account": account,
        "time": f"{format_milliseconds(time)[:19]}Z",
        "region": region,
        "resources": resources,
        "detail": detail,
    }


def entry_event(entry: dict[str, Any], *, event_id: str, account: str, region: str, now: int) -> dict[str, Any]:
    """Return the event of an entry of PutEvents. Raise `InvalidEvent` with the code and the text of AWS."""
    for name in ("Source", "DetailType", "Detail"):
        if not entry.get(name):
            raise InvalidEvent(
                "InvalidArgument", f"Parameter {name} is not valid. Reason: {name} is a required argument."
            )
    if entry["Source"].startswith(_OF_AWS):
        raise InvalidEvent("NotAuthorizedForSource", "Not authorized for the source.")
    try:
        detail = decode(entry["Detail"])
    except (msgspec.DecodeError, RecursionError):
        detail = None
    if not isinstance(detail, dict):
        raise InvalidEvent("MalformedDetail", "Detail is malformed.")
    time = entry.get("Time")
    return envelope(
        event_id=event_id,
        detail_type=entry["DetailType"],
        source=entry["Source"],
        account=account,
        time=now if time is None else round(time * 1000),
        region=region,
        resources=entry.get("Resources") or [],
        detail=detail,
    )


def entry_bytes(entry: dict[str, Any]) -> int:
    """Return the size of an entry, as AWS counts it: 14 for a time, and the texts in UTF-8."""
    texts = [entry.get("Source"), entry.get("DetailType"), entry.get("Detail"), *(entry.get("Resources") or ())]
    return (14 if entry.get("Time") is not None else 0) + sum(
        len(text.encode("utf-8", "surrogatepass")) for text in texts if text
    )
