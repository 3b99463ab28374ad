"""The rules between the fields of one object, which no table of single fields can say."""

from collections.abc import Callable
from typing import Any

from stepwell.language.choice import ChoiceSyntaxError, compile_rule
from stepwell.language.diagnostics import Pointer
from stepwell.language.grammar import JSONATA, JSONPATH
from stepwell.language.grammar.calls import REQUIRED_PARAMETERS
from stepwell.language.grammar.choices import COMPARISONS, SELECTORS
from stepwell.language.grammar.maps import CSV_ONLY, DISTRIBUTED_ONLY
from stepwell.language.parameters import known_fields, unsupported
from stepwell.language.resources import Resource, UnknownResource, parse_resource
from stepwell.language.validation.walk import Place, Walk

_OPERATORS = tuple(COMPARISONS)


def check(walk: Walk, name: str, value: dict[str, Any], pointer: Pointer, place: Place, found: int) -> None:
    """Check the rules of the structure with this name. `found`: how many problems there were before it."""
    for rule in _RULES.get(name, ()):
        rule(walk, value, pointer, place)
    if name == "Rule" and place.language == JSONPATH and len(walk.diagnostics) == found:
        _compiles(walk, value, pointer)


def _only_one(walk: Walk, keys: tuple[str, ...], value: dict[str, Any], pointer: Pointer) -> list[str]:
    present = [key for key in value if key in keys]
    if len(present) > 1:
        message = f"There should only be one of the following fields: [{', '.join(keys)}]"
        walk.report(pointer, message, key=present[1])
    return present


def _condition(walk: Walk, value: dict[str, Any], pointer: Pointer, place: Place) -> None:
    """Check that a choice rule says one thing: one selector, and for Variable one comparison."""
    if place.language == JSONATA:
        if not value.keys() & set(SELECTORS):
            walk.report(pointer, "These fields are required: [Condition]")
        return
    selectors = [key for key in SELECTORS if key in value]
    if len(selectors) != 1:
        message = f"The object must have only one of the following fields, [{', '.join(SELECTORS)}]"
        walk.report(pointer, message, key=selectors[1] if selectors else None)
        return
    comparisons = _only_one(walk, _OPERATORS, value, pointer)
    if selectors[0] == "Variable":
        if not comparisons:
            message = f"This object should have only one of the following fields: [{', '.join(_OPERATORS)}]"
            walk.report(pointer, message)
    elif comparisons:
        walk.report(pointer, f"Field '{comparisons[0]}' is not supported", key=comparisons[0])


def _compiles(walk: Walk, value: dict[str, Any], pointer: Pointer) -> None:
    """Check what only the compiler of choice rules knows: patterns."""
    try:
        compile_rule(value)
    except ChoiceSyntaxError as problem:
        walk.report((*pointer, *problem.pointer), problem.message)


def _all_errors(walk: Walk, value: dict[str, Any], pointer: Pointer, _: Place) -> None:
    """Check that States.ALL stands alone, in the last entry."""
    for field in ("Retry", "Catch"):
        entries = value.get(field)
        if not isinstance(entries, list):
            continue
        for index, entry in enumerate(entries):
            errors = entry.get("ErrorEquals") if isinstance(entry, dict) else None
            if isinstance(errors, list) and "States.ALL" in errors and (len(errors) > 1 or index < len(entries) - 1):
                message = "States.ALL must appear alone and at end of list"
                walk.report((*pointer, field, index, "ErrorEquals", errors.index("States.ALL")), message)


def _delays(walk: Walk, value: dict[str, Any], pointer: Pointer, _: Place) -> None:
    longest, first = value.get("MaxDelaySeconds"), value.get("IntervalSeconds")
    if isinstance(longest, int) and isinstance(first, int) and longest <= first:
        walk.report((*pointer, "MaxDelaySeconds"), "MaxDelaySeconds must be greater than IntervalSeconds")


def _heartbeat(walk: Walk, value: dict[str, Any], pointer: Pointer, _: Place) -> None:
    beat, end = value.get("HeartbeatSeconds"), value.get("TimeoutSeconds")
    if isinstance(beat, int) and isinstance(end, int) and beat >= end:
        walk.report((*pointer, "HeartbeatSeconds"), "HeartbeatSeconds must be smaller than TimeoutSeconds")


def _call(walk: Walk, value: dict[str, Any], pointer: Pointer, place: Place) -> None:
    """Check what goes with a Task's resource: a service wants parameters, an activity takes no role."""
    arn = value.get("Resource")
    try:
        resource = parse_resource(arn) if isinstance(arn, str) else None
    except UnknownResource:
        return
    if resource is not None and resource.kind == "activity" and "Credentials" in value:
        walk.report((*pointer, "Credentials"), "The field 'Credentials' is not supported for activities")
    elif resource is not None and resource.kind == "service":
        field = "Arguments" if place.language == JSONATA else "Parameters"
        if field not in value:
            walk.report((*pointer, "Resource"), f"{field} field is required for resource ARN: {arn}")
        elif isinstance(value[field], dict):
            _parameters(walk, resource, value[field], (*pointer, field))


def _parameters(walk: Walk, resource: Resource, given: dict[str, Any], pointer: Pointer) -> None:
    """Check that a service has what it needs, and nothing it does not know: what only a run makes, the run is told."""
    for names in REQUIRED_PARAMETERS.get((resource.service, resource.action), ()):
        either = names.split("|")
        if not any(name in given or f"{name}.$" in given for name in either):
            walk.report(pointer, f"The field '{either[0]}' is required but was missing")
    known = known_fields(resource)
    if known is not None:
        for name in given:
            if not name.endswith(".$") and name not in known:
                walk.report(pointer, unsupported(name), key=name)


def _mode(walk: Walk, value: dict[str, Any], pointer: Pointer, _: Place) -> None:
    """Check that a Map which is not distributed has no field of a distributed one."""
    if _is_distributed(value.get("ItemProcessor", value.get("Iterator"))):
        return
    for field in DISTRIBUTED_ONLY:
        if field in value:
            walk.report(pointer, f"Field '{field}' is not supported", key=field)


def _is_distributed(processor: Any) -> bool:
    config = processor.get("ProcessorConfig") if isinstance(processor, dict) else None
    return isinstance(config, dict) and config.get("Mode") == "DISTRIBUTED"


def _execution_type(walk: Walk, value: dict[str, Any], pointer: Pointer, _: Place) -> None:
    if value.get("Mode") != "DISTRIBUTED":
        if "ExecutionType" in value:
            walk.report(pointer, "Field 'ExecutionType' is not supported", key="ExecutionType")
    elif "ExecutionType" not in value:
        walk.report(pointer, "These fields are required: [ExecutionType]")


def _reader(walk: Walk, value: dict[str, Any], pointer: Pointer, _: Place) -> None:
    """Check that what is said of CSV is said of CSV, and completely."""
    csv = value.get("InputType") == "CSV"
    for field in CSV_ONLY:
        if field in value and not csv:
            walk.report(pointer, f"Field '{field}' is not supported", key=field)
    if csv and "CSVHeaderLocation" not in value:
        walk.report(pointer, "The field 'CSVHeaderLocation' is required")
    if value.get("CSVHeaderLocation") == "GIVEN" and "CSVHeaders" not in value:
        walk.report(pointer, "These fields are required: [CSVHeaders]")


def _batcher(walk: Walk, value: dict[str, Any], pointer: Pointer, _: Place) -> None:
    limits = ("MaxItemsPerBatch", "MaxItemsPerBatchPath", "MaxInputBytesPerBatch", "MaxInputBytesPerBatchPath")
    if not any(limit in value for limit in limits):
        walk.report(pointer, f"This object should have at least one of the following fields: [{', '.join(limits)}]")


_Rule = Callable[[Walk, dict[str, Any], Pointer, Place], None]

_RULES: dict[str, tuple[_Rule, ...]] = {
    "Task": (_all_errors, _heartbeat, _call),
    "Parallel": (_all_errors,),
    "Map": (_all_errors, _mode),
    "Rule": (_condition,),
    "NestedRule": (_condition,),
    "Retrier": (_delays,),
    "ProcessorConfig": (_execution_type,),
    "ReaderConfig": (_reader,),
    "ItemBatcher": (_batcher,),
}
