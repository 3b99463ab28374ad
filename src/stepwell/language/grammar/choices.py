"""The rules of a Choice state: 39 comparisons, three ways to combine them, and JSONata's one condition."""

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
_COMPARISONS = ("Equals", "LessThan", "GreaterThan", "LessThanEquals", "GreaterThanEquals")
_ORDERED: dict[str, Shape] = {
    "String": Text(),
    "Numeric": Number("Float", expression=False),
    "Timestamp": Timestamp(),
}

OPERATORS: dict[str, Shape] = {
    **{f"{kind}{comparison}": shape for kind, shape in _ORDERED.items() for comparison in _COMPARISONS},
    **{f"{kind}{comparison}Path": _OPERAND for kind in _ORDERED for comparison in _COMPARISONS},
    "StringMatches": Text(),
    "BooleanEquals": Flag(),
    "BooleanEqualsPath": _OPERAND,
    **{f"Is{kind}": Flag() for kind in ("Null", "Present", "Numeric", "String", "Boolean", "Timestamp")},
}
"""The comparisons, each with the shape of what it compares with."""

_CONDITION = {
    "Variable": Field(_OPERAND, JSONPATH),
    **{operator: Field(shape, JSONPATH) for operator, shape in OPERATORS.items()},
    "And": Field(ListOf(Nested("NestedRule")), JSONPATH),
    "Or": Field(ListOf(Nested("NestedRule")), JSONPATH),
    "Not": Field(Nested("NestedRule"), JSONPATH),
}

NESTED_RULE = Structure({**_CONDITION, "Comment": Field(Text())})

RULE = Structure({
    "Next": Field(StateName(), required=True),
    **_CONDITION,
    "Condition": Field(Flag(), JSONATA),
    "Output": Field(Data(), JSONATA),
    "Assign": Field(Variables()),
    "Comment": Field(Text()),
})  # fmt: skip
