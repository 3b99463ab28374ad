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


def settings_of(config: Path | None) -> "Settings":
    """Return the settings of a file, or of `stepwell.toml` in this folder."""
    from stepwell.settings import SettingsError, load_settings  # noqa: PLC0415 (only commands that need them)

    here = Path("stepwell.toml")
    try:
        return load_settings(config or (here if here.is_file() else None))
    except SettingsError as error:
        raise click.ClickException(str(error)) from None


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
