"""The bank as its users run it: run.py as a child."""

import re
import shlex
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BANK = ROOT / "examples" / "bank_account"
DEADLINE_SECONDS = 90.0
COMMAND = re.compile(r"^  (\S*python\S* \S*review\.py (\S+) approve .*)$")


class Bank:
    """run.py as a child, whose output is read line by line."""

    def __init__(self, data, *options):
        command = [sys.executable, BANK / "run.py", "--port", "0", "--data", data, *options]
        self.output = ""
        self.child = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def until(self, pattern):
        """Return the match in the first line that has one."""
        watchdog = threading.Timer(DEADLINE_SECONDS, self.child.kill)
        watchdog.start()
        try:
            for line in self.child.stdout:
                self.output += line
                if match := re.search(pattern, line):
                    return match
        finally:
            watchdog.cancel()
        pytest.fail(f"No line was like {pattern!r}:\n{self.output}")

    def review_command(self):
        match = self.until(COMMAND)
        return shlex.split(match[1]), match[2]

    def stop(self):
        self.child.send_signal(signal.SIGINT)
        return self.end()

    def end(self):
        if not self.child.stdout.closed:
            self.output += self.child.communicate(timeout=DEADLINE_SECONDS)[0]
        return self.child.returncode


@contextmanager
def running(data, *options):
    bank = Bank(data, *options)
    try:
        yield bank
    finally:
        bank.stop()
