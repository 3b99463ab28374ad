from stepwell.language.grammar import JSONATA, JSONPATH, STRUCTURES, TYPES, shapes
from stepwell.language.grammar.choices import COMPARISONS, SELECTORS
from stepwell.language.validation.structures import _CHECKS

NAMES = ("Task", "Parallel", "Map", "Pass", "Wait", "Choice", "Succeed", "Fail")

# P: JSONPath only, A: JSONata only, B: both, -: neither; in the order of the names above.
MATRIX = {
    "Type": "BBBBBBBB",
    "Comment": "BBBBBBBB",
    "QueryLanguage": "BBBBBBBB",
    "Next": "BBBBB---",
    "End": "BBBBB---",
    "InputPath": "PPPPPPP-",
    "OutputPath": "PPPPPPP-",
    "Parameters": "PPPP----",
    "ResultSelector": "PPP-----",
    "ResultPath": "PPPP----",
    "Arguments": "AA------",
    "Output": "AAAAAAA-",
    "Assign": "BBBBBB--",
    "Retry": "BBB-----",
    "Catch": "BBB-----",
    "Resource": "B-------",
    "TimeoutSeconds": "B-------",
    "HeartbeatSeconds": "B-------",
    "TimeoutSecondsPath": "P-------",
    "HeartbeatSecondsPath": "P-------",
    "Credentials": "B-------",
    "Branches": "-B------",
    "ItemProcessor": "--B-----",
    "Iterator": "--B-----",
    "ItemsPath": "--P-----",
    "Items": "--A-----",
    "ItemSelector": "--B-----",
    "MaxConcurrency": "--B-----",
    "MaxConcurrencyPath": "--P-----",
    "ItemReader": "--B-----",
    "ItemBatcher": "--B-----",
    "ResultWriter": "--B-----",
    "Label": "--B-----",
    "ToleratedFailureCount": "--B-----",
    "ToleratedFailureCountPath": "--P-----",
    "ToleratedFailurePercentage": "--B-----",
    "ToleratedFailurePercentagePath": "--P-----",
    "Result": "---P----",
    "Seconds": "----B---",
    "Timestamp": "----B---",
    "SecondsPath": "----P---",
    "TimestampPath": "----P---",
    "Choices": "-----B--",
    "Default": "-----B--",
    "Error": "-------B",
    "Cause": "-------B",
    "ErrorPath": "-------P",
    "CausePath": "-------P",
}
LANGUAGES = {"P": JSONPATH, "A": JSONATA, "B": None}


def test_each_type_has_the_fields_that_aws_gives_it() -> None:
    for column, name in enumerate(NAMES):
        expected = {field: LANGUAGES[row[column]] for field, row in MATRIX.items() if row[column] != "-"}
        assert {field: entry.language for field, entry in STRUCTURES[name].fields.items()} == expected, name
    assert sorted(NAMES) == sorted(TYPES)


def test_there_are_39_comparisons() -> None:
    assert len(COMPARISONS) == 39
    for structure in ("Rule", "NestedRule"):
        assert COMPARISONS.keys() <= STRUCTURES[structure].fields.keys()
    assert set(SELECTORS) <= STRUCTURES["Rule"].fields.keys()


def _shapes(shape: shapes.Shape) -> list[shapes.Shape]:
    return [shape, *_shapes(shape.item)] if isinstance(shape, shapes.ListOf) else [shape]


def test_every_shape_has_its_check_and_every_nested_structure_exists() -> None:
    used = [
        shape
        for structure in STRUCTURES.values()
        for entry in structure.fields.values()
        for shape in _shapes(entry.shape)
    ]
    assert {type(shape) for shape in used} == set(_CHECKS)
    assert all(shape.structure in STRUCTURES for shape in used if isinstance(shape, shapes.Nested))


def test_groups_name_fields_of_their_structure() -> None:
    groups = [
        (name, group)
        for name, structure in STRUCTURES.items()
        for group in (*structure.exactly_one, *structure.at_most_one)
    ]
    assert groups
    for name, group in groups:
        assert set(group) <= STRUCTURES[name].fields.keys(), name
