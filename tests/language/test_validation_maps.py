import json
from typing import Any

import pytest

from stepwell.language.validation import diagnose

DISTRIBUTED = {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
READER = {"Resource": "arn:aws:states:::s3:getObject", "Parameters": {"Bucket": "b", "Key.$": "$.key"}}


def _map(config: Any = None, inner: Any = None, **fields: Any) -> dict[str, Any]:
    states = {"I": inner or {"Type": "Pass", "End": True}}
    processor = {"StartAt": "I", "States": states, **({"ProcessorConfig": config} if config else {})}
    return {"Type": "Map", "ItemProcessor": processor, "End": True, **fields}


def _errors(state: Any, kind: str = "STANDARD", **fields: Any) -> list[tuple[str, str]]:
    found = diagnose(json.dumps({"StartAt": "M", "States": {"M": state}, **fields}), kind).errors
    return [(error.message, (error.location or "").removeprefix("/States/M")) for error in found]


def test_a_distributed_map_with_everything_is_sound() -> None:
    state = _map(
        DISTRIBUTED,
        ItemReader={**READER, "ReaderConfig": {"InputType": "CSV", "CSVHeaderLocation": "GIVEN", "CSVHeaders": ["a"]}},
        ItemBatcher={"MaxItemsPerBatch": 10, "MaxInputBytesPerBatchPath": "$.bytes", "BatchInput": {"x.$": "$.x"}},
        ItemSelector={"item.$": "$$.Map.Item.Value"},
        ResultWriter={
            "Resource": "arn:aws:states:::s3:putObject",
            "Parameters": {"Bucket": "b", "Prefix": "p"},
            "WriterConfig": {"OutputType": "JSONL", "Transformation": "FLATTEN"},
        },
        MaxConcurrency=1000,
        ToleratedFailurePercentage=5.5,
        ToleratedFailureCountPath="$.failures",
        Label="Orders",
    )
    assert _errors(state) == []


def test_an_inline_map_reads_and_writes_nothing() -> None:
    assert _errors(_map({"Mode": "INLINE"}, ItemReader=READER)) == [("Field 'ItemReader' is not supported", "")]
    assert _errors(_map(ItemBatcher={"MaxItemsPerBatch": 1})) == [("Field 'ItemBatcher' is not supported", "")]


def test_aws_takes_tolerated_failures_of_an_inline_map() -> None:
    assert _errors(_map(ToleratedFailureCount=1)) == []


@pytest.mark.parametrize(
    ("config", "problem"),
    [
        ({"Mode": "DISTRIBUTED"}, ("These fields are required: [ExecutionType]", "")),
        ({"Mode": "INLINE", "ExecutionType": "STANDARD"}, ("Field 'ExecutionType' is not supported", "")),
        ({"Mode": "SIDEWAYS"}, ("Value should be one of the following: [INLINE, DISTRIBUTED]", "/Mode")),
        (
            {"Mode": "DISTRIBUTED", "ExecutionType": "FAST"},
            ("Value should be one of the following: [STANDARD, EXPRESS]", "/ExecutionType"),
        ),
    ],
)
def test_a_processors_mode_and_type_belong_together(config: Any, problem: tuple[str, str]) -> None:
    message, where = problem
    assert _errors(_map(config)) == [(message, f"/ItemProcessor/ProcessorConfig{where}")]


def test_an_express_machine_has_no_distributed_map() -> None:
    message = "The field 'Mode' with value 'DISTRIBUTED' is not supported inside 'EXPRESS' state machines"
    assert _errors(_map(DISTRIBUTED), "EXPRESS") == [(message, "/ItemProcessor/ProcessorConfig/Mode")]


def test_the_children_of_a_distributed_map_have_their_own_type() -> None:
    activity = {"Type": "Task", "Resource": "arn:aws:states:us-east-1:123456789012:activity:a", "End": True}
    config = {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"}
    assert _errors(_map(config, inner=activity)) == [
        ("Express state machine does not support Activity ARN", "/ItemProcessor/States/I/Resource")
    ]
    assert _errors(_map(DISTRIBUTED, inner=activity)) == []


@pytest.mark.parametrize(
    ("config", "problem"),
    [
        ({"InputType": "CSV"}, ("The field 'CSVHeaderLocation' is required", "")),
        ({"InputType": "JSON", "CSVDelimiter": "TAB"}, ("Field 'CSVDelimiter' is not supported", "")),
        (
            {"InputType": "CSV", "CSVHeaderLocation": "GIVEN"},
            ("These fields are required: [CSVHeaders]", ""),
        ),
        (
            {"InputType": "JSON", "MaxItems": 1, "MaxItemsPath": "$.n"},
            ("There should only be one of the following fields: [MaxItems, MaxItemsPath]", ""),
        ),
        ({"InputType": "JSON", "MaxItems": -1}, ("Minimum value is 0", "/MaxItems")),
        ({"InputType": "JSON", "MaxItems": 100_000_001}, ("Maximum value is 100000000", "/MaxItems")),
        (
            {"InputType": "XML"},
            ("Value should be one of the following: [CSV, JSON, JSONL, PARQUET, MANIFEST]", "/InputType"),
        ),
    ],
)
def test_a_readers_settings_are_checked(config: Any, problem: tuple[str, str]) -> None:
    message, where = problem
    state = _map(DISTRIBUTED, ItemReader={**READER, "ReaderConfig": config})
    assert _errors(state) == [(message, f"/ItemReader/ReaderConfig{where}")]


def test_only_s3_is_read_and_written() -> None:
    unknown = "The field 'Resource' does not match any of the allowed values"
    state = _map(DISTRIBUTED, ItemReader={"Resource": "arn:aws:states:::s3:putObject"})
    assert _errors(state) == [(unknown, "/ItemReader/Resource")]
    state = _map(DISTRIBUTED, ResultWriter={"Resource": "s3"})
    assert _errors(state) == [(unknown, "/ResultWriter/Resource")]


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"ToleratedFailurePercentage": 101}, ("Maximum value is 100.0", "/ToleratedFailurePercentage")),
        ({"ToleratedFailurePercentage": -0.5}, ("Minimum value is 0.0", "/ToleratedFailurePercentage")),
        ({"ToleratedFailureCount": -1}, ("Minimum value is 0", "/ToleratedFailureCount")),
        (
            {"ToleratedFailureCountPath": "$$.Execution.Input.n"},
            ("Value is not a Reference Path", "/ToleratedFailureCountPath"),
        ),
        ({"MaxConcurrency": -1}, ("Minimum value is 0", "/MaxConcurrency")),
        ({"ItemsPath": "$.a[*]"}, ("Value is not a Reference Path", "/ItemsPath")),
        ({"ItemsPath": None}, ("Expected value of type String", "/ItemsPath")),
        (
            {"Parameters": {}, "ItemSelector": {}},
            ("There should only be one of the following fields: [Parameters, ItemSelector]", ""),
        ),
        (
            {"ItemBatcher": {"MaxInputBytesPerBatch": 262_145}},
            ("Maximum value is 262144", "/ItemBatcher/MaxInputBytesPerBatch"),
        ),
    ],
)
def test_a_maps_numbers_and_paths_are_checked(fields: dict[str, Any], problem: tuple[str, str]) -> None:
    assert _errors(_map(DISTRIBUTED, **fields)) == [problem]


def test_a_batcher_has_a_limit() -> None:
    ((message, where),) = _errors(_map(DISTRIBUTED, ItemBatcher={"BatchInput": {}}))
    assert message.startswith("This object should have at least one of the following fields: [MaxItemsPerBatch, ")
    assert where == "/ItemBatcher"


def test_the_items_of_a_map_may_come_from_the_context() -> None:
    assert _errors(_map(ItemsPath="$$.Execution.Input.values")) == []
    assert _errors(_map(Items="{% $states.input %}"), QueryLanguage="JSONata") == []
    assert _errors(_map(Items=5), QueryLanguage="JSONata") == [("Expected value of type Array or Object", "/Items")]


def test_the_old_names_are_still_good() -> None:
    state = _map(Parameters={"item.$": "$$.Map.Item.Value"})
    state["Iterator"] = state.pop("ItemProcessor")
    assert _errors(state) == []


@pytest.mark.parametrize(
    ("label", "code"),
    [
        ("", "INVALID_LABEL_NAME"),
        ("x" * 41, "INVALID_LABEL_NAME"),
        ("a*b", "INVALID_LABEL_NAME"),
        ("a b", "INVALID_LABEL_NAME"),
    ],
)
def test_a_label_is_short_and_plain(label: str, code: str) -> None:
    found = diagnose(json.dumps({"StartAt": "M", "States": {"M": _map(DISTRIBUTED, Label=label)}})).errors
    assert [(error.code, error.location) for error in found] == [(code, "/States/M/Label")]


def test_labels_are_unique() -> None:
    second = _map(DISTRIBUTED, Label="same")
    second["ItemProcessor"] = {**second["ItemProcessor"], "StartAt": "J", "States": {"J": {"Type": "Succeed"}}}
    first = {**_map(DISTRIBUTED, Label="same"), "Next": "N", "End": False}
    found = diagnose(json.dumps({"StartAt": "M", "States": {"M": first, "N": second}})).errors
    assert [(error.code, error.message, error.location) for error in found] == [
        ("DUPLICATE_LABEL_NAME", "Duplicate Label name: same", "/States/N/Label")
    ]
