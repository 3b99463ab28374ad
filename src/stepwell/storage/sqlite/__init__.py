"""The store of the embedded default: one file of SQLite, one process, every commit on the disk before it is answered.

**One writer.** A single connection writes, and one thread of its own has it; it alone makes checkpoints. So nobody
waits for a lock, and the versions of SQLite before 3.51.3, which may damage a database when two connections write and
make checkpoints at once, are safe here. A lock file keeps a second process out. Reads go through a second connection,
which can't write, in the thread of the event loop: a read takes some microseconds, handing it to a thread 50.

**Few statements.** Many executions commit together, and each statement may cost the writer's thread a wait for the
interpreter lock. So a batch is first turned into one list of rows for each statement, and a statement takes as many
rows at once as there are. What was refused shows in the number of changed rows only: then the batch is rolled back and
written again, one write after the other, each behind a savepoint. Refusals are rare; the common case pays nothing.

**The loop gives way.** A busy event loop lets go of the interpreter lock at every poll, and has it back before another
thread has woken up: a commit under such a load was measured to take seconds. So while a commit lasts, the loop stands
still for a moment now and then. That bounds the wait where the loop is busy, and costs less than committing in the
thread of the loop where the disk is slow.

**Rows that stay small.** Measured with 32 executions a commit, most of the time goes into pages touched, not into rows.
A chunk of history is found by its row id alone, execution and first event in one number, and needs no index. An ARN is
taken apart at its last colon: what precedes it is one row that all executions of a state machine share, so that the
only index over texts that grows with every execution is short, and grows at its end where names grow with time. What
may be large and outlives many turns, an input or the frame of a lane, moves into a table of its own beyond a limit, for
SQLite writes a row whole whenever a part of it changes.
"""

from stepwell.storage.sqlite.store import SqliteStore

__all__ = ["SqliteStore"]
