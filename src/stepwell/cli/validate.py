"""`stepwell validate`."""

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
    from stepwell.language.validation import diagnose  # noqa: PLC0415 (heavy)

    errors = 0
    for path in files:
        diagnosis = diagnose(read_text(path), kind)
        for found in diagnosis.diagnostics:
            where = f"{path}:{found.line}:{found.column}"
            at = f" (at {found.location})" if found.location else ""
            colour = "red" if found.severity == "ERROR" else "yellow"
            click.echo(f"{where}: {click.style(found.severity.lower(), fg=colour)}: {found.message} [{found.code}]{at}")
        errors += len(diagnosis.errors)
        if not diagnosis.diagnostics:
            click.echo(f"{path}: {click.style('valid', fg='green')}")
    if errors:
        click.echo(f"{errors} error{'s' if errors > 1 else ''}", err=True)
        sys.exit(1)
