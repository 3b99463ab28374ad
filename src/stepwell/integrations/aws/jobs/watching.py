"""Waiting for the end of a job: looked at again and again, less and less often."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from stepwell.integrations.aws.failures import CallFailed
from stepwell.integrations.aws.jobs.asking import (
    FIRST_PAUSE_SECONDS,
    LONGEST_PAUSE_SECONDS,
    PAUSE_FACTOR,
    Sleep,
    after_trouble,
    is_passing,
)
from stepwell.integrations.port import Failed, Succeeded, TaskRequest

PATIENCE_SECONDS = 300.0
"""How long a service may say that it doesn't know a job, or doesn't show it, until the job is given up."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a look at a job has shown; nothing at all: it goes on."""

    end: Succeeded | Failed | None = None
    trouble: Failed | None = None
    """Why the job isn't there to be seen."""


async def watch_for_end(
    request: TaskRequest, job: str, look: Callable[[], Awaitable[Seen]], sleep: Sleep
) -> Succeeded | Failed:
    """Return how a job has ended, or why it was given up. `look` raises `CallFailed` where nothing can be seen."""
    pause, unseen = FIRST_PAUSE_SECONDS, 0.0
    while True:
        try:
            seen = await look()
            if seen.end is not None:
                return seen.end
            trouble = seen.trouble
        except CallFailed as error:
            trouble = None if is_passing(error) else error.failure
            pause = after_trouble(request, job, error, pause)
        unseen = 0.0 if trouble is None else unseen + pause
        if trouble is not None and unseen > PATIENCE_SECONDS:
            return trouble
        await sleep(pause)
        pause = min(pause * PAUSE_FACTOR, LONGEST_PAUSE_SECONDS)
