"""What a worker prints goes to the log, line by line. However much that is, little of it is held."""

import logging
import re
from collections.abc import Callable

LINE_LIMIT = 8 * 1024
LINES_A_SECOND = 1_000
"""More than these are dropped, and counted: a function that prints without end must not hold up the others."""
TAIL_LIMIT = 4 * 1024

# Lambda's runtime writes a traceback as one line with carriage returns in it.
_LINE_ENDS = re.compile(rb"[\r\n]+")


class Output:
    """The standard output and error of one worker."""

    def __init__(self, log: logging.Logger, clock: Callable[[], float]) -> None:
        self._log = log
        self._clock = clock
        self._partial = b""
        self._second = 0
        self._lines = 0
        self.tail = bytearray()

    def begin(self) -> None:
        """Begin a tail for the next invocation; the one before stays with who holds it."""
        self.tail = bytearray()

    def feed(self, data: bytes) -> None:
        """Take what the worker has printed, and log the lines that are complete."""
        self.tail += data[-TAIL_LIMIT:]
        del self.tail[:-TAIL_LIMIT]
        lines = _LINE_ENDS.split(data)
        lines[0] = self._partial + lines[0]
        # One byte over the limit says that the line was cut.
        self._partial = lines.pop()[: LINE_LIMIT + 1]
        self._write(lines)

    def end(self) -> None:
        """Log what is left: the worker prints no more."""
        self._write([self._partial])
        self._partial = b""
        self._report_dropped()

    def _write(self, lines: list[bytes]) -> None:
        second = int(self._clock())
        if second != self._second:
            self._report_dropped()
            self._second, self._lines = second, 0
        room = max(0, LINES_A_SECOND - self._lines)
        self._lines += len(lines)
        for line in lines[:room]:
            if line:
                text = line[:LINE_LIMIT].decode("utf-8", "replace")
                self._log.info("%s%s", text, " … (cut)" if len(line) > LINE_LIMIT else "")

    def _report_dropped(self) -> None:
        dropped = self._lines - LINES_A_SECOND
        if dropped > 0:
            self._log.warning("%d lines dropped: more than %d in a second", dropped, LINES_A_SECOND)
        self._lines = 0
