"""`stepwell serve`."""

import sys
from pathlib import Path

import click

from stepwell.cli.options import (
    DEFAULT_DATA,
    DEFAULT_HOST,
    DEFAULT_PORT,
    config_option,
    log_to_stderr,
    services_option,
    settings_of,
)


@click.command()
@click.option("--host", default=DEFAULT_HOST, show_default=True, help="A loopback address to listen on.")
@click.option(
    "--port", type=click.IntRange(0, 65_535), default=DEFAULT_PORT, show_default=True, help="0: any free one."
)
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    default=DEFAULT_DATA,
    show_default=True,
    help="The folder that everything rests in. One server at a time.",
)
@click.option("--in-memory", is_flag=True, help="Keep everything in memory: it is gone when the server ends.")
@services_option
@click.option(
    "--services-port", type=click.IntRange(0, 65_535), help="Where emulated services listen; by default 8084. 0: any."
)
@config_option
@click.option("-v", "--verbose", is_flag=True, help="Log more.")
def serve(
    host: str,
    port: int,
    data: Path,
    in_memory: bool,
    services: str | None,
    services_port: int | None,
    config: Path | None,
    verbose: bool,
) -> None:
    """Serve the API of AWS Step Functions until Ctrl-C.

    Executions survive: what was going on when the server ended, however it ended, goes on at the next start.
    """
    settings = settings_of(config, services, services_port)
    from stepwell.app.refused import Refused  # noqa: PLC0415 (heavy)
    from stepwell.app.serving import serve as serve_until_stopped  # noqa: PLC0415
    from stepwell.storage.port import StoreError  # noqa: PLC0415

    log_to_stderr(verbose=verbose)
    kept = "in memory" if in_memory else f"data in {data}"

    def ready(url: str, console: str) -> None:
        click.echo(f"stepwell is ready on {url} ({kept}, {len(settings.functions)} local functions)")
        # A link is a key. What is no terminal may be kept: it is told where to get one.
        if in_memory or sys.stdout.isatty():
            click.echo(f"console: {console}")
        else:
            click.echo(f"console: {url}/console/ (stepwell console --data {data} prints a link to log in)")

    try:
        serve_until_stopped(host, port, None if in_memory else data, settings, ready)
    except (Refused, StoreError) as error:
        raise click.ClickException(str(error)) from None
