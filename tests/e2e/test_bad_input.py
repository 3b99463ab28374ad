"""Bad input over HTTP: each gets AWS's code and a text that says what is wrong and where, and the server stays up."""

import http.client
import json
import re
import socket

import pytest

from e2e.definitions import HELLO, LONG_WAIT, PASS, states
from e2e.server import ROLE

MANY = 100_000
BOMB = "\n".join(
    ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    + ["StartAt: A", "States: {A: {Type: Pass, End: true, Result: *a8}}"]
)


@pytest.fixture
def post(server):
    """Send a body as it is; return (status, error code, message)."""

    def post(target, body, *, path="/", method="POST", **headers):
        connection = http.client.HTTPConnection(server.url.removeprefix("http://"), timeout=30)
        try:
            connection.request(method, path, body, {"X-Amz-Target": f"AWSStepFunctions.{target}", **headers})
            response = connection.getresponse()
            answer = json.loads(response.read())
        finally:
            connection.close()
        return response.status, answer.get("__type", "").rpartition("#")[2], answer.get("message")

    return post


@pytest.fixture(autouse=True)
def _the_server_stays_up(server):
    yield
    connection = http.client.HTTPConnection(server.url.removeprefix("http://"), timeout=30)
    connection.request("GET", "/health")
    health = json.loads(connection.getresponse().read())
    connection.close()
    assert (health["status"], health["parked"]["count"]) == ("ok", 0)
    log = server.log_text()
    assert "this is a bug" not in log
    assert "Traceback" not in log.replace("stepwell.functions.fail: Traceback", "")


def create(post, definition, name="bad"):
    text = definition if isinstance(definition, str) else json.dumps(definition)
    return post("CreateStateMachine", json.dumps({"name": name, "definition": text, "roleArn": ROLE}))


def one(**state):
    return {"StartAt": "A", "States": {"A": state}}


NOT_READABLE = {
    "cut off": ('{"StartAt": "A", "States": {', "Unexpected end-of-input", 1, 29),
    "comma too many": ('{"StartAt": "A",\n "States": {"A": {"Type": "Pass", "End": true,}}}', "code 125", 2, 48),
    "duplicate key": ('{"StartAt": "A",\n "StartAt": "B"}', "Duplicate field 'StartAt'", 2, 2),
    "NaN": ('{"StartAt": NaN}', "Non-standard token 'NaN'", 1, 16),
    "infinite": ('{"StartAt": 1e999}', "1e999", 1, 18),
    "control character": ('{"StartAt": "a\x01b"}', "CTRL-CHAR, code 1", 1, 16),
    "half a character": (r'{"StartAt": "\ud800"}', "surrogate", 1, None),
    "nested too deep": ('{"StartAt": ' + "[" * 5_000, "nesting depth (201) exceeds", 1, None),
    "YAML not closed": ("StartAt: A\nStates:\n  A: [unclosed\n", "flow sequence", 4, 1),
    "YAML with a tab": ("StartAt: A\n\tStates: 1", "tab character", 2, 1),
    "YAML duplicate key": ("StartAt: A\nStartAt: B\n", "Duplicate field 'StartAt'", 2, 1),
    "YAML bomb": (BOMB, "unfolds to more than", None, None),
}


@pytest.mark.parametrize("case", NOT_READABLE)
def test_a_definition_that_cannot_be_read_is_refused_where_it_breaks(post, case):
    text, what, line, column = NOT_READABLE[case]
    any_number = r"\d+"
    status, code, message = create(post, text)
    assert (status, code) == (400, "InvalidDefinition")
    assert message.startswith("Invalid State Machine Definition: 'INVALID_JSON_DESCRIPTION: ")
    assert what in message
    assert re.search(rf"line: {line or any_number}, column: {column or any_number}\]", message), message


def test_yaml_runs_no_code(post, tmp_path):
    ran = tmp_path / "ran"
    status, code, _ = create(post, f'StartAt: A\nStates: !!python/object/apply:os.system ["touch {ran}"]')
    assert (status, code, ran.exists()) == (400, "InvalidDefinition", False)


WRONG = {
    "unknown field": (one(**PASS, End=True, Colour="red"), "Field 'Colour' is not supported at /States/A"),
    "unknown type": (one(Type="Nope"), "'Type' should have one of these values", "/States/A/Type"),
    "nothing in it": ({}, "These fields are required: [States, StartAt]"),
    "no object": ("[]", "Definition must be a valid JSON object"),
    "unreachable state": (
        {"StartAt": "A", "States": {"A": {**PASS, "End": True}, "B": {**PASS, "End": True}}},
        'State "B" is not reachable. at /States/B',
    ),
    "missing state": (one(**PASS, Next="Nowhere"), "Missing 'Next' target: Nowhere at /States/A/Next"),
    "missing start": ({**HELLO, "StartAt": "Z"}, "Missing 'Next' target: Z at /StartAt"),
    "no way out": (one(**PASS), "only one of the following fields: [Next, End] at /States/A"),
    "no end": (one(**PASS, Next="A"), "Workflow has no terminal state"),
    "bad path": (one(**PASS, End=True, InputPath="$.a["), "valid JSONPath", "/States/A/InputPath"),
    "bad reference path": (one(**PASS, End=True, ResultPath="$.a[*]"), "not a Reference Path at /States/A/ResultPath"),
    "bad intrinsic": (
        one(**PASS, End=True, Parameters={"x.$": "States.Nope(1)"}),
        "The value for the field 'x.$' must be a valid JSONPath or a valid intrinsic function call",
        "/States/A/Parameters",
    ),
    "wrong type": (one(Type="Wait", Seconds="ten", End=True), "Expected value of type Integer at /States/A/Seconds"),
    "out of range": (one(Type="Wait", Seconds=-1, End=True), "Minimum value is 0 at /States/A/Seconds"),
    "no resource ARN": (one(Type="Task", Resource="x", End=True), "not a valid resource ARN at /States/A/Resource"),
    "long name of a state": (states(**{"A" * 81: PASS}), "exceeds the 80-character limit"),
    "in a branch": (
        one(Type="Parallel", End=True, Branches=[one(**PASS, Next="B")]),
        "Missing 'Next' target: B at /States/A/Branches[0]/States/A/Next",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_a_definition_that_is_wrong_is_refused_with_the_place(post, case):
    definition, *words = WRONG[case]
    status, code, message = create(post, definition)
    assert (status, code) == (400, "InvalidDefinition")
    assert message.startswith("Invalid State Machine Definition: '")
    for word in words:
        assert word in message


def test_all_that_is_wrong_is_said_at_once(post):
    broken = {"A": {**PASS, "Next": "X", "Bad": 1}, "B": {"Type": "Wait", "Seconds": "1", "End": True}}
    _, _, message = create(post, {"StartAt": "A", "States": broken})
    for problem in (
        "Field 'Bad' is not supported at /States/A",
        "Missing 'Next' target: X at /States/A/Next",
        "Expected value of type Integer at /States/B/Seconds",
    ):
        assert problem in message


@pytest.mark.parametrize(
    "name", ["a b", "a/b", "a\nb", "<script>", 'a"b', "a:b", "a'b;--", "a*", "$name", "a\\b", "{x}"]
)
def test_a_hostile_name_is_refused_by_name(post, name):
    assert create(post, HELLO, name) == (400, "InvalidName", f"Invalid Name: '{name}'")


@pytest.mark.parametrize("name", ["", "x" * 81])
def test_a_name_of_a_wrong_length_is_a_validation_error(post, name):
    status, code, message = create(post, HELLO, name)
    assert (status, code) == (400, "ValidationException")
    assert f"Value '{name}' at 'name' failed to satisfy constraint: Member must have length" in message


@pytest.mark.parametrize("name", ["..", "ünïcode-名前", "a" * 80, "-", "_.-"])
def test_an_odd_name_that_aws_takes_is_only_a_name(server, post, sfn, create_machine, name):
    arn = create_machine(name)
    assert arn.endswith(f":stateMachine:{name}")
    assert sfn.describe_state_machine(stateMachineArn=arn)["name"] == name
    execution = sfn.start_execution(stateMachineArn=arn, name=name)["executionArn"]
    assert execution.endswith(f":{name}:{name}")
    assert sorted(path.name for path in server.data.parent.iterdir() if path.name == name) == []


@pytest.fixture
def create_machine(sfn):
    made = []

    def create_machine(name, definition=HELLO):
        arn = sfn.create_state_machine(name=name, definition=json.dumps(definition), roleArn=ROLE)["stateMachineArn"]
        made.append(arn)
        return arn

    yield create_machine
    for arn in made:
        sfn.delete_state_machine(stateMachineArn=arn)


INPUTS = {
    "no JSON": ("not json", "Unrecognized token 'not'"),
    "nothing": ("", "Invalid execution input."),
    "NaN": ('{"a":NaN}', "Non-standard token 'NaN'"),
    "infinite": ("1e999", "1e999"),
    "leading zero": ("01", "Leading zeroes not allowed"),
    "more behind": ('{"a":1} x', "Unrecognized token 'x'"),
    "nested too deep": ("[" * 3_000 + "]" * 3_000, "nesting depth (201) exceeds"),
    "number too long": ("1" * 5_000, "exceeds the maximum allowed"),
    "half a character": (r'"\ud800"', "surrogate"),
    "control character": ('"\x01"', "CTRL-CHAR, code 1"),
}


@pytest.mark.parametrize("case", INPUTS)
def test_an_input_that_is_no_json_is_refused(post, create_machine, case):
    text, what = INPUTS[case]
    machine = create_machine("inputs")
    status, code, message = post("StartExecution", json.dumps({"stateMachineArn": machine, "input": text}))
    assert (status, code) == (400, "InvalidExecutionInput")
    assert message.startswith("Invalid State Machine Execution Input: '")
    assert what in message


def test_sizes_are_held_to_to_the_byte(post, sfn, create_machine):
    machine = create_machine("sizes")
    fits = json.dumps("é" * 131_071, ensure_ascii=False)
    assert len(fits.encode()) == 262_144
    assert "executionArn" in sfn.start_execution(stateMachineArn=machine, input=fits)
    status, code, message = post("StartExecution", json.dumps({"stateMachineArn": machine, "input": fits + " "}))
    assert (status, code) == (400, "ValidationException")
    assert "at 'input' failed to satisfy constraint: Member must have length less than or equal to 262144" in message
    definition = json.dumps(one(**PASS, End=True, Comment="x" * 1_048_576))
    status, code, message = create(post, definition)
    assert (status, code) == (400, "ValidationException")
    assert "'definition'" in message
    assert "1048576" in message


def test_a_body_that_is_too_large_is_refused_before_it_is_read(post):
    status, code, _ = post("CreateStateMachine", b"x" * (3 * 1024 * 1024))
    assert (status, code) == (413, "RequestEntityTooLargeException")


BODIES = [
    b"", b"{", b"nul", b'{"name":NaN}', b'{"name":1e999}', b"\xff\xfe", b"[]", b'"x"', b"[" * MANY, b'{"a":' * MANY,
    rb'{"name":"\ud800"}', b'{"name":5}', b'{"name":["a"]}', b'{"name":{"a":1}}', b'{"tags":"x"}', b'{"publish":"yes"}',
]  # fmt: skip


@pytest.mark.parametrize("body", BODIES, ids=lambda body: repr(body[:20]))
def test_a_body_that_is_not_what_is_asked_for_is_a_serialization_error(post, body):
    status, code, message = post("CreateStateMachine", body)
    assert (status, code) == (400, "SerializationException")
    assert message


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"maxResults": -1}, "ValidationException"),
        ({"maxResults": 1001}, "ValidationException"),
        ({"maxResults": 10**30}, "ValidationException"),
        ({"maxResults": 1.5}, "SerializationException"),
        ({"maxResults": "10"}, "SerializationException"),
        ({"maxResults": True}, "SerializationException"),
        ({"nextToken": "made-up"}, "InvalidToken"),
        ({"nextToken": "é"}, "InvalidToken"),
        ({"nextToken": ""}, "ValidationException"),
    ],
)
def test_pages_are_asked_for_properly(post, asked, code):
    assert post("ListStateMachines", json.dumps(asked))[:2] == (400, code)


@pytest.mark.parametrize(
    ("arn", "code"),
    [
        ("x", "InvalidArn"),
        ("arn:aws:states:us-east-1:123456789012:stateMachine:", "InvalidArn"),
        ("arn:aws:sqs:us-east-1:123456789012:queue", "InvalidArn"),
        ("arn:" * 60, "InvalidArn"),
        ("a" * 257, "ValidationException"),
        ("arn:aws:states:us-east-1:123456789012:stateMachine:a' OR '1'='1", "StateMachineDoesNotExist"),
        ("arn:aws:states:us-east-1:123456789012:stateMachine:a\0b", "StateMachineDoesNotExist"),
    ],
)
def test_an_arn_that_is_wrong_is_refused(post, arn, code):
    assert post("DescribeStateMachine", json.dumps({"stateMachineArn": arn}))[:2] == (400, code)


def test_what_is_no_call_of_step_functions_is_refused(post):
    assert post("Nope", b"{}")[:2] == (400, "UnknownOperationException")
    assert post("ListStateMachines", b"{}", path="/x")[:2] == (404, "UnknownOperationException")
    assert post("ListStateMachines", b"{}", method="PUT")[:2] == (405, "MethodNotAllowed")
    assert post("ListStateMachines", b"{}", Origin="http://evil.example")[:2] == (403, "AccessDeniedException")


@pytest.mark.parametrize("field", ["error", "cause"])
def test_texts_of_any_kind_are_kept_as_they_are(sfn, create_machine, field):
    machine = create_machine("texts", LONG_WAIT)
    execution = sfn.start_execution(stateMachineArn=machine)["executionArn"]
    text = "'; DROP TABLE executions; -- \0 \u2028 <b> {{7*7}} %s é😀"
    sfn.stop_execution(executionArn=execution, **{field: text})
    assert sfn.describe_execution(executionArn=execution)[field] == text


@pytest.mark.parametrize(
    "sent",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET / HTTP/9.9\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: abc\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"POST / HTTP/1.1\r\nX: " + b"x" * 200_000,
        b"\0" * 10_000,
    ],
    ids=lambda sent: repr(sent[:24]),
)
def test_what_is_no_http_harms_nobody(server, sfn, sent):
    host, port = server.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        try:
            connection.sendall(sent)
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(65_536):
                pass
        except ConnectionError:
            pass  # the server may hang up on this at any moment
    assert "stateMachines" in sfn.list_state_machines()
