"""The fields of a state in JSONPath."""

from collections.abc import Mapping
from typing import Any

from stepwell.language.choice import compile_rule
from stepwell.language.definition import Catcher, ChoiceRule, PathValue, nothing
from stepwell.language.document import Document, Merge, merge_as_member, merge_by, to_text
from stepwell.language.evaluation import Expression
from stepwell.language.jsonpath import compile_path, compile_reference_path
from stepwell.language.templates import compile_field, compile_template

Value = Mapping[str, Any]


class JsonPathFields:
    """Reads the fields of one state."""

    arguments = "Parameters"

    def __init__(self, state: Value) -> None:
        self._state = state

    def common(self) -> dict[str, Any]:
        """Return what all the types of states have."""
        state = self._state
        return {
            "type": state["Type"],
            "next": state.get("Next"),
            "input_path": self._filter("InputPath"),
            "output_path": self._filter("OutputPath"),
            "merge": _merge(state),
            "assign": self.template("Assign"),
        }

    def template(self, field: str) -> Expression | None:
        """Return a payload template, or None where there is none."""
        return _template(self._state, field)

    def result(self) -> Document | None:
        """Return a Pass state's fixed result."""
        if "Result" not in self._state:
            return None
        value = self._state["Result"]
        return Document(None, value, to_text(value))

    def result_selector(self) -> Expression | None:
        """Return ResultSelector."""
        return self.template("ResultSelector")

    def number(self, field: str) -> Any:
        """Return a number, or the path that leads to it, or None."""
        return self._state[field] if field in self._state else self.path(f"{field}Path")

    def path(self, field: str) -> PathValue | None:
        """Return a field that is a path."""
        text = self._state.get(field)
        return None if text is None else PathValue(field, text, compile_path(text).evaluate)

    def items(self) -> PathValue | None:
        """Return what a Map iterates over; None: its input."""
        return self.path("ItemsPath")

    def moment(self, field: str) -> PathValue | None:
        """Return the Seconds or the Timestamp of a Wait, where it is to be found when the state runs."""
        return self.path(f"{field}Path")

    def failure(self, field: str) -> str | PathValue | None:
        """Return the Error or the Cause of a Fail state."""
        path = f"{field}Path"
        if path in self._state:
            text = self._state[path]
            return PathValue(path, text, compile_field(path, text).evaluate)
        text = self._state.get(field)
        assert text is None or isinstance(text, str)
        return text

    def rule(self, rule: Value, _number: int) -> ChoiceRule:
        """Return a rule of a Choice state."""
        return ChoiceRule(compile_rule(dict(rule)).holds, rule["Next"], assign=_template(rule, "Assign"))

    def catcher(self, catcher: Value, _number: int) -> Catcher:
        """Return an entry of Catch."""
        assign = _template(catcher, "Assign")
        return Catcher(tuple(catcher["ErrorEquals"]), catcher["Next"], _merge(catcher), assign=assign)

    def role(self) -> Expression | None:
        """Return Credentials."""
        return self.template("Credentials")

    def _filter(self, field: str) -> Expression | None:
        text = self._state.get(field, "$")
        if text is None:
            return nothing
        return None if text == "$" else compile_path(text).evaluate


def _template(holder: Value, field: str) -> Expression | None:
    return compile_template(holder[field]).evaluate if field in holder else None


def _merge(holder: Value) -> Merge | None:
    text = holder.get("ResultPath", "$")
    if text is None:
        return _keep_input
    if text == "$":
        return None
    path = compile_reference_path(text)
    return merge_by(path.put) if path.member is None else merge_as_member(path.member, path.put)


def _keep_input(source: Document, _: Document) -> Document:
    return source
