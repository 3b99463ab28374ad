"""`stepwell console`."""

import webbrowser
from pathlib import Path

import click

from stepwell.cli.options import DEFAULT_DATA


@click.command()
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    default=DEFAULT_DATA,
    show_default=True,
    help="The folder of the server's data.",
)
@click.option("--open", "opens", is_flag=True, help="Open it in the browser of this machine.")
def console(data: Path, opens: bool) -> None:
    """Print a link that logs a browser in to the console of the server that runs on this data. It is good once."""
    from stepwell.app.console_link import LINK_FILE  # noqa: PLC0415 (heavy)

    try:
        link = (data / LINK_FILE).read_text(encoding="utf-8").strip()
    except OSError:
        raise click.ClickException(
            f"no server with a console runs on {data}. Start one: stepwell serve --data {data}"
        ) from None
    click.echo(link)
    if opens:
        webbrowser.open(link)
