"""Which firing of a schedule is due, be it on time or late.

While the server was down, or its machine asleep, a schedule may have fallen due many times. AWS would have fired each
time; a thousand starts at once after a night's rest help nobody. So the last one that was missed fires, if it is not
too long ago, and the others don't.
"""

from stepwell.events.schedules import Schedule

LATE_MS = 24 * 60 * 60 * 1000
"""What fell due longer ago doesn't fire any more: AWS, too, gives up on an event after a day."""


def latest_due(schedule: Schedule, fired: int, now: int) -> tuple[int | None, int]:
    """Return the time of the last firing that is due and not fired yet, or None, and up to when all has been fired."""
    due, following = None, schedule.following(max(fired, now - LATE_MS - 1))
    while following is not None and following <= now:
        due, following = following, schedule.following(following)
    return (None, max(fired, now)) if due is None else (due, due)
