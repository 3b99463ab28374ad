"""Comparing two executions, exporting one, and trying expressions."""

import json
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest

from console.machines import ANSWERED, EACH, create, ended, start


@pytest.fixture
def two(sfn, eventually):
    rule = {"Variable": "$.n", "NumericGreaterThan": 1, "Next": "More"}
    states = {
        "Same": {"Type": "Pass", "Result": {"n": 0}, "ResultPath": "$.zero", "Next": "Choose"},
        "Choose": {"Type": "Choice", "Choices": [rule], "Default": "Less"},
        "More": ANSWERED,
        "Less": {"Type": "Fail", "Error": "<script>"},
    }
    machine = create(sfn, states)
    arns = [start(sfn, machine, {"n": number}) for number in (1, 2)]
    for arn in arns:
        ended(sfn, eventually, arn)
    return arns


def test_two_executions_are_aligned_by_their_states(page, two):
    found = page.get("compare", a=two[0], b=two[1])
    rows = {row["state"]: row for row in found["rows"]}
    assert (found["first"], found["more"]) == (0, False)
    assert rows["/States/Choose"]["status"]
    assert not rows["/States/Choose"]["input"]
    assert (rows["/States/Less"]["b"], rows["/States/More"]["a"]) == (None, None)


def test_an_execution_is_the_same_as_itself(page, two):
    assert page.get("compare", a=two[0], b=two[0])["first"] is None


def test_iterations_are_aligned_with_each_other(page, sfn, eventually):
    machine = create(sfn, {"Each": {**EACH, "End": True}})
    one, other = (start(sfn, machine, {"items": items}) for items in ([1, 2], [1, 3]))
    for arn in (one, other):
        ended(sfn, eventually, arn)
    rows = page.get("compare", a=one, b=other)["rows"]
    fine = {row["iteration"][0][1]: row["input"] for row in rows if row["state"].endswith("/Fine")}
    assert fine == {0: True, 1: False}


def test_an_execution_is_exported_whole_as_json(page, two):
    answer = page.send("GET", f"/console/api/export?arn={two[0]}")
    assert answer.headers["content-disposition"].startswith('attachment; filename="')
    assert answer.body["execution"]["executionArn"] == two[0]
    assert [event["type"] for event in answer.body["events"]][-1] == "ExecutionFailed"
    assert json.loads(answer.body["events"][0]["details"]["input"]) == {"n": 1}


def test_an_execution_is_exported_as_a_page_that_runs_and_loads_nothing(page, two):
    answer = page.send("GET", f"/console/api/export?arn={two[0]}&format=html")
    text = answer.raw.decode()
    tags = []

    class Tags(HTMLParser):
        def handle_starttag(self, tag, attributes):
            tags.append(tag)
            assert not {name for name, _ in attributes} & {"src", "href", "onload"}

    Tags().feed(text)
    assert "script" not in tags
    assert "svg" in tags
    assert "&lt;script&gt;" in text
    assert "sandbox" in answer.headers["content-security-policy"]


def test_the_picture_of_an_execution_has_its_statuses(page, two):
    answer = page.send("GET", f"/console/api/export?arn={two[0]}&format=svg")
    titles = [element.text for element in ElementTree.fromstring(answer.raw).iter() if element.tag.endswith("title")]
    assert "Fail Less: FAILED" in titles
    assert "Pass More" in titles


def test_a_format_that_is_none_is_refused(page, two):
    assert page.send("GET", f"/console/api/export?arn={two[0]}&format=pdf").status == 400


@pytest.mark.parametrize(
    ("given", "result"),
    [
        ({"language": "JSONata", "expression": "$states.input.a + 1", "input": '{"a": 1}'}, "2"),
        ({"language": "JSONata", "expression": "{% $x %}", "variables": '{"x": [1, 2]}'}, "[1,2]"),
        (
            {
                "language": "JSONata",
                "expression": "$states.context.Execution.Name",
                "context": '{"Execution": {"Name": "e"}}',
            },
            '"e"',
        ),
        ({"language": "JSONata", "expression": "nothing"}, None),
        ({"language": "JSONPath", "expression": "$.a[*].b", "input": '{"a": [{"b": 1}, {"b": 2}]}'}, "[1,2]"),
        ({"language": "JSONPath", "expression": "States.Format('{}', $.a)", "input": '{"a": 7}'}, '"7"'),
        ({"language": "JSONPath", "expression": "$$.Execution.Name", "context": '{"Execution": {"Name": "e"}}'}, '"e"'),
        ({"language": "JSONPath", "expression": "$x.y", "variables": '{"x": {"y": null}}'}, "null"),
    ],
)
def test_an_expression_is_tried_on_data(page, given, result):
    assert page.post("playground", given) == {"result": result}


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"language": "JSONata", "expression": "1 +"}, "States.QueryEvaluationError"),
        ({"language": "JSONata", "expression": '1 + "a"'}, "States.QueryEvaluationError"),
        ({"language": "JSONata", "expression": "function($x){$x}"}, "States.QueryEvaluationError"),
        (
            {"language": "JSONata", "expression": "($f := function($n){$f($n + 1)}; $f(0))"},
            "States.QueryEvaluationError",
        ),
        ({"language": "JSONPath", "expression": "$.gone"}, "States.Runtime"),
        ({"language": "JSONPath", "expression": "nothing"}, "States.Runtime"),
        ({"language": "JSONPath", "expression": "States.Nothing()"}, "States.Runtime"),
    ],
)
def test_an_expression_that_fails_says_why(page, given, error):
    answer = page.post("playground", given)
    assert (answer["error"], bool(answer["cause"])) == (error, True)


@pytest.mark.parametrize(
    "given", [{"language": "SQL", "expression": "1"}, {"language": "JSONata", "expression": "1", "input": "{"}, {}]
)
def test_what_is_no_question_is_refused(page, given):
    assert page.post("playground", given, status=400)
