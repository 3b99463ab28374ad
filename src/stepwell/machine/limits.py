"""The quotas of AWS, each a bound that an owner of their own machine may raise."""

from dataclasses import dataclass

MAXIMUM_SECONDS = 99_999_999
"""The longest time that a definition can name."""

LONGEST_WAIT_SECONDS = 2**31 - 1
"""The longest that a Wait may have before it: about 24,855 days."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one execution may use."""

    payload_bytes: int = 262_144
    """UTF-8 bytes of an input, an output, a task's parameters or result."""
    assign_bytes: int = 262_144
    """UTF-8 bytes of what one Assign sets."""
    variables_bytes: int = 10_485_760
    """UTF-8 bytes of all the variables that a lane sees."""
    history_events: int = 25_000
    """Events of one execution, its last one included."""
    inline_map_concurrency: int = 40
    """Iterations of one inline Map that are open at the same time."""
    transitions_per_turn: int = 1_024
    """States entered in one turn; what is left goes on in the next, after others had theirs."""
    execution_seconds: int = 31_536_000
    """How long a Standard execution may run: a year."""
    redrives: int = 1_000
    """How often one execution may be redriven."""
    redrivable_seconds: int = 1_209_600
    """How long after its end an execution may be redriven: 14 days."""

    @property
    def redrivable_events(self) -> int:
        """A history of as many events has no room for a redrive and what comes of it."""
        return self.history_events - 1


EXPRESS = Limits(execution_seconds=300, redrives=0)
"""What an Express execution may use: five minutes, and no redrive."""
