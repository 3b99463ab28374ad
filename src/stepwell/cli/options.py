"""What several commands have in common: options, settings, the log."""

import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from stepwell.settings import Settings

DEFAULT_DATA = Path(".stepwell")
DEFAULT_PORT = 8083
DEFAULT_HOST = "127.0.0.1"

config_option = click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Settings, with the local functions; by default stepwell.toml in this folder, where there is one.",
)


services_option = click.option(
    "--services",
    type=click.Choice(["aws", "emulated"]),
    help="Where Tasks find services: AWS, or what the environment's endpoints name (the default); or moto's server, "
    "which is started beside this one.",
)


def settings_of(config: Path | None, services: str | None, services_port: int | None) -> "Settings":
    """Return the settings of a file, or of `stepwell.toml` in this folder; what is given beside it comes first."""
    from msgspec import structs  # noqa: PLC0415

    from stepwell.settings import SettingsError, load_settings  # noqa: PLC0415 (only commands that need them)

    here = Path("stepwell.toml")
    try:
        settings = load_settings(config or (here if here.is_file() else None))
    except SettingsError as error:
        raise click.ClickException(str(error)) from None
    given = {"services": services, "emulated_port": services_port}
    changes = {name: value for name, value in given.items() if value is not None}
    return structs.replace(settings, aws=structs.replace(settings.aws, **changes))


def log_to_stderr(*, verbose: bool) -> None:
    """Log to stderr, a line an event."""
    logging.basicConfig(
        stream=sys.stderr,
        level=logging.DEBUG if verbose else logging.INFO,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )
    for chatty in ("asyncio", "botocore", "aiobotocore", "uvicorn"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def read_text(path: Path) -> str:
    """Return a file's text; `-` is standard input."""
    try:
        return sys.stdin.read() if str(path) == "-" else path.read_text(encoding="utf-8")
    except OSError as error:
        raise click.ClickException(f"{path} can't be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise click.ClickException(f"{path} is not UTF-8 text: {error}") from None
