"""`stepwell render`, as a user runs it."""

import json

from click.testing import CliRunner

from stepwell.cli import main

MACHINE = {"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "Gone"}}}


def render(tmp_path, text, *options):
    file = tmp_path / "m.asl.json"
    file.write_text(text)
    return CliRunner().invoke(main, ["render", str(file), *options])


def test_a_definition_becomes_svg_on_stdout(tmp_path):
    result = render(tmp_path, json.dumps(MACHINE), "--theme", "dark")
    assert result.exit_code == 0
    assert result.stdout.startswith("<svg")
    assert result.stdout.endswith("</svg>\n")
    assert "#11161d" in result.stdout


def test_a_definition_becomes_a_file(tmp_path):
    out = tmp_path / "m.svg"
    assert render(tmp_path, json.dumps(MACHINE), "-o", str(out)).stdout == ""
    assert out.read_text().startswith("<svg")


def test_the_graph_comes_as_data(tmp_path):
    data = json.loads(render(tmp_path, json.dumps(MACHINE), "--format", "json").stdout)
    assert [node["id"] for node in data["nodes"]] == ["#start", "/States/A", "#missing/Gone"]


def test_what_can_not_be_read_is_said_with_its_line(tmp_path):
    result = render(tmp_path, '{\n"StartAt": "A",,}')
    assert result.exit_code == 0
    assert "m.asl.json:2:" in result.stderr
