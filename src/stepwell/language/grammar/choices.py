"""The rules of a Choice state: 39 comparisons, three ways to combine them, and JSONata's one condition."""

from stepwell.language.choice import OPERATORS, Operator
from stepwell.language.grammar.shapes import (
    JSONATA,
    JSONPATH,
    Data,
    Field,
    Flag,
    ListOf,
    Nested,
    Number,
    Path,
    Shape,
    StateName,
    Structure,
    Text,
    Timestamp,
    Variables,
)

SELECTORS = ("And", "Or", "Not", "Variable", "Condition")
"""What a rule is about: exactly one of these."""

_OPERAND = Path(reference=False, context=True, operand=True)
_CONSTANTS: dict[str, Shape] = {
    "String": Text(),
    "Numeric": Number("Float", expression=False),
    "Timestamp": Timestamp(),
    "Boolean": Flag(),
}


def _operand(operator: Operator) -> Shape:
    if operator.by_path:
        return _OPERAND
    return Flag() if operator.comparison == "Is" else _CONSTANTS[operator.kind]


COMPARISONS: dict[str, Shape] = {name: _operand(operator) for name, operator in OPERATORS.items()}
"""The 39 operators, each with the shape of what it compares with."""

_CONDITION = {
    "Variable": Field(_OPERAND, JSONPATH),
    **{operator: Field(shape, JSONPATH) for operator, shape in COMPARISONS.items()},
    "And": Field(ListOf(Nested("NestedRule")), JSONPATH),
    "Or": Field(ListOf(Nested("NestedRule")), JSONPATH),
    "Not": Field(Nested("NestedRule"), JSONPATH),
}

NESTED_RULE = Structure({**_CONDITION, "Comment": Field(Text())})

RULE = Structure({
    "Next": Field(StateName(), required=True),
    **_CONDITION,
    "Condition": Field(Flag(expression=True), JSONATA),
    "Output": Field(Data(), JSONATA),
    "Assign": Field(Variables()),
    "Comment": Field(Text()),
})  # fmt: skip
