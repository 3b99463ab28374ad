"""HTTP tasks and their connections, as their users have them: boto3, a server, and an API that is called."""

import base64
import json
import threading

import pytest

from e2e.server import ROLE, Server, ended, eventually, whole_history
from http_task.target import serving, token_endpoint

SETTINGS = '[http]\nallow = ["127.0.0.0/8"]\n'
CANARY = "canary-9f31c2d8"
AUTHORIZATIONS = {
    "BASIC": {"BasicAuthParameters": {"Username": "user", "Password": CANARY}},
    "API_KEY": {"ApiKeyAuthParameters": {"ApiKeyName": "X-Key", "ApiKeyValue": CANARY}},
}


@pytest.fixture(scope="module")
def target():
    with serving() as target:
        target.answer("/", body=b'{"id": 7}')
        yield target


@pytest.fixture
def http_server(tmp_path):
    """Return a function that starts a server over the same data folder."""
    (tmp_path / "stepwell.toml").write_text(SETTINGS)
    started = []

    def start(**environment):
        options = ("--config", str(tmp_path / "stepwell.toml"))
        started.append(Server(tmp_path / "data", *options, environment=environment).start())
        return started[-1]

    yield start
    for server in started:
        server.stop()


def events_of(server):
    return server.client(service="events")


def connect(server, name, kind="BASIC", more=None):
    given = {"AuthorizationType": kind, "AuthParameters": {**AUTHORIZATIONS.get(kind, {}), **(more or {})}}
    return events_of(server).create_connection(Name=name, **given)["ConnectionArn"]


def task(target, connection, path="/", method="GET", state=None, **parameters):
    given = {"ApiEndpoint": target.url + path, "Method": method, "InvocationConfig": {"ConnectionArn": connection}}
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::http:invoke",
        "Parameters": {**given, **parameters},
        "End": True,
        **(state or {}),
    }


def start(server, definition, name="m", **more):
    client = server.client()
    text = json.dumps({"StartAt": "Call", "States": {"Call": definition}})
    machine = client.create_state_machine(name=name, definition=text, roleArn=ROLE, **more)["stateMachineArn"]
    return client.start_execution(stateMachineArn=machine)["executionArn"]


def found_in(folder, *texts):
    """Return the files of a folder that hold one of these texts."""
    return [
        path.name
        for path in folder.rglob("*")
        if path.is_file() and any(text.encode() in path.read_bytes() for text in texts)
    ]


def test_a_task_calls_an_api_with_its_connection(http_server, target):
    server = http_server()
    arn = start(server, task(target, connect(server, "billing"), QueryParameters={"a": "b"}))
    done = ended(server.client(), arn)
    assert (done["status"], json.loads(done["output"])["ResponseBody"]) == ("SUCCEEDED", {"id": 7})
    assert target.last.query == "a=b"
    assert target.last.headers["authorization"] == "Basic " + base64.b64encode(f"user:{CANARY}".encode()).decode()
    (scheduled,) = (each for each in whole_history(server.client(), arn) if each["type"] == "TaskScheduled")
    assert scheduled["taskScheduledEventDetails"]["resourceType"] == "http"


def test_an_error_of_the_api_is_retried_and_caught_by_name(http_server, target):
    server = http_server()
    target.answer("/down", 503, b"down", "text/plain")
    retry = {"ErrorEquals": ["States.Http.StatusCode.503"], "IntervalSeconds": 1, "MaxAttempts": 1}
    state = {"Retry": [retry], "Catch": [{"ErrorEquals": ["States.Http.StatusCode.503"], "Next": "Down"}]}
    before = len(target.received)
    definition = {
        "StartAt": "Call",
        "States": {
            "Call": task(target, connect(server, "billing"), "/down", state=state),
            "Down": {"Type": "Pass", "End": True},
        },
    }
    client = server.client()
    machine = client.create_state_machine(name="m", definition=json.dumps(definition), roleArn=ROLE)
    done = ended(client, client.start_execution(stateMachineArn=machine["stateMachineArn"])["executionArn"])
    assert done["status"] == "SUCCEEDED"
    assert json.loads(json.loads(done["output"])["Cause"])["StatusText"] == "Service Unavailable"
    assert len(target.received) - before == 2


def test_a_connection_outlives_the_server_and_its_secret_is_nowhere_to_be_read(http_server, target, tmp_path):
    """The canary: what a connection is given is in no log, history, error, answer or file, whatever goes wrong."""
    server = http_server()
    more = {
        "InvocationHttpParameters": {
            "QueryStringParameters": [{"Key": "q", "Value": CANARY, "IsValueSecret": True}],
            "BodyParameters": [{"Key": "b", "Value": CANARY, "IsValueSecret": True}],
        }
    }
    connections = {kind: connect(server, kind.lower(), kind, more) for kind in AUTHORIZATIONS}
    token_endpoint(target, [CANARY + "-token"] * 9)
    oauth = {
        "ClientParameters": {"ClientID": "id", "ClientSecret": CANARY},
        "AuthorizationEndpoint": f"{target.url}/token",
        "HttpMethod": "POST",
    }
    connections["OAUTH"] = connect(server, "oauth", "OAUTH_CLIENT_CREDENTIALS", {"OAuthParameters": oauth})
    server.kill()
    server = http_server()
    client, events = server.client(), events_of(server)
    shown = [repr(events.describe_connection(Name=name)) for name in ("basic", "api_key", "oauth")]
    shown.append(repr(events.list_connections()))
    log = {"level": "ALL", "includeExecutionData": True}
    groups = [{"cloudWatchLogsLogGroup": {"logGroupArn": "arn:aws:logs:us-east-1:123456789012:log-group:/g:*"}}]
    refused = {**target.answers}
    target.answer("/down", 500, b"down", "text/plain")
    target.answer("/image", 200, b"x", "image/png")
    for number, (path, connection) in enumerate(
        (path, connection) for path in ("/", "/down", "/image") for connection in connections.values()
    ):
        definition = task(target, connection, path, "POST")
        arn = start(server, definition, f"m{number}", loggingConfiguration={**log, "destinations": groups})
        shown.append(repr(ended(client, arn)) + repr(whole_history(client, arn)))
        asked = {"definition": json.dumps(definition), "roleArn": ROLE, "inspectionLevel": "TRACE"}
        shown.append(repr(client.test_state(**asked)))
        assert CANARY in repr(client.test_state(**asked, revealSecrets=True))
    gone = {"ApiEndpoint": "http://127.0.0.1:1/"}
    shown.append(repr(ended(client, start(server, task(target, connections["BASIC"], **gone), "gone"))))
    target.answers = refused
    assert server.stop() == 0
    hidden = base64.b64encode(f"user:{CANARY}".encode()).decode()
    assert [text for text in shown if CANARY in text or hidden in text] == []
    assert found_in(tmp_path, CANARY, hidden, base64.b64encode(CANARY.encode()).decode()) == []


def test_a_test_of_a_state_shows_what_went_over_http(http_server, target):
    server = http_server()
    definition = task(target, connect(server, "billing", "API_KEY"), "/", "POST", RequestBody={"a": 1})
    asked = {"definition": json.dumps(definition), "roleArn": ROLE, "inspectionLevel": "TRACE"}
    data = server.client().test_state(**asked)["inspectionData"]
    assert (data["request"]["method"], data["request"]["body"]) == ("POST", '{"a":1}')
    assert "X-Key: ***" in data["request"]["headers"]
    assert (data["response"]["statusCode"], data["response"]["body"]) == ("200", '{"id": 7}')
    data = server.client().test_state(**asked, revealSecrets=True)["inspectionData"]
    assert f"X-Key: {CANARY}" in data["request"]["headers"]
    assert "request" not in server.client().test_state(**{**asked, "inspectionLevel": "DEBUG"})["inspectionData"]


def test_a_call_that_a_crash_interrupted_is_made_again(http_server, target):
    """At least once: the server is killed while the API has not answered yet, and the restart goes on."""
    server = http_server()
    released, arrived = threading.Event(), []

    def slow(received):
        arrived.append(received.headers["x-execution"])
        released.wait(30)
        return 200, {}, b"done"

    target.answers["/slow"] = slow
    headers = {"X-Execution.$": "$$.Execution.Name"}
    arn = start(server, task(target, connect(server, "billing"), "/slow", "POST", Headers=headers))
    eventually(lambda: list(arrived), lambda found: len(found) == 1)
    server.kill()
    server = http_server()
    eventually(lambda: list(arrived), lambda found: len(found) == 2)
    released.set()
    done = ended(server.client(), arn)
    assert (done["status"], json.loads(done["output"])["ResponseBody"]) == ("SUCCEEDED", "done")
    assert set(arrived) == {arn.rpartition(":")[2]}
    history = [event["type"] for event in whole_history(server.client(), arn)]
    assert history.count("TaskScheduled") == history.count("TaskSucceeded") == 1


def test_a_key_that_does_not_fit_is_told_where_it_matters(http_server, target):
    def key(byte):
        return {"STEPWELL_SECRET_KEY": base64.b64encode(byte * 32).decode()}

    server = http_server(**key(b"a"))
    connection = connect(server, "billing")
    server.stop()
    server = http_server(**key(b"b"))
    done = ended(server.client(), start(server, task(target, connection)))
    assert done["error"] == "Events.ConnectionResource.InternalError"
    assert "another key" in done["cause"]
    events_of(server).update_connection(
        Name="billing", AuthParameters={**AUTHORIZATIONS["BASIC"], "InvocationHttpParameters": {}}
    )
    assert ended(server.client(), start(server, task(target, connection), "again"))["status"] == "SUCCEEDED"


def test_a_connection_that_can_not_be_used_is_an_error_of_its_name(http_server, target):
    server = http_server()
    connection = connect(server, "billing")
    events = events_of(server)
    events.deauthorize_connection(Name="billing")
    done = ended(server.client(), start(server, task(target, connection), "a"))
    assert done["error"] == "Events.ConnectionResource.InvalidConnectionState"
    events.delete_connection(Name="billing")
    connect(server, "billing")
    done = ended(server.client(), start(server, task(target, connection), "b"))
    assert done["error"] == "Events.ConnectionResource.ResourceNotFound"
    foreign = connection.replace("123456789012", "210987654321")
    done = ended(server.client(), start(server, task(target, foreign), "c"))
    assert done["error"] == "Events.ConnectionResource.AccessDenied"
