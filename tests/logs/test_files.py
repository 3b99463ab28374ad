"""Execution logs on this machine: files in a folder, or standard output."""

import asyncio
import stat

import pytest

from stepwell.logs import files as module
from stepwell.logs.files import LogFiles, StandardOutput
from stepwell.logs.port import Line, LinesLost, LogGroup


def group(name):
    return LogGroup("123456789012", "us-east-1", name)


def write(place, name, *texts):
    asyncio.run(place.write(group(name), "m", [Line(1, text) for text in texts]))


def test_lines_are_appended_to_the_file_of_their_group(tmp_path):
    place = LogFiles(tmp_path / "logs")
    write(place, "/aws/vendedlogs/states/g", b'{"id":"1"}', b'{"id":"2"}')
    write(place, "/aws/vendedlogs/states/g", b'{"id":"3"}')
    file = tmp_path / "logs" / "aws" / "vendedlogs" / "states" / "g.jsonl"
    assert file.read_text() == '{"id":"1"}\n{"id":"2"}\n{"id":"3"}\n'
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert asyncio.run(place.problem(group("anything"))) is None


@pytest.mark.parametrize("name", ["../../out", "/../x", "..", "/", "a/../../../b", "./c", "...", "//"])
def test_no_name_leads_out_of_the_folder(tmp_path, name):
    folder = tmp_path / "logs"
    path = LogFiles(folder).path(group(name))
    assert path.suffix == ".jsonl"
    assert folder in path.resolve().parents


def test_a_large_file_gives_its_place_to_a_new_one(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "FILE_BYTES", 10)
    place = LogFiles(tmp_path)
    write(place, "g", b"the first one")
    write(place, "g", b"short")
    assert (tmp_path / "g.jsonl.1").read_text() == "the first one\n"
    assert (tmp_path / "g.jsonl").read_text() == "short\n"


def test_a_file_that_can_not_be_written_is_told(tmp_path):
    (tmp_path / "g.jsonl").mkdir()
    with pytest.raises(LinesLost, match=r"g\.jsonl: Is a directory"):
        write(LogFiles(tmp_path), "g", b"{}")


def test_standard_output_has_one_line_an_event(capsys):
    write(StandardOutput(), "g", b'{"id":"1"}', '{"id":"é"}'.encode())
    assert capsys.readouterr().out == '{"id":"1"}\n{"id":"é"}\n'
    assert asyncio.run(StandardOutput().problem(group("g"))) is None
