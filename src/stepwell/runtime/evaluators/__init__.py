"""Processes beside the server in which is evaluated what takes long, so that the loop has time for everything else.

An expression may use up half a second, and a wicked definition of a megabyte takes seconds to be checked. A thread
would share Python's lock with the loop, and a cheap expression must not pay for a process. So a turn begins where it
always did, with an allowance of some milliseconds. The few that need more come to nothing there, and begin again in a
process, with the full bounds: `long_turns` says how.

`process` is what runs in such a process, `jobs` what it can be asked for, `pool` keeps the processes.
"""

INLINE_STEPS = 10_000
"""What a turn on the loop may use up: some 5 ms. One that has used half of it enters no further state."""

OUTSIDE_STEPS = 10_000_000
"""What a turn in a process may use up, some seconds: ten times what one expression may. Then its state fails."""

LONGEST_INLINE_DEFINITION = 4_096
"""A longer definition is checked in a process: the most wicked take 7 ms for each 1,000 characters."""
