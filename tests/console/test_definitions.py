"""Calls about definitions."""

import json

import pytest

from console.conftest import ROLE

MACHINE = {"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Succeed"}}}


def test_the_graph_of_a_definition(page):
    graph = page.post("layout", {"definition": json.dumps(MACHINE)})
    assert [node["id"] for node in graph["nodes"]] == ["#start", "/States/A", "/States/B", "#end"]
    assert graph["problems"] == []


def test_a_container_can_be_collapsed(page):
    each = {"StartAt": "M", "States": {"M": {"Type": "Map", "End": True, "ItemProcessor": MACHINE}}}
    graph = page.post("layout", {"definition": json.dumps(each), "collapsed": ["/States/M"]})
    assert [(node["id"], node["children"]) for node in graph["nodes"] if node["kind"] == "state"] == [("/States/M", 2)]
    assert page.post("layout", {"definition": "", "collapsed": "x"}, status=400)


def test_a_broken_definition_has_a_graph_and_its_problems(page):
    graph = page.post("layout", {"definition": '{"StartAt": "A",\n oops'})
    assert (graph["nodes"], graph["problems"][0]["line"]) == ([], 2)


def test_the_problems_of_a_definition_have_their_lines(page):
    text = json.dumps(
        {
            "StartAt": "A",
            "States": {
                "A": {
                    "Type": "Choice",
                    "Choices": [{"Variable": "$.n", "IsNull": True, "Next": "Gone"}],
                    "Default": "B",
                },
                "B": {"Type": "Fail"},
            },
        },
        indent=1,
    )
    found = page.post("lint", {"definition": text})
    assert found["format"] == "json"
    assert [(each["code"], each["location"], each["line"]) for each in found["diagnostics"]] == [
        ("MISSING_TRANSITION_TARGET", "/States/A/Choices[0]/Next", 10)
    ]
    assert page.post("lint", {"definition": "StartAt: A\nStates: {A: {Type: Succeed}}\n"}) == {
        "format": "yaml", "diagnostics": [],
    }  # fmt: skip


def test_lint_says_what_creating_a_state_machine_says_of_services_and_actions(page, sfn):
    task = {"Type": "Task", "Parameters": {}}
    states = {
        "A": {**task, "Resource": "arn:aws:states:::aws-sdk:sqs:sendMesage", "Next": "B"},
        "B": {**task, "Resource": "arn:aws:states:::aws-sdk:nosuch:thing", "Next": "C"},
        "C": {**task, "Resource": "arn:aws:states:::aws-sdk:sqs:listQueues", "End": True},
    }
    text = json.dumps({"StartAt": "A", "States": states}, indent=1)
    diagnostics = page.post("lint", {"definition": text})["diagnostics"]
    found = [each for each in diagnostics if each["severity"] == "ERROR"]
    assert [(each["location"], each["line"]) for each in found] == [
        ("/States/A/Resource", 7),
        ("/States/B/Resource", 13),
    ]
    with pytest.raises(sfn.exceptions.InvalidDefinition) as refused:
        sfn.create_state_machine(name="linted", definition=text, roleArn=ROLE)
    assert all(each["message"] in str(refused.value) for each in found)


def test_json_becomes_yaml_and_json_again(page):
    text = page.post("convert", {"definition": json.dumps(MACHINE), "to": "yaml"})["definition"]
    assert text.startswith("StartAt: A\nStates:\n  A:\n    Type: Pass\n")
    again = page.post("convert", {"definition": text, "to": "json"})["definition"]
    assert again == json.dumps(MACHINE, indent=2)


def test_aliases_of_yaml_are_written_out(page):
    text = "StartAt: A\nStates:\n  A: &a {Type: Pass, End: true}\n  B: *a\n"
    converted = page.post("convert", {"definition": text, "to": "yaml"})["definition"]
    assert "&" not in converted
    assert "*" not in converted


def test_what_can_not_be_read_can_not_be_converted(page):
    error = page.post("convert", {"definition": "{", "to": "yaml"}, status=400)
    assert error["__type"].endswith("#InvalidDefinition")
    assert "line 1" in error["message"]
