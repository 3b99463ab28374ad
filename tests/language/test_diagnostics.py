from stepwell.language.diagnostics import ERROR, MAX_TEXT, Diagnostic, aws_text, location


def _diagnostic(message: str, where: str | None = "/States/A") -> Diagnostic:
    return Diagnostic(ERROR, "SCHEMA_VALIDATION_FAILED", message, where, 1, 1)


def test_a_location_is_written_as_aws_does() -> None:
    assert location(()) == "/"
    assert location(("States", "C", "Choices", 0, "Next")) == "/States/C/Choices[0]/Next"


def test_problems_are_joined_in_aws_text() -> None:
    assert aws_text([_diagnostic("One"), _diagnostic("Two", None)]) == (
        "Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: One at /States/A, "
        "SCHEMA_VALIDATION_FAILED: Two at null'"
    )


def test_the_text_is_bounded_and_counts_what_it_leaves_out() -> None:
    text = aws_text([_diagnostic("x" * 100)] * 1000)
    assert len(text) < MAX_TEXT + 100
    shown = text.count("SCHEMA_VALIDATION_FAILED")
    assert text.endswith(f", and {1000 - shown} more'")
    single = aws_text([_diagnostic("y" * 2 * MAX_TEXT)])
    assert len(single) < MAX_TEXT + 100
    assert "more" not in single
