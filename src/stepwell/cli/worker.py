"""`stepwell worker`."""

import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from stepwell.cli.options import log_to_stderr


@click.command()
@click.argument("function", metavar="MODULE:FUNCTION")
@click.option("--activity", required=True, metavar="ARN", help="The activity whose tasks the function does.")
@click.option("--concurrency", type=click.IntRange(1, 1_000), default=10, show_default=True, help="Tasks at a time.")
@click.option(
    "--heartbeat",
    type=click.FloatRange(0, min_open=True),
    default=10.0,
    show_default=True,
    metavar="SECONDS",
    help="How often a heartbeat is sent for each task.",
)
@click.option(
    "--stop-seconds",
    type=click.FloatRange(0),
    default=25.0,
    show_default=True,
    help="How long the tasks that run may take once the worker is told to stop.",
)
@click.option("--endpoint-url", help="The server; by default what AWS_ENDPOINT_URL_SFN says, or else AWS.")
@click.option("--worker-name", help="The name in the history; by default the machine and the process.")
@click.option("-v", "--verbose", is_flag=True, help="Log more.")
def worker(
    function: str,
    activity: str,
    concurrency: int,
    heartbeat: float,
    stop_seconds: float,
    endpoint_url: str | None,
    worker_name: str | None,
    verbose: bool,
) -> None:
    """Do the tasks of an activity with a Python function, here or at AWS.

    The function gets the task's input, and a second argument, if it wants one: the task. Ctrl-C or SIGTERM ends the
    worker once the tasks that run are done; a second one ends it at once.
    """
    from stepwell.worker import Worker, WorkerRefused  # noqa: PLC0415

    log_to_stderr(verbose=verbose)
    try:
        works = Worker(
            endpoint_url=endpoint_url,
            name=worker_name,
            concurrency=concurrency,
            heartbeat_seconds=heartbeat,
            stop_seconds=stop_seconds,
        )
        works.activity(activity)(_find(function))
        works.run()
    except (WorkerRefused, ValueError, TypeError) as error:
        raise click.ClickException(str(error)) from None


def _find(text: str) -> Callable[..., Any]:
    """Return the function that `module:function` names, looked for in this folder first."""
    module, colon, name = text.partition(":")
    if not (module and colon and name):
        raise click.ClickException(f"{text!r} names no function: write MODULE:FUNCTION, as in orders.billing:charge")
    sys.path.insert(0, str(Path.cwd()))
    try:
        found: Any = importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name != module and not module.startswith(f"{error.name}."):
            raise
        raise click.ClickException(f"there is no module {module} in {Path.cwd()}, nor is one installed") from None
    for part in name.split("."):
        found = getattr(found, part, None)
    if not callable(found):
        raise click.ClickException(f"the module {module} has no function {name}")
    return found  # type: ignore[no-any-return]
