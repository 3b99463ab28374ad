"""`stepwell serve` and `stepwell console`, as their users run them."""

import json
import os
import pty
import re
import select
import stat
import subprocess
import time
import urllib.error
import urllib.request

import pytest
from click.testing import CliRunner

from e2e.server import STEPWELL, Server, clean_environment
from stepwell.cli import main

LINK = re.compile(r"http://127\.0\.0\.1:\d+/console/#token=\S+")


@pytest.fixture
def served(tmp_path):
    server = Server(tmp_path / "data").start()
    yield server
    server.stop()


def link_of(server):
    result = CliRunner().invoke(main, ["console", "--data", str(server.data)])
    assert result.exit_code == 0
    return result.output.strip()


def logged_in(link):
    url, _, token = link.partition("/console/#token=")
    request = urllib.request.Request(
        f"{url}/console/api/session", json.dumps({"token": token}).encode(),
        {"Content-Type": "application/json", "Origin": url},
    )  # fmt: skip
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def test_each_link_is_good_once_and_another_follows(served):
    first = link_of(served)
    assert LINK.fullmatch(first)
    assert link_of(served) == first
    assert logged_in(first) == 200
    second = link_of(served)
    assert second != first
    assert (logged_in(first), logged_in(second)) == (403, 200)


def test_the_link_is_for_the_owner_of_the_data_alone_and_goes_with_the_server(served):
    file = served.data / "console-link"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    served.stop()
    assert not file.exists()
    result = CliRunner().invoke(main, ["console", "--data", str(served.data)])
    assert result.exit_code == 1
    assert "no server" in result.output


def test_no_link_is_written_to_what_is_no_terminal(served):
    line = served.process.stdout.readline()
    assert "stepwell console --data" in line
    assert "token" not in line


def test_a_terminal_is_shown_a_link(tmp_path):
    near, far = pty.openpty()
    command = [str(STEPWELL), "serve", "--port", "0", "--data", str(tmp_path / "data")]
    with (tmp_path / "log").open("w") as log:
        child = subprocess.Popen(command, stdout=far, stderr=log, cwd=tmp_path, env=clean_environment())
    os.close(far)
    shown, until = "", time.monotonic() + 60
    try:
        while not LINK.search(shown) and time.monotonic() < until:
            if select.select([near], [], [], 0.1)[0]:
                shown += os.read(near, 4096).decode()
    finally:
        child.terminate()
        child.wait()
        os.close(near)
    assert LINK.search(shown)
