import json

import pytest

from stepwell.integrations.mocks import MockFileError, load_mock_file
from stepwell.integrations.port import Failed, Succeeded


def loaded(tmp_path, content):
    path = tmp_path / "mocks.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return load_mock_file(path)


def with_response(response):
    return {
        "StateMachines": {"Orders": {"TestCases": {"Fails": {"Charge": "charged"}}}},
        "MockedResponses": {"charged": response},
    }


def test_a_response_answers_every_attempt_that_its_keys_name(tmp_path):
    thrown = {"Throw": {"Error": "Busy", "Cause": "try later"}}
    mocks = loaded(tmp_path, with_response({"0": thrown, "1-2": thrown, "3": {"Return": {"paid": True}}}))
    response = mocks.response("Orders", "Fails", "Charge")
    assert [type(response[attempt]) for attempt in range(4)] == [Failed, Failed, Failed, Succeeded]
    assert (response[2].error, response[2].cause) == ("Busy", "try later")
    assert response[3].output.value == {"paid": True}
    assert 4 not in response


def test_a_state_that_is_not_in_the_case_has_no_response(tmp_path):
    mocks = loaded(tmp_path, with_response({"0": {"Return": 1}}))
    assert mocks.response("Orders", "Fails", "Ship") is None
    assert mocks.response("Orders", "Other", "Charge") is None
    assert mocks.has_test_case("Orders", "Fails")
    assert not mocks.has_test_case("Returns", "Fails")


def test_a_file_without_anything_in_it_has_no_test_cases(tmp_path):
    assert not loaded(tmp_path, {}).cases


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{", "is not JSON"),
        ([], "must be a JSON object"),
        (
            {"StateMachine": {}},
            "StateMachine: is not known here. Remove it; there is StateMachines and MockedResponses",
        ),
        ({"StateMachines": {"A": {"Cases": {}}}}, "StateMachines.A.Cases: is not known here"),
        ({"StateMachines": {"A": {"TestCases": {"C": {"S": "r"}}}}}, "StateMachines.A.TestCases.C.S: 'r' is none of"),
        (with_response({"first": {"Return": 1}}), "MockedResponses.charged: 'first' is no attempt"),
        (with_response({"2-1": {"Return": 1}}), "'2-1' is no attempt"),
        (with_response({"0-99999": {"Return": 1}}), "'0-99999' is no attempt"),
        (with_response({"0-1": {"Return": 1}, "1": {"Return": 2}}), "attempt 1 has an answer already"),
        (with_response({"0": {}}), "MockedResponses.charged.0: must have either Return or Throw"),
        (with_response({"0": {"Return": 1, "Throw": {}}}), "must have either Return or Throw"),
        (with_response({"0": {"Retrun": 1}}), "MockedResponses.charged.0.Retrun: is not known here"),
        (with_response({"0": {"Throw": {"Error": "E"}}}), "MockedResponses.charged.0.Throw.Cause: must be a text"),
    ],
)
def test_a_file_that_is_wrong_is_refused_with_the_place(tmp_path, content, words):
    with pytest.raises(MockFileError) as caught:
        loaded(tmp_path, content)
    assert words in str(caught.value)
    assert str(tmp_path / "mocks.json") in str(caught.value)


def test_a_file_that_is_not_there_is_refused_with_its_path(tmp_path):
    with pytest.raises(MockFileError, match=r"nowhere\.json: can't be read: No such file"):
        load_mock_file(tmp_path / "nowhere.json")
