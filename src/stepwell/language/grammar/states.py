"""The fields of the eight types of states, and of the entries of Retry and Catch."""

from stepwell.language.grammar.maps import MAP_FIELDS
from stepwell.language.grammar.shapes import (
    JSONATA,
    JSONPATH,
    Credentials,
    Data,
    Field,
    Flag,
    ListOf,
    Literal,
    Nested,
    Number,
    Path,
    StateName,
    Structure,
    TaskResource,
    Text,
    Timestamp,
    Variables,
)

MAX_SECONDS = 99_999_999
MAX_DELAY_SECONDS = 31_622_400

TYPES = ("Task", "Wait", "Pass", "Succeed", "Fail", "Choice", "Parallel", "Map")
"""In the order in which AWS names them."""
QUERY_LANGUAGES = (JSONPATH, JSONATA)

_COMMON = {
    "Type": Field(Text(), required=True),
    "Comment": Field(Text()),
    "QueryLanguage": Field(Text(QUERY_LANGUAGES)),
}
_ONWARD = {"Next": Field(StateName()), "End": Field(Flag())}
_PATHS = {
    "InputPath": Field(Path(reference=False, context=True, nullable=True), JSONPATH),
    "OutputPath": Field(Path(reference=False, context=True, nullable=True), JSONPATH),
}
_OUTPUT = {"Output": Field(Data(), JSONATA)}
_ASSIGN = {"Assign": Field(Variables())}
_PARAMETERS = {"Parameters": Field(Data(), JSONPATH)}
_ARGUMENTS = {"Arguments": Field(Data(), JSONATA)}
_RESULT_PATH = {"ResultPath": Field(Path(variables=False, nullable=True), JSONPATH)}
_RESULT = {"ResultSelector": Field(Data(("Object",)), JSONPATH), **_RESULT_PATH}
_FAILURES = {
    "Retry": Field(ListOf(Nested("Retrier"), empty=True)),
    "Catch": Field(ListOf(Nested("Catcher"), empty=True)),
}
_WORK = {**_COMMON, **_PATHS, **_PARAMETERS, **_RESULT, **_OUTPUT, **_ASSIGN, **_FAILURES, **_ONWARD}

NEXT_OR_END = ("Next", "End")
WAITS = ("SecondsPath", "Seconds", "TimestampPath", "Timestamp")
_SECONDS = Number(minimum=1, maximum=MAX_SECONDS)

STATES: dict[str, Structure] = {
    "Task": Structure(
        {
            **_WORK,
            **_ARGUMENTS,
            "Resource": Field(TaskResource(), required=True),
            "Credentials": Field(Credentials()),
            "TimeoutSeconds": Field(_SECONDS),
            "TimeoutSecondsPath": Field(Path(), JSONPATH),
            "HeartbeatSeconds": Field(_SECONDS),
            "HeartbeatSecondsPath": Field(Path(), JSONPATH),
        },
        exactly_one=(NEXT_OR_END,),
        at_most_one=(("TimeoutSeconds", "TimeoutSecondsPath"), ("HeartbeatSeconds", "HeartbeatSecondsPath")),
    ),
    "Parallel": Structure(
        {**_WORK, **_ARGUMENTS, "Branches": Field(ListOf(Nested("Branch")), required=True)},
        exactly_one=(NEXT_OR_END,),
    ),
    "Map": Structure(
        {**_WORK, **MAP_FIELDS},
        exactly_one=(NEXT_OR_END, ("ItemProcessor", "Iterator")),
        at_most_one=(
            ("Parameters", "ItemSelector"),
            ("MaxConcurrency", "MaxConcurrencyPath"),
            ("ToleratedFailureCount", "ToleratedFailureCountPath"),
            ("ToleratedFailurePercentage", "ToleratedFailurePercentagePath"),
        ),
    ),
    "Pass": Structure(
        {
            **_COMMON,
            **_PATHS,
            **_PARAMETERS,
            "Result": Field(Literal(), JSONPATH),
            **_RESULT_PATH,
            **_OUTPUT,
            **_ASSIGN,
            **_ONWARD,
        },
        exactly_one=(NEXT_OR_END,),
    ),
    "Wait": Structure(
        {
            **_COMMON,
            **_PATHS,
            "Seconds": Field(Number(minimum=0, maximum=MAX_SECONDS)),
            "SecondsPath": Field(Path(), JSONPATH),
            "Timestamp": Field(Timestamp()),
            "TimestampPath": Field(Path(), JSONPATH),
            **_OUTPUT,
            **_ASSIGN,
            **_ONWARD,
        },
        exactly_one=(NEXT_OR_END, WAITS),
    ),
    "Choice": Structure({
        **_COMMON,
        **_PATHS,
        "Choices": Field(ListOf(Nested("Rule")), required=True),
        "Default": Field(StateName()),
        **_OUTPUT,
        **_ASSIGN,
    }),
    "Succeed": Structure({**_COMMON, **_PATHS, **_OUTPUT}),
    "Fail": Structure(
        {
            **_COMMON,
            "Error": Field(Text(expression=True)),
            "ErrorPath": Field(Path(context=True, intrinsic=True), JSONPATH),
            "Cause": Field(Text(expression=True)),
            "CausePath": Field(Path(context=True, intrinsic=True), JSONPATH),
        },
        at_most_one=(("Error", "ErrorPath"), ("Cause", "CausePath")),
    ),
}  # fmt: skip

RETRIER = Structure({
    "ErrorEquals": Field(ListOf(Text()), required=True),
    "IntervalSeconds": Field(Number(minimum=0, maximum=MAX_SECONDS, expression=False)),
    "MaxAttempts": Field(Number(minimum=0, maximum=MAX_SECONDS, expression=False)),
    "BackoffRate": Field(Number("Float", minimum=1.0, expression=False)),
    "MaxDelaySeconds": Field(Number(minimum=1, maximum=MAX_DELAY_SECONDS, expression=False)),
    "JitterStrategy": Field(Text(("NONE", "FULL"))),
    "Comment": Field(Text()),
})  # fmt: skip

CATCHER = Structure({
    "ErrorEquals": Field(ListOf(Text()), required=True),
    "Next": Field(StateName(), required=True),
    **_RESULT_PATH,
    **_OUTPUT,
    **_ASSIGN,
    "Comment": Field(Text()),
})  # fmt: skip
