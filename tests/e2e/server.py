"""The server as a process of its own, as its users run it."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

BIN = Path(sys.executable).parent
STEPWELL = BIN / "stepwell"
ACCOUNT = "123456789012"
REGION = "us-east-1"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/stepwell"
READY_SECONDS = 60.0
STOP_SECONDS = 30.0
LOG_SHOWN = 20_000
_READY = re.compile(r"stepwell is ready on (http://\S+)")
_NOT_PASSED_ON = ("AWS_", "STEPWELL_")


def clean_environment(**more: str) -> dict[str, str]:
    """Return this process's environment without what would point AWS's tools, or the server, somewhere else."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_NOT_PASSED_ON)}
    return {**kept, "AWS_EC2_METADATA_DISABLED": "true", **more}


class Server:
    """`stepwell serve` on a free port, over a data folder that outlives it, with its log beside the folder."""

    def __init__(self, data: Path, *options: str, environment: dict[str, str] | None = None) -> None:
        self.data = data
        self.log = data.with_name(f"{data.name}.log")
        self.url = ""
        self.process: subprocess.Popen[str] | None = None
        self._command = [str(STEPWELL), "serve", "--port", "0", "--data", str(data), *options]
        self._environment = clean_environment(**(environment or {}))

    def start(self) -> "Server":
        """Start it, and wait until it says that it is ready."""
        self.launch()
        self.await_ready()
        return self

    def launch(self) -> None:
        """Start it, and don't wait."""
        assert self.process is None, "it runs already"
        with self.log.open("a", encoding="utf-8") as log:
            self.process = subprocess.Popen(
                self._command, stdout=subprocess.PIPE, stderr=log, text=True, env=self._environment, cwd=self.log.parent
            )

    def await_ready(self) -> None:
        """Wait for the line that says where it serves; fail, with its log, where none comes."""
        process = self.process
        assert process is not None
        assert process.stdout is not None
        watchdog = threading.Timer(READY_SECONDS, process.kill)
        watchdog.start()
        line = process.stdout.readline()
        watchdog.cancel()
        found = _READY.match(line)
        assert found, f"the server did not start: {line!r}\n{self.log_text()}"
        self.url = found[1]

    def kill(self) -> None:
        """End it as a crash does: SIGKILL, at once."""
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        """End it in good order, and return its exit status."""
        return self._end(signal.SIGTERM)

    def _end(self, number: signal.Signals) -> int:
        process, self.process = self.process, None
        if process is None:
            return 0
        process.send_signal(number)
        try:
            return process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise
        finally:
            assert process.stdout is not None
            process.stdout.close()

    def log_text(self) -> str:
        """Return the end of the log."""
        return self.log.read_text(encoding="utf-8", errors="replace")[-LOG_SHOWN:]

    def client(
        self, account: str = ACCOUNT, region: str = REGION, read_timeout: float = 75.0, service: str = "stepfunctions"
    ) -> Any:
        """Return a boto3 client that tries each call once."""
        return client_of(self.url, account, region, read_timeout, service)


def client_of(
    url: str,
    account: str = ACCOUNT,
    region: str = REGION,
    read_timeout: float = 75.0,
    service: str = "stepfunctions",
) -> Any:
    """Return a boto3 client for Step Functions, or another service of ours, at a URL."""
    return boto3.client(
        service,
        endpoint_url=url,
        region_name=region,
        aws_access_key_id=account,
        aws_secret_access_key="secret",
        config=Config(
            inject_host_prefix=False,
            parameter_validation=False,
            read_timeout=read_timeout,
            retries={"total_max_attempts": 1},
            max_pool_connections=50,
        ),
    )


def eventually(look: Any, is_so: Any, seconds: float = 30.0) -> Any:
    """Return what is seen once it is so; fail, showing the last, where it never is."""
    deadline = time.monotonic() + seconds
    while not is_so(found := look()):
        assert time.monotonic() < deadline, f"not so after {seconds} s: {found!r:.2000}"
        time.sleep(0.01)
    return found


def ended(client: Any, arn: str, seconds: float = 30.0) -> dict[str, Any]:
    """Return the description of an execution once it has ended."""
    return eventually(  # type: ignore[no-any-return]
        lambda: client.describe_execution(executionArn=arn), lambda found: found["status"] != "RUNNING", seconds
    )


def whole_history(client: Any, arn: str, page: int = 1000) -> list[dict[str, Any]]:
    """Return all events of an execution, read page by page."""
    pages = client.get_paginator("get_execution_history").paginate(
        executionArn=arn, PaginationConfig={"PageSize": page}
    )
    return [event for found in pages for event in found["events"]]
