"""The event bus as its users have it: boto3's client of EventBridge, over real HTTP."""

import json
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import ClassVar

import pytest
from botocore.exceptions import ClientError

from e2e.server import ACCOUNT, REGION, ROLE, Server, ended, eventually

PASS = {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}}
FAIL = {"StartAt": "F", "States": {"F": {"Type": "Fail", "Error": "Broken", "Cause": "on purpose"}}}
STATES = f"arn:aws:states:{REGION}:{ACCOUNT}"


@pytest.fixture(scope="module")
def events(server):
    return server.client(service="events")


@pytest.fixture
def name():
    return f"events-{uuid.uuid4().hex[:8]}"


def machine(sfn, name, definition=PASS):
    return sfn.create_state_machine(name=name, definition=json.dumps(definition), roleArn=ROLE)["stateMachineArn"]


def put(name, **entry):
    return {"Source": name, "DetailType": "Ordered", "Detail": '{"n": 1}', **entry}


def rule(events, name, pattern, target, **more):
    arn = events.put_rule(Name=name, EventPattern=json.dumps(pattern))["RuleArn"]
    answer = events.put_targets(Rule=name, Targets=[{"Id": "1", "Arn": target, **more}])
    assert answer["FailedEntryCount"] == 0, answer
    return arn


def inputs(sfn, arn, count):
    """Return the inputs of the executions of a state machine, once there are so many."""
    look = lambda: sfn.list_executions(stateMachineArn=arn)["executions"]  # noqa: E731
    found = eventually(look, lambda found: len(found) >= count)
    described = [sfn.describe_execution(executionArn=each["executionArn"]) for each in found]
    assert len(found) == count, described
    return [json.loads(each["input"]) for each in reversed(described)]


def test_an_event_starts_the_state_machine_of_the_rule_that_it_matches(sfn, events, name):
    target = machine(sfn, name)
    arn = rule(events, name, {"source": [name], "detail": {"n": [{"numeric": [">", 0]}]}}, target)
    answer = events.put_events(Entries=[put(name), put(name, Detail='{"n": 0}'), put("elsewhere")])
    assert answer["FailedEntryCount"] == 0
    (event,) = inputs(sfn, target, 1)
    assert event["id"] == answer["Entries"][0]["EventId"]
    assert {key: event[key] for key in ("version", "detail-type", "source", "account", "region", "resources")} == {
        "version": "0",
        "detail-type": "Ordered",
        "source": name,
        "account": ACCOUNT,
        "region": REGION,
        "resources": [],
    }
    assert event["detail"] == {"n": 1}
    assert arn == f"arn:aws:events:{REGION}:{ACCOUNT}:rule/{name}"


def test_a_change_of_an_executions_status_is_an_event_in_awss_shape(sfn, events, name):
    watched, target = machine(sfn, f"{name}-watched", FAIL), machine(sfn, name)
    pattern = {"source": ["aws.states"], "detail": {"stateMachineArn": [watched], "status": ["FAILED", "RUNNING"]}}
    rule(events, name, pattern, target)
    arn = sfn.start_execution(stateMachineArn=watched, name="e", input='{"a": 1}')["executionArn"]
    found = sorted(inputs(sfn, target, 2), key=lambda event: event["detail"]["status"], reverse=True)
    described = sfn.describe_execution(executionArn=arn)
    started, stopped = (round(described[key].timestamp() * 1000) for key in ("startDate", "stopDate"))
    same = {"executionArn": arn, "stateMachineArn": watched, "name": "e", "startDate": started, "input": '{"a": 1}'}
    same |= {"stateMachineVersionArn": None, "stateMachineAliasArn": None, "redriveCount": 0, "redriveDate": None}
    same |= {"inputDetails": {"included": True}, "output": None, "outputDetails": None}
    running = {"redriveStatus": "NOT_REDRIVABLE", "error": None, "cause": None, "stopDate": None, "status": "RUNNING"}
    running |= {"redriveStatusReason": "Execution is RUNNING and cannot be redriven"}
    failed = {"redriveStatus": "REDRIVABLE", "error": "Broken", "cause": "on purpose", "stopDate": stopped}
    failed |= {"redriveStatusReason": None, "status": "FAILED"}
    assert [event["detail"] for event in found] == [{**same, **running}, {**same, **failed}]
    assert {event["source"] for event in found} == {"aws.states"}
    assert {event["detail-type"] for event in found} == {"Step Functions Execution Status Change"}
    assert all(event["resources"] == [arn] for event in found)


def test_a_redrive_is_announced_with_its_count(sfn, events, name):
    watched, target = machine(sfn, f"{name}-watched", FAIL), machine(sfn, name)
    arn = sfn.start_execution(stateMachineArn=watched, name="e")["executionArn"]
    rule(events, name, {"detail": {"executionArn": [arn]}}, target)
    sfn.redrive_execution(executionArn=arn)
    found = {event["detail"]["status"]: event["detail"] for event in inputs(sfn, target, 2)}
    assert found.keys() == {"RUNNING", "FAILED"}
    assert {detail["redriveCount"] for detail in found.values()} == {1}
    assert found["RUNNING"]["redriveDate"] == found["FAILED"]["redriveDate"] > found["RUNNING"]["startDate"]


def test_a_task_puts_events_with_its_execution_in_their_resources(sfn, events, name):
    target = machine(sfn, name)
    rule(events, name, {"source": [name]}, target)
    entries = [{"Source": name, "DetailType": "T", "Detail": {"n.$": "$.n"}, "Resources": ["mine"]}]
    state = {"Type": "Task", "Resource": "arn:aws:states:::events:putEvents", "Parameters": {"Entries": entries}}
    sender = machine(sfn, f"{name}-sender", {"StartAt": "P", "States": {"P": {**state, "End": True}}})
    arn = sfn.start_execution(stateMachineArn=sender, input='{"n": 7}')["executionArn"]
    (event,) = inputs(sfn, target, 1)
    assert event["resources"] == ["mine", sender, arn]
    assert event["detail"] == {"n": 7}
    output = json.loads(sfn.describe_execution(executionArn=arn)["output"])
    assert output == {"Entries": [{"EventId": event["id"]}], "FailedEntryCount": 0}


def test_an_entry_that_fails_fails_the_task(sfn, name):
    entries = [put(name), {"Source": name, "DetailType": "T", "Detail": "no JSON"}, {"DetailType": "T", "Detail": {}}]
    state = {"Type": "Task", "Resource": "arn:aws:states:::events:putEvents", "Parameters": {"Entries": entries}}
    sender = machine(sfn, name, {"StartAt": "P", "States": {"P": {**state, "End": True}}})
    arn = sfn.start_execution(stateMachineArn=sender)["executionArn"]
    found = ended(sfn, arn)
    assert (found["status"], found["error"]) == ("FAILED", "EventBridge.FailedEntry")
    cause = json.loads(found["cause"])
    assert cause["FailedEntryCount"] == 2
    assert [entry.get("ErrorCode") for entry in cause["Entries"]] == [None, "MalformedDetail", "InvalidArgument"]


def test_a_function_is_a_target_with_a_template(sfn, events, name):
    function = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:answer"
    state = {
        "Type": "Task",
        "Resource": "arn:aws:states:::events:putEvents.waitForTaskToken",
        "Parameters": {
            "Entries": [{"Source": name, "DetailType": "T", "Detail": {"token.$": "$$.Task.Token"}}],
        },
        "End": True,
    }
    transformer = {"InputPathsMap": {"token": "$.detail.token"}, "InputTemplate": '{"token": <token>}'}
    rule(events, name, {"source": [name]}, function, InputTransformer=transformer)
    waiting = machine(sfn, name, {"StartAt": "W", "States": {"W": state}})
    found = ended(sfn, sfn.start_execution(stateMachineArn=waiting)["executionArn"])
    assert (found["status"], found["output"]) == ("SUCCEEDED", '"by the function"')


def test_rules_are_described_listed_changed_and_deleted(events, name):
    pattern = '{"source":["a"]}'
    arn = events.put_rule(Name=name, EventPattern=pattern, Description="d", Tags=[{"Key": "k", "Value": "v"}])[
        "RuleArn"
    ]
    described = events.describe_rule(Name=name)
    assert {key: described[key] for key in ("Arn", "EventPattern", "State", "Description", "EventBusName")} == {
        "Arn": arn,
        "EventPattern": pattern,
        "State": "ENABLED",
        "Description": "d",
        "EventBusName": "default",
    }
    events.disable_rule(Name=name)
    assert [each["State"] for each in events.list_rules(NamePrefix=name)["Rules"]] == ["DISABLED"]
    events.enable_rule(Name=name)
    target = f"{STATES}:stateMachine:none"
    targets = [{"Id": key, "Arn": target} for key in ("a", "b")]
    events.put_targets(Rule=name, Targets=targets)
    assert events.list_targets_by_rule(Rule=name)["Targets"] == targets
    assert name in events.list_rule_names_by_target(TargetArn=target)["RuleNames"]
    with pytest.raises(ClientError, match="Rule can't be deleted since it has targets"):
        events.delete_rule(Name=name)
    removed = events.remove_targets(Rule=name, Ids=["a", "b", "c"])
    assert [each["TargetId"] for each in removed["FailedEntries"]] == ["c"]
    events.tag_resource(ResourceARN=arn, Tags=[{"Key": "x", "Value": "y"}])
    events.untag_resource(ResourceARN=arn, TagKeys=["k"])
    assert events.list_tags_for_resource(ResourceARN=arn)["Tags"] == [{"Key": "x", "Value": "y"}]
    events.delete_rule(Name=name)
    events.delete_rule(Name=name)
    with pytest.raises(events.exceptions.ResourceNotFoundException, match=f"Rule {name} does not exist on EventBus"):
        events.describe_rule(Name=name)


def test_rules_are_listed_in_pages(events, name):
    names = [f"{name}-{number}" for number in range(5)]
    for each in names:
        events.put_rule(Name=each, EventPattern='{"source":["a"]}')
    found, more = [], {}
    while more is not None:
        page = events.list_rules(NamePrefix=name, Limit=2, **more)
        found += [each["Name"] for each in page["Rules"]]
        more = {"NextToken": page["NextToken"]} if "NextToken" in page else None
    assert found == names


def test_a_bus_of_ones_own_has_its_own_rules(sfn, events, name):
    target = machine(sfn, name)
    arn = events.create_event_bus(Name=name, Description="d")["EventBusArn"]
    with pytest.raises(events.exceptions.ResourceAlreadyExistsException):
        events.create_event_bus(Name=name)
    rule_arn = events.put_rule(Name=name, EventBusName=name, EventPattern='{"source":["a"]}')["RuleArn"]
    assert rule_arn.endswith(f":rule/{name}/{name}")
    events.put_targets(Rule=name, EventBusName=arn, Targets=[{"Id": "1", "Arn": target, "InputPath": "$.detail.n"}])
    events.put_events(Entries=[put("a"), put("a", EventBusName=name, Detail='{"n": 42}')])
    assert inputs(sfn, target, 1) == [42]
    assert events.describe_event_bus(Name=name)["Description"] == "d"
    assert {"default", name} <= {bus["Name"] for bus in events.list_event_buses()["EventBuses"]}
    with pytest.raises(ClientError, match="has rules"):
        events.delete_event_bus(Name=name)


@pytest.mark.parametrize(
    ("call", "code", "message"),
    [
        (lambda e: e.put_rule(Name="r", EventPattern="[]"), "InvalidEventPatternException", "Filter is not an object"),
        (lambda e: e.put_rule(Name="r", ScheduleExpression="rate(1 days)"), "ValidationException", "not valid"),
        (lambda e: e.put_rule(Name="r"), "ValidationException", "must be specified"),
        (
            lambda e: e.put_rule(Name="r", EventBusName="no", EventPattern="{}"),
            "ResourceNotFoundException",
            "Event bus no does not exist.",
        ),
        (lambda e: e.put_targets(Rule="no", Targets=[{"Id": "1", "Arn": "a"}]), "ResourceNotFoundException", "Rule no"),
        (lambda e: e.test_event_pattern(EventPattern="{}", Event="[]"), "ValidationException", "Parameter Event"),
        (lambda e: e.put_events(Entries=[]), "ValidationException", "greater than or equal to 1"),
    ],
)
def test_what_cannot_be_is_refused_as_by_aws(events, call, code, message):
    with pytest.raises(ClientError, match=message) as refused:
        call(events)
    assert refused.value.response["Error"]["Code"] == code


def test_a_pattern_is_tried_on_an_event(events):
    event = {"id": "1", "account": "1", "source": "a", "time": "2027-01-01T00:00:00Z", "region": "r", "resources": []}
    event["detail-type"] = "T"
    for pattern, expected in (('{"source":["a"]}', True), ('{"source":["b"]}', False)):
        assert events.test_event_pattern(EventPattern=pattern, Event=json.dumps(event))["Result"] is expected


def test_events_of_aws_cannot_be_put(events):
    answer = events.put_events(Entries=[put("aws.states")])
    assert answer["Entries"] == [
        {"ErrorCode": "NotAuthorizedForSource", "ErrorMessage": "Not authorized for the source."}
    ]


def test_a_target_that_nothing_can_be_brought_to_is_refused(events, name):
    events.put_rule(Name=name, EventPattern='{"source":["a"]}')
    answer = events.put_targets(Rule=name, Targets=[{"Id": "1", "Arn": "arn:aws:ec2:us-east-1:1:instance/i"}])
    assert answer["FailedEntryCount"] == 1
    assert "a state machine, a function" in answer["FailedEntries"][0]["ErrorMessage"]


def test_what_was_not_delivered_before_a_crash_is_delivered_after_it_once(tmp_path):
    server = Server(tmp_path / "data").start()
    try:
        sfn, events = server.client(), server.client(service="events")
        watched, target = machine(sfn, "watched"), machine(sfn, "target")
        rule(events, "ended", {"detail": {"stateMachineArn": [watched], "status": ["SUCCEEDED"]}}, target)
        for number in range(40):
            sfn.start_execution(stateMachineArn=watched, name=f"e{number}")
        server.kill()
        server.start()
        sfn = server.client()
        found = inputs(sfn, target, 40)
        server.kill()
        server.start()
        assert inputs(server.client(), target, 40) == found
        assert sorted(event["detail"]["name"] for event in found) == sorted(f"e{number}" for number in range(40))
    finally:
        server.stop()


class Hook(BaseHTTPRequestHandler):
    """A web hook that is out of order once, and then takes what it is sent."""

    taken: ClassVar[list[tuple[str, str, dict[str, str], object]]] = []
    refusals: ClassVar[list[int]] = [503]

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        status = self.refusals.pop() if self.refusals else 200
        if status == 200:
            self.taken.append((self.path, self.headers["x-key"], self.headers["x-more"], body))
        self.send_response(status)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def test_a_web_hook_is_called_with_its_connection_until_it_takes_the_event(tmp_path):
    (tmp_path / "stepwell.toml").write_text('[http]\nallow = ["127.0.0.1"]\n')
    hook = ThreadingHTTPServer(("127.0.0.1", 0), Hook)
    Thread(target=hook.serve_forever, daemon=True).start()
    server = Server(tmp_path / "data", "--config", str(tmp_path / "stepwell.toml")).start()
    try:
        events = server.client(service="events")
        key = {"ApiKeyName": "x-key", "ApiKeyValue": "the secret"}
        connection = events.create_connection(
            Name="hook", AuthorizationType="API_KEY", AuthParameters={"ApiKeyAuthParameters": key}
        )["ConnectionArn"]
        url = f"http://127.0.0.1:{hook.server_port}/orders/*"
        made = {"Name": "hook", "ConnectionArn": connection, "InvocationEndpoint": url, "HttpMethod": "POST"}
        arn = events.create_api_destination(**made)["ApiDestinationArn"]
        with pytest.raises(events.exceptions.ResourceAlreadyExistsException):
            events.create_api_destination(**made)
        described = events.describe_api_destination(Name="hook")
        assert {name: described[name] for name in made} == made
        http = {"PathParameterValues": ["a b"], "HeaderParameters": {"x-more": "yes"}}
        rule(events, "hook", {"source": ["shop"]}, arn, InputPath="$.detail", HttpParameters=http)
        events.put_events(Entries=[put("shop")])
        found = eventually(lambda: Hook.taken, bool)
        assert found == [("/orders/a%20b", "the secret", "yes", {"n": 1})]
        assert "the secret" not in server.log_text()
        events.delete_api_destination(Name="hook")
        assert events.list_api_destinations()["ApiDestinations"] == []
    finally:
        server.stop()
        hook.shutdown()
        hook.server_close()
