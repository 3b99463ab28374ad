"""Handlers for the tests of local functions."""

import os
import subprocess
import sys
import time
from decimal import Decimal
from pathlib import Path

print("sample is imported")


class CustomException(Exception):
    pass


def echo(event, context):
    return event


def describe(event, context):
    return {
        "name": context.function_name,
        "version": context.function_version,
        "memory": context.memory_limit_in_mb,
        "arn": context.invoked_function_arn,
        "group": context.log_group_name,
        "request": context.aws_request_id,
        "left": context.get_remaining_time_in_millis(),
        "custom": context.client_context.custom if context.client_context else None,
        "trace": os.environ["_X_AMZN_TRACE_ID"],
    }


def environment(event, context):
    return {name: os.environ.get(name) for name in event}


def give_bytes(event, context):
    return b'"HelloWorld!"'


def give_decimal(event, context):
    return {"price": Decimal("1.5"), "name": "Zoë"}


def give_too_much(event, context):
    return "x" * (7 * 1024 * 1024)


def give_a_set(event, context):
    return {1, 2}


def fail(event, context):
    raise ValueError("no such thing")


def fail_without_a_message(event, context):
    raise CustomException()


def leave(event, context):
    os._exit(event["status"])


def kill_itself(event, context):
    os.kill(os.getpid(), event["signal"])


def eat_memory(event, context):
    return len(bytearray(event["mib"] * 1024 * 1024))


def print_lines(event, context):
    for text in event:
        print(text)
    print("and this is an error", file=sys.stderr)


def pid(event, context):
    return os.getpid()


def sleep(event, context):
    """Say who is at it, in a file, and stay at it."""
    Path(event["file"]).write_text(str(os.getpid()))
    time.sleep(event["seconds"])
    return os.getpid()


def meet(event, context):
    """Return when so many are here."""
    folder = Path(event["folder"])
    (folder / str(os.getpid())).touch()
    deadline = time.monotonic() + 5
    while len(list(folder.iterdir())) < event["count"] and time.monotonic() < deadline:
        time.sleep(0.005)
    return len(list(folder.iterdir()))


def start_a_child(event, context):
    """Start a process that outlives the handler, and say which; then stay."""
    child = subprocess.Popen(["sleep", "60"])
    Path(event["file"]).write_text(str(child.pid))
    time.sleep(60)


def read_input(event, context):
    return sys.stdin.read()
