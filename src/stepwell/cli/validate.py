"""`stepwell validate`."""

import asyncio
import sys
from pathlib import Path

import click

from stepwell.cli.options import read_text


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, allow_dash=True))
@click.option("--type", "kind", type=click.Choice(["STANDARD", "EXPRESS"]), default="STANDARD", show_default=True)
def validate(files: tuple[Path, ...], kind: str) -> None:
    """Check definitions, in JSON or YAML, and say what is wrong with them and where.

    The exit status is 0 where there are no errors, else 1.
    """
    from stepwell.app.known_actions import diagnose_all  # noqa: PLC0415 (heavy)
    from stepwell.language.diagnostics import ERROR  # noqa: PLC0415

    errors = 0
    checked = asyncio.run(diagnose_all([read_text(path) for path in files], kind))
    for path, diagnostics in zip(files, checked, strict=True):
        for found in diagnostics:
            where = f"{path}:{found.line}:{found.column}"
            at = f" (at {found.location})" if found.location else ""
            colour = "red" if found.severity == ERROR else "yellow"
            click.echo(f"{where}: {click.style(found.severity.lower(), fg=colour)}: {found.message} [{found.code}]{at}")
        errors += sum(found.severity == ERROR for found in diagnostics)
        if not diagnostics:
            click.echo(f"{path}: {click.style('valid', fg='green')}")
    if errors:
        click.echo(f"{errors} error{'s' if errors > 1 else ''}", err=True)
        sys.exit(1)
