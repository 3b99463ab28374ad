"""`stepwell render`."""

from pathlib import Path

import click

from stepwell.cli.options import read_text


@click.command()
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Write there, not to stdout.")
@click.option("--format", "form", type=click.Choice(["svg", "json"]), default="svg", show_default=True)
@click.option("--theme", type=click.Choice(["auto", "light", "dark"]), default="auto", show_default=True)
def render(file: Path, output: Path | None, form: str, theme: str) -> None:
    """Draw the state machine of the definition in FILE, in JSON or YAML, as SVG.

    It is drawn as far as it can be read: what is broken is a "?", and is said on stderr. With --format json the boxes
    and the lines come as data. The theme "auto" follows the viewer.
    """
    from stepwell.graph import draw, shown  # noqa: PLC0415 (heavy)
    from stepwell.graph.svg import to_svg  # noqa: PLC0415
    from stepwell.language.document import to_text  # noqa: PLC0415

    graph = draw(read_text(file))
    for problem in graph.problems:
        click.echo(f"{file}:{problem.line}:{problem.column}: {problem.message}", err=True)
    text = to_svg(graph, theme=theme, title=file.stem) if form == "svg" else f"{to_text(shown(graph))}\n"
    if output is None:
        click.echo(text, nl=False)
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise click.ClickException(f"{output} can't be written: {error.strerror}") from None
