"""`stepwell run`."""

import asyncio
import sys
from pathlib import Path
from typing import Any

import click

from stepwell.cli.options import config_option, log_to_stderr, read_text, services_option, settings_of

_OUTCOMES = {"SUCCEEDED": 0, "FAILED": 1, "TIMED_OUT": 2, "ABORTED": 3}


@click.command()
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@click.option("--input", "source", default="{}", help="The input as JSON; @FILE reads it from a file.")
@click.option("--name", default="run", show_default=True, help="The execution's name.")
@services_option
@config_option
@click.option("-v", "--verbose", is_flag=True, help="Log what the server logs.")
def run(file: Path, source: str, name: str, config: Path | None, services: str | None, verbose: bool) -> None:
    """Run one execution of the definition in FILE in this terminal.

    Its states are shown on stderr as they go, its output on stdout. Nothing is kept. The exit status is 0 where it
    succeeded, 1 where it failed, 2 where it timed out, 3 where it was stopped, 4 where it could not be started.
    """
    definition = read_text(file)
    text = read_text(Path(source[1:])) if source.startswith("@") else source
    settings = settings_of(config, services, 0)
    if verbose:
        log_to_stderr(verbose=True)
    from stepwell.app.refused import Refused  # noqa: PLC0415 (heavy)
    from stepwell.app.running import NotStarted, run_once  # noqa: PLC0415

    try:
        record = asyncio.run(run_once(definition, text, name, settings, _show))
    except (NotStarted, Refused) as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(4)
    except KeyboardInterrupt:
        click.echo("stopped", err=True)
        sys.exit(_OUTCOMES["ABORTED"])
    if record.output is not None:
        click.echo(record.output)
    if record.status != "SUCCEEDED":
        trouble = ": ".join(part for part in (record.error, record.cause) if part)
        click.echo(f"{click.style(record.status, fg='red')} {trouble}".rstrip(), err=True)
    sys.exit(_OUTCOMES[record.status])


def _show(event: dict[str, Any], seconds: float) -> None:
    """Show an event, if it tells of a state."""
    kind: str = event["type"]
    details: dict[str, Any] = next((value for key, value in event.items() if key.endswith("Details")), {})
    if kind.endswith("StateEntered"):
        line = click.style(f"→ {details['name']}", fg="cyan") + f" {kind.removesuffix('StateEntered')}"
    elif kind.endswith("StateExited"):
        line = click.style(f"✓ {details['name']}", fg="green")
    elif kind.endswith(("Failed", "TimedOut")) and not kind.startswith("Execution"):
        line = click.style(f"✗ {kind}", fg="red") + f" {details.get('error', '')}"
    elif kind == "MapIterationStarted":
        line = f"  {details['name']} #{details['index']}"
    else:
        return
    click.echo(f"{seconds:8.3f}s  {line}", err=True)
