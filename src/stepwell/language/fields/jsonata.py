"""The fields of a state in JSONata."""

from collections.abc import Mapping
from typing import Any

from stepwell.language.definition import Catcher, ChoiceRule, PathValue
from stepwell.language.document import Document
from stepwell.language.evaluation import Evaluation, Expression
from stepwell.language.queries import compile_queries, compile_query, is_query

Value = Mapping[str, Any]


class JsonataFields:
    """Reads the fields of one state."""

    arguments = "Arguments"

    def __init__(self, state: Value) -> None:
        self._state = state

    def common(self) -> dict[str, Any]:
        """Return what all the types of states have."""
        state = self._state
        return {
            "type": state["Type"],
            "next": state.get("Next"),
            "query": True,
            "output": self.template("Output"),
            "assign": self.template("Assign"),
        }

    def template(self, field: str) -> Expression | None:
        """Return a field of any shape, with its expressions; None where it is not there."""
        return compile_queries(self._state[field], field) if field in self._state else None

    def result(self) -> Document | None:
        """Return None: a Pass state in JSONata has an Output instead of a fixed result."""
        return None

    def result_selector(self) -> Expression | None:
        """Return None: Output does its work."""
        return None

    def number(self, field: str) -> Any:
        """Return a number, or the expression that gives it, or None."""
        value = self._state.get(field)
        return self._found(field, "number") if is_query(value) else value

    def items(self) -> PathValue | None:
        """Return what a Map iterates over; None: its input."""
        value = self._state.get("Items")
        if value is None:
            return None
        if is_query(value):
            return self._found("Items", "array")
        return PathValue("Items", "Items", compile_queries(value, "Items"))

    def moment(self, field: str) -> PathValue | None:
        """Return the Seconds or the Timestamp of a Wait, where it is to be found when the state runs."""
        kinds = {"Seconds": "number", "Timestamp": "string"}
        return self._found(field, kinds[field]) if is_query(self._state.get(field)) else None

    def failure(self, field: str) -> str | PathValue | None:
        """Return the Error or the Cause of a Fail state."""
        value = self._state.get(field)
        if is_query(value):
            return self._found(field, "string")
        assert value is None or isinstance(value, str)
        return value

    def rule(self, rule: Value, number: int) -> ChoiceRule:
        """Return a rule of a Choice state."""
        where = f"Choices[{number}]"
        condition = rule["Condition"]
        holds: Expression
        if is_query(condition):
            holds = compile_query(condition, f"{where}/Condition", "boolean")
        else:
            holds = _constant(condition)
        return ChoiceRule(holds, rule["Next"], *self._way_out(rule, where))

    def catcher(self, catcher: Value, number: int) -> Catcher:
        """Return an entry of Catch."""
        output, assign = self._way_out(catcher, f"Catch[{number}]")
        return Catcher(tuple(catcher["ErrorEquals"]), catcher["Next"], None, output, assign)

    def role(self) -> Expression | None:
        """Return Credentials."""
        return self.template("Credentials")

    def _way_out(self, holder: Value, where: str) -> tuple[Expression | None, Expression | None]:
        return (
            compile_queries(holder["Output"], f"{where}/Output") if "Output" in holder else None,
            compile_queries(holder["Assign"], f"{where}/Assign") if "Assign" in holder else None,
        )

    def _found(self, field: str, kind: str) -> PathValue:
        text = self._state[field]
        return PathValue(field, text, compile_query(text, field, kind))


def _constant(value: Any) -> Expression:
    def constant(_: Evaluation) -> Any:
        return value

    return constant
