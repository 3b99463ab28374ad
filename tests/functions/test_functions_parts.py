"""The small parts: output, sources, references, payloads."""

import logging
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepwell.integrations.functions import output, sources
from stepwell.integrations.functions.outcomes import exited, is_memory_error
from stepwell.integrations.functions.output import LINE_LIMIT, LINES_A_SECOND, TAIL_LIMIT, Output
from stepwell.integrations.functions.reference import InvalidFunctionName, parse_reference
from stepwell.integrations.functions.sources import SourceWatch


class Logged(logging.Logger):
    """A logger that keeps its lines."""

    def __init__(self):
        super().__init__("kept")
        self.lines = []

    def handle(self, record):
        self.lines.append(record.getMessage())


@given(st.lists(st.binary(max_size=40).map(lambda data: data.replace(b"\x00", b"\n"))))
def test_lines_are_the_same_however_the_output_arrives(chunks):
    log = Logged()
    lines = Output(log, lambda: 0.0)
    for chunk in chunks:
        lines.feed(chunk)
    lines.end()
    together = b"".join(chunks).replace(b"\r", b"\n").split(b"\n")
    assert log.lines == [line.decode("utf-8", "replace") for line in together if line]
    assert lines.tail == b"".join(chunks)[-TAIL_LIMIT:]


def test_a_line_without_end_is_cut_and_not_held():
    log = Logged()
    lines = Output(log, lambda: 0.0)
    for _ in range(100):
        lines.feed(b"x" * 1000)
        assert len(lines._partial) <= LINE_LIMIT + 1
    lines.feed(b"\nnext\n")
    assert log.lines == ["x" * LINE_LIMIT + " … (cut)", "next"]


def test_more_lines_than_a_second_allows_are_dropped_and_counted():
    log, now = Logged(), [0.0]
    lines = Output(log, lambda: now[0])
    lines.feed(b"y\n" * (LINES_A_SECOND + 5))
    lines.feed(b"y\n" * 5)
    now[0] = 1.0
    lines.feed(b"z\n")
    assert log.lines[LINES_A_SECOND:] == [f"10 lines dropped: more than {LINES_A_SECOND} in a second", "z"]


def test_the_tail_begins_anew_with_each_invocation():
    lines = Output(Logged(), lambda: 0.0)
    lines.feed(b"before\n")
    lines.begin()
    lines.feed(b"a" * (TAIL_LIMIT + 10))
    assert lines.tail == b"a" * TAIL_LIMIT
    assert output.TAIL_LIMIT == 4096


def test_only_edits_of_python_files_below_the_folder_are_changes(tmp_path):
    now = [0.0]
    watch = SourceWatch(str(tmp_path), lambda: now[0])

    def changed():
        now[0] += sources.CHECK_SECONDS
        return watch.changed()

    (tmp_path / "package").mkdir()
    assert not changed()
    (tmp_path / "package" / "new.py").write_text("a = 1")
    assert changed()
    assert not changed()
    os.utime(tmp_path / "package" / "new.py", ns=(1, 1))
    assert changed()
    (tmp_path / "notes.txt").write_text("no code")
    assert not changed()
    (tmp_path / "package" / "new.py").unlink()
    assert changed()


@pytest.mark.parametrize("folder", [".hidden", "__pycache__", "node_modules", "env"])
def test_folders_that_hold_no_code_of_the_function_are_left_out(tmp_path, folder):
    watch = SourceWatch(str(tmp_path), iter(range(100)).__next__)
    (tmp_path / folder).mkdir()
    (tmp_path / "env" / "pyvenv.cfg").touch() if folder == "env" else None
    assert not watch.changed()
    (tmp_path / folder / "a.py").touch()
    assert not watch.changed()


def test_sources_are_looked_at_twice_a_second_at_most(tmp_path):
    now = [0.0]
    watch = SourceWatch(str(tmp_path), lambda: now[0])
    watch.changed()
    (tmp_path / "a.py").touch()
    now[0] = 0.49
    assert not watch.changed()
    now[0] = 0.5
    assert watch.changed()


def test_what_lies_beyond_the_bound_is_not_watched(tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "MAX_ENTRIES", 3)
    for number in range(10):
        (tmp_path / f"{number}.py").touch()
    assert len(list(sources._stamps(str(tmp_path)))) == 3


def test_a_folder_that_does_not_exist_never_changes(tmp_path):
    watch = SourceWatch(str(tmp_path / "nowhere"), iter(range(100)).__next__)
    assert [watch.changed() for _ in range(3)] == [False] * 3


ARN = "arn:aws:lambda:eu-west-1:123456789012:function:f"


@pytest.mark.parametrize(
    ("text", "name", "qualified"),
    [
        ("f", "f", f"{ARN}:$LATEST"),
        ("f:live", "f", f"{ARN}:live"),
        ("f:$LATEST", "f", f"{ARN}:$LATEST"),
        ("function:f", "f", f"{ARN}:$LATEST"),
        ("123456789012:function:f", "f", f"{ARN}:$LATEST"),
        ("111111111111:function:f:7", "f", "arn:aws:lambda:eu-west-1:111111111111:function:f:7"),
        ("arn:aws-cn:lambda:cn-north-1:111111111111:function:f_-1", "f_-1", None),
        ("arn:aws:lambda:::function:f", "f", f"{ARN}:$LATEST"),
    ],
)
def test_a_function_is_named_by_its_name_a_part_of_its_arn_or_its_arn(text, name, qualified):
    found = parse_reference(text, "eu-west-1", "123456789012")
    assert found.name == name
    assert found.qualified_arn == (qualified or f"{text}:$LATEST")


@pytest.mark.parametrize(
    "text", ["", "a b", "f:", "arn:aws:lambda:eu-west-1:123456789012:layer:f", "f\r\nX: y", "f:\n"]
)
def test_what_names_no_function_is_refused_in_words_of_lambda(text):
    with pytest.raises(InvalidFunctionName, match="at 'functionName' failed to satisfy constraint"):
        parse_reference(text, "eu-west-1", "123456789012")


def test_a_signal_without_a_name_is_told_by_its_number():
    assert b"signal: " in exited("id", -34)


@pytest.mark.parametrize(
    "payload", [b'"MemoryError"', b'["MemoryError"]', b'{"a":"MemoryError"}', b'{"MemoryError"', b""]
)
def test_only_an_error_type_says_that_memory_is_short(payload):
    assert not is_memory_error(payload)
    assert is_memory_error(b'{"errorType": "MemoryError"}')
