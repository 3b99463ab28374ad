import pytest
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st


def event(number):
    details = {"name": "S", "input": "{}", "inputDetails": {"truncated": False}}
    return {
        "id": number,
        "previousEventId": number - 1,
        "timestamp": 1767225600.5,
        "type": "PassStateEntered",
        "stateEnteredEventDetails": details,
    }


@pytest.fixture
def execution(api, sfn, machine):
    arn = sfn.start_execution(stateMachineArn=machine, name="run")["executionArn"]
    api.engine.events[arn] = [event(number) for number in range(1, 251)]
    return arn


def pages(sfn, arn, **params):
    """Follow the tokens; return the ids of each page."""
    found, token = [], {}
    while True:
        page = sfn.get_execution_history(executionArn=arn, **params, **token)
        found.append([item["id"] for item in page["events"]])
        if "nextToken" not in page:
            return found
        token = {"nextToken": page["nextToken"]}


def test_the_history_comes_in_pages_of_100(sfn, execution):
    assert [len(page) for page in pages(sfn, execution)] == [100, 100, 50]
    assert [len(page) for page in pages(sfn, execution, maxResults=0)] == [100, 100, 50]
    assert pages(sfn, execution, maxResults=1000) == [list(range(1, 251))]


@given(
    size=st.integers(min_value=1, max_value=12), backwards=st.booleans(), count=st.integers(min_value=1, max_value=30)
)
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_pages_hold_each_event_once_and_in_order(api, sfn, execution, size, backwards, count):
    api.engine.events[execution] = [event(number) for number in range(1, count + 1)]
    found = pages(sfn, execution, maxResults=size, reverseOrder=backwards)
    assert all(len(page) == size for page in found[:-1])
    everything = [number for page in found for number in page]
    assert everything == sorted(range(1, count + 1), reverse=backwards)


def test_a_token_is_good_for_one_direction(sfn, execution):
    token = sfn.get_execution_history(executionArn=execution)["nextToken"]
    with pytest.raises(ClientError, match="InvalidToken"):
        sfn.get_execution_history(executionArn=execution, nextToken=token, reverseOrder=True)


def test_pages_go_on_with_what_happens_meanwhile(api, sfn, execution):
    token = sfn.get_execution_history(executionArn=execution, maxResults=200)["nextToken"]
    api.engine.events[execution].append(event(251))
    rest = sfn.get_execution_history(executionArn=execution, nextToken=token)
    assert [item["id"] for item in rest["events"]] == list(range(201, 252))


def test_execution_data_can_be_left_out(api, sfn, execution):
    page = sfn.get_execution_history(executionArn=execution, maxResults=1, includeExecutionData=False)
    assert page["events"][0]["stateEnteredEventDetails"] == {"name": "S"}
    assert api.engine.events[execution][0] == event(1)
    full = sfn.get_execution_history(executionArn=execution, maxResults=1)
    assert full["events"][0]["stateEnteredEventDetails"]["input"] == "{}"
