"""What a Task is answered, by local functions and by a Lambda API."""

import asyncio
import base64
import json
import re
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import pytest

from functions.waiting import ended, written
from stepwell.aws import AwsCalls
from stepwell.integrations.functions.remote import RemoteFunctions
from stepwell.integrations.lambda_api import LambdaIntegration
from stepwell.integrations.port import Failed, Submitted, Succeeded, TaskRequest
from stepwell.language.document import Document, exceeds
from stepwell.language.resources import parse_resource

ARN = "arn:aws:lambda:eu-west-1:123456789012:function:"
INVOKE = "arn:aws:states:::lambda:invoke"
UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}"

UNKNOWN = "The cause could not be determined because Lambda did not return an error type. Returned payload: "
NOT_FOUND = "Function not found: x (Service: AWSLambda; Status Code: 404; Error Code: ResourceNotFound; "
NOT_FOUND += "Request ID: id-1; Proxy: null)"


def task(resource, parameters):
    document = Document(parameters) if isinstance(parameters, str) else Document(None, parameters)
    return TaskRequest(parse_resource(resource), document, "123456789012", "eu-west-1", "arn", "key")


@pytest.fixture
def call(serving):
    """The answer to a task, given the functions that there are."""

    def call_once(resource, parameters, remote=None, **functions):
        async def play():
            async with serving(**functions) as local:
                integration = LambdaIntegration(local, remote and RemoteFunctions(remote))
                try:
                    return await integration.call(task(resource, parameters))
                finally:
                    if remote is not None:
                        await remote.close()

        return asyncio.run(play())

    return call_once


@pytest.mark.parametrize("name", ["f", "f:live", "f:$LATEST"])
def test_a_functions_own_arn_gives_the_result_as_it_was_written(call, name):
    answer = call(ARN + name, '{"a":  1.0, "b": []}', f="sample.echo")
    assert isinstance(answer, Succeeded)
    assert answer.output.text == '{"a": 1.0, "b": []}'


def test_a_local_function_is_meant_whatever_region_and_account_are_named(call):
    answer = call("arn:aws:lambda:us-west-2:999999999999:function:f", "{}", f="sample.describe")
    assert answer.output.value["arn"] == "arn:aws:lambda:us-west-2:999999999999:function:f"


def test_bytes_are_a_result_as_they_are(call):
    assert call(ARN + "f", "{}", f="sample.give_bytes").output.text == '"HelloWorld!"'


def test_a_failure_of_a_functions_own_arn_has_the_payload_as_its_cause(call):
    answer = call(ARN + "f", "{}", f="sample.fail_without_a_message")
    assert isinstance(answer, Failed)
    assert answer.error == "CustomException"
    assert answer.cause.startswith('{"errorMessage": "", "errorType": "CustomException", "requestId": "')


def test_a_failure_of_invoke_has_the_payload_written_compactly(call):
    answer = call(INVOKE, {"FunctionName": "f"}, f="sample.fail")
    assert isinstance(answer, Failed)
    assert answer.error == "ValueError"
    assert answer.cause.startswith('{"errorMessage":"no such thing","errorType":"ValueError","requestId":"')


@pytest.mark.parametrize("function", ["f", "f:live", "123456789012:function:f", f"{ARN}f", f"{ARN}f:1"])
def test_invoke_finds_a_local_function_by_any_of_its_names(call, function):
    answer = call(INVOKE, {"FunctionName": function, "Payload": {"a": 1}}, f="sample.echo")
    assert answer.output.value["Payload"] == {"a": 1}


@pytest.mark.parametrize(
    ("given", "event"),
    [
        ({}, {}),
        ({"Payload": None}, {}),
        ({"Payload": "0"}, 0),
        ({"Payload": '"HelloWorld"'}, "HelloWorld"),
        ({"Payload": "true"}, True),
        ({"Payload": "{}"}, {}),
        ({"Payload": [1, "é"]}, [1, "é"]),
        ({"Payload": 0.5}, 0.5),
    ],
)
def test_a_payload_is_any_json_and_a_text_is_the_json_it_holds(call, given, event):
    assert call(INVOKE, {"FunctionName": "f", **given}, f="sample.echo").output.value["Payload"] == event


def test_invoke_gives_lambdas_whole_answer(call):
    result = call(INVOKE, {"FunctionName": "f", "Payload": {}}, f="sample.echo").output.value
    assert list(result) == ["ExecutedVersion", "Payload", "SdkHttpMetadata", "SdkResponseMetadata", "StatusCode"]
    assert (result["ExecutedVersion"], result["StatusCode"]) == ("$LATEST", 200)
    request_id = result["SdkResponseMetadata"]["RequestId"]
    assert re.fullmatch(UUID, request_id)
    metadata = result["SdkHttpMetadata"]
    assert list(metadata) == ["AllHttpHeaders", "HttpHeaders", "HttpStatusCode"]
    assert list(metadata["AllHttpHeaders"]) == [
        "X-Amz-Executed-Version", "x-amzn-Remapped-Content-Length", "Connection", "x-amzn-RequestId", "Content-Length",
        "Date", "X-Amzn-Trace-Id", "Content-Type",
    ]  # fmt: skip
    assert metadata["HttpHeaders"] == {name: values[0] for name, values in metadata["AllHttpHeaders"].items()}
    assert list(metadata["HttpHeaders"]) == sorted(metadata["HttpHeaders"], key=str.lower)
    assert metadata["HttpHeaders"]["Content-Length"] == "2"
    assert metadata["HttpHeaders"]["x-amzn-RequestId"] == request_id


def test_the_tail_of_the_log_is_given_where_it_is_wanted(call):
    parameters = {"FunctionName": "f", "Payload": ["hello"], "LogType": "Tail"}
    result = call(INVOKE, parameters, f="sample.print_lines").output.value
    assert list(result)[:2] == ["ExecutedVersion", "LogResult"]
    assert b"hello\n" in base64.b64decode(result["LogResult"])
    assert result["SdkHttpMetadata"]["HttpHeaders"]["X-Amz-Log-Result"] == result["LogResult"]


def test_a_client_context_reaches_the_handler(call):
    context = base64.b64encode('{"custom": {"a": "é"}}'.encode()).decode()
    parameters = {"FunctionName": "f", "ClientContext": context, "Qualifier": "live"}
    told = call(INVOKE, parameters, f="sample.describe").output.value["Payload"]
    assert told["custom"] == {"a": "é"}
    assert told["arn"] == f"{ARN}f:live"


def test_with_a_task_token_the_answer_only_says_that_the_job_is_taken_on(call):
    answer = call(f"{INVOKE}.waitForTaskToken", {"FunctionName": "f", "Payload": {"token": "t"}}, f="sample.echo")
    assert isinstance(answer, Submitted)
    assert answer.output.value["Payload"] == {"token": "t"}
    assert answer.job is None


def test_with_a_task_token_a_failure_is_a_failure(call):
    answer = call(f"{INVOKE}.waitForTaskToken", {"FunctionName": "f"}, f="sample.fail")
    assert isinstance(answer, Failed)


def test_an_event_is_accepted_before_it_is_handled(serving, tmp_path):
    payload = {"file": str(tmp_path / "pid"), "seconds": 0}

    async def play():
        async with serving(f="sample.sleep") as local:
            parameters = {"FunctionName": "f", "InvocationType": "Event", "Payload": payload}
            answer = await LambdaIntegration(local).call(task(INVOKE, parameters))
            assert int(await written(tmp_path / "pid")) > 0
            return answer

    result = asyncio.run(play()).output.value
    assert list(result) == ["Payload", "SdkHttpMetadata", "SdkResponseMetadata", "StatusCode"]
    assert (result["StatusCode"], result["SdkHttpMetadata"]["HttpStatusCode"], result["Payload"]) == (202, 202, {})


def test_a_dry_run_runs_nothing(call):
    result = call(INVOKE, {"FunctionName": "f", "InvocationType": "DryRun"}, f="sample.kill_itself").output.value
    assert result["StatusCode"] == 204


def test_a_function_that_does_not_exist_is_told_in_lambdas_words(call):
    for resource, parameters, arn in [
        (f"{ARN}nothing", {}, f"{ARN}nothing:$LATEST"),
        (INVOKE, {"FunctionName": "nothing"}, f"{ARN}nothing:$LATEST"),
        (INVOKE, {"FunctionName": "nothing", "Qualifier": "live"}, f"{ARN}nothing:live"),
    ]:
        answer = call(resource, parameters)
        assert isinstance(answer, Failed)
        assert answer.error == "Lambda.ResourceNotFoundException"
        expected = f"Function not found: {arn} (Service: AWSLambda; Status Code: 404; "
        expected += "Error Code: ResourceNotFoundException; Request ID: "
        assert answer.cause.startswith(expected)
        assert re.fullmatch(UUID + r"; Proxy: null\)", answer.cause.removeprefix(expected))


@pytest.mark.parametrize(
    ("given", "error", "cause"),
    [
        ({}, "States.Runtime", "The field 'FunctionName' is required but was missing"),
        ({"FunctionName": 1}, "States.Runtime", "The value of the field 'FunctionName' has an invalid format"),
        ({"FunctionName": "f", "A": 1}, "States.Runtime", 'The field "A" is not supported by Step Functions'),
        ({"FunctionName": "a b"}, "Lambda.ValidationException", "Value 'a b' at 'functionName' failed to satisfy"),
        (
            {"FunctionName": "f", "InvocationType": "Later"},
            "Lambda.ValidationException",
            "at 'invocationType' failed to satisfy constraint: Member must satisfy enum value set: [Event, ",
        ),
        (
            {"FunctionName": "f:a", "Qualifier": "b"},
            "Lambda.InvalidParameterValueException",
            "The derived qualifier from the function name does not match the specified qualifier.",
        ),
        (
            {"FunctionName": "f", "Payload": "just a text"},
            "Lambda.InvalidRequestContentException",
            "Could not parse request body into json: Could not parse payload into json: Unrecognized token 'just'",
        ),
        (
            {"FunctionName": "f", "ClientContext": "e30x"},
            "Lambda.InvalidRequestContentException",
            "Client context must be a valid Base64-encoded JSON object.",
        ),
        ({"FunctionName": "f", "ClientContext": "!"}, "Lambda.InvalidRequestContentException", "Client context must"),
    ],
)
def test_parameters_that_can_not_be_used_are_told(call, given, error, cause):
    answer = call(INVOKE, given, f="sample.echo")
    assert isinstance(answer, Failed)
    assert answer.error == error
    assert cause in answer.cause


def test_a_cancelled_task_stops_its_local_function(serving, tmp_path):
    payload = {"file": str(tmp_path / "pid"), "seconds": 60}

    async def play():
        async with serving(f="sample.sleep") as local:
            request = task(INVOKE, {"FunctionName": "f", "Payload": payload})
            running = asyncio.create_task(LambdaIntegration(local).call(request))
            pid = int(await written(tmp_path / "pid"))
            running.cancel()
            return await ended(pid)

    assert asyncio.run(play())


class LambdaApi(BaseHTTPRequestHandler):
    """A Lambda API whose functions are named after how they answer."""

    protocol_version = "HTTP/1.1"
    seen: ClassVar[list[tuple[str, str, bytes, dict[str, str]]]] = []

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = urllib.parse.unquote(self.path)
        self.seen.append((path, self.headers["Authorization"] or "", body, dict(self.headers)))
        name = path.partition("/functions/")[2].partition("/")[0].rpartition(":")[2]
        getattr(self, name)(body)

    def echo(self, body):
        self.answer(200, body or b"{}", {"X-Amz-Executed-Version": "7"})

    def event(self, body):
        self.answer(202, b"", {})

    def logged(self, body):
        self.answer(200, b"1", {"X-Amz-Log-Result": base64.b64encode(b"a line\n").decode()})

    def fail(self, body):
        self.answer(200, b'{"errorType": "E", "errorMessage": "m"}', {"X-Amz-Function-Error": "Unhandled"})

    def fail_silently(self, body):
        self.answer(200, b'{"errorMessage": "m"}', {"X-Amz-Function-Error": "Unhandled"})

    def fail_badly(self, body):
        self.answer(200, b"oops", {"X-Amz-Function-Error": "Unhandled"})

    def give_no_json(self, body):
        self.answer(200, b"a" * 20, {})

    def give_too_much(self, body):
        self.answer(200, b"a" * (257 * 1024), {})

    def give_far_too_much(self, body):
        self.answer(200, b"a" * (7 * 1024 * 1024), {})

    def nothing(self, body):
        self.answer(404, b'{"Type":"User","Message":"Function not found: x"}', {"x-amzn-ErrorType": "ResourceNotFound"})

    def broken(self, body):
        self.answer(500, b"<html>", {})

    def hang_up(self, body):
        self.close_connection = True

    def answer(self, status, body, headers):
        self.send_response(status)
        for name, value in {"x-amzn-RequestId": "id-1", **headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class LambdaServer(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, *_):
        """Say nothing when a client hangs up."""


def at(url):
    return AwsCalls({"AWS_ENDPOINT_URL_LAMBDA": url})


@pytest.fixture
def remote(monkeypatch, tmp_path):
    """Functions at an endpoint, with no credentials anywhere."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    LambdaApi.seen.clear()
    with LambdaServer(("127.0.0.1", 0), LambdaApi) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield at(f"http://127.0.0.1:{server.server_port}")
        server.shutdown()


def test_a_function_that_is_not_local_is_invoked_at_the_endpoint(call, remote):
    answer = call(ARN + "echo", '{"a":  1}', remote, f="sample.echo")
    assert answer.output.text == '{"a":  1}'
    ((path, authorization, body, _),) = LambdaApi.seen
    assert path == f"/2015-03-31/functions/{ARN}echo/invocations"
    assert "Credential=123456789012/" in authorization
    assert "/eu-west-1/lambda/aws4_request" in authorization
    assert body == b'{"a":  1}'


def test_a_local_function_comes_before_the_endpoint(call, remote):
    assert call(ARN + "echo", "1", remote, echo="sample.pid").output.value > 1
    assert LambdaApi.seen == []


def test_invoke_at_the_endpoint_gives_its_whole_answer(call, remote):
    context = base64.b64encode(b"{}").decode()
    parameters = {"FunctionName": "echo", "Payload": {"a": 1}, "Qualifier": "7", "ClientContext": context}
    result = call(INVOKE, parameters, remote).output.value
    assert (result["ExecutedVersion"], result["Payload"], result["StatusCode"]) == ("7", {"a": 1}, 200)
    assert result["SdkResponseMetadata"] == {"RequestId": "id-1"}
    assert result["SdkHttpMetadata"]["HttpHeaders"]["X-Amz-Executed-Version"] == "7"
    assert result["SdkHttpMetadata"]["AllHttpHeaders"]["x-amzn-RequestId"] == ["id-1"]
    ((path, _, body, headers),) = LambdaApi.seen
    assert path.endswith("?Qualifier=7")
    assert (body, headers["X-Amz-Client-Context"]) == (b'{"a":1}', context)


def test_an_event_at_the_endpoint_is_accepted(call, remote):
    result = call(INVOKE, {"FunctionName": "event", "InvocationType": "Event"}, remote).output.value
    assert (result["StatusCode"], result["Payload"]) == (202, {})
    assert "ExecutedVersion" not in result


def test_the_log_of_the_endpoint_is_passed_on(call, remote):
    result = call(INVOKE, {"FunctionName": "logged", "LogType": "Tail"}, remote).output.value
    assert base64.b64decode(result["LogResult"]) == b"a line\n"


@pytest.mark.parametrize(
    ("name", "error", "plain", "service"),
    [
        ("fail", "E", '{"errorType": "E", "errorMessage": "m"}', '{"errorType":"E","errorMessage":"m"}'),
        (
            "fail_silently",
            "Lambda.Unknown",
            UNKNOWN + '{"errorMessage": "m"}',
            None,
        ),
        (
            "fail_badly",
            "Lambda.Unknown",
            UNKNOWN + "oops",
            None,
        ),
        (
            "nothing",
            "Lambda.ResourceNotFound",
            NOT_FOUND,
            None,
        ),
    ],
)
def test_failures_at_the_endpoint_are_told_as_aws_tells_them(call, remote, name, error, plain, service):
    assert call(ARN + name, "{}", remote) == Failed(error, plain)
    assert call(INVOKE, {"FunctionName": name}, remote) == Failed(error, service or plain)


def test_an_error_without_a_name_is_one_of_the_service(call, remote):
    assert call(ARN + "broken", "{}", remote).error == "Lambda.AWSLambdaException"
    assert len(LambdaApi.seen) == 1


def test_an_endpoint_that_hangs_up_is_a_client_exception_and_is_not_asked_again(call, remote):
    assert call(ARN + "hang_up", "{}", remote).error == "Lambda.SdkClientException"
    assert len(LambdaApi.seen) == 1


def test_an_endpoint_where_nobody_listens_is_a_client_exception(call, remote):
    answer = call(ARN + "f", "{}", at("http://127.0.0.1:9"))
    assert answer.error == "Lambda.SdkClientException"
    assert answer.cause.startswith("Unable to execute HTTP request: ")


def test_a_result_over_the_limit_is_passed_on_even_if_it_is_no_json(call, remote):
    assert exceeds(call(ARN + "give_too_much", "{}", remote).output.text, 256 * 1024)
    assert exceeds(call(INVOKE, {"FunctionName": "give_too_much"}, remote).output.text, 256 * 1024)


def test_a_result_that_no_function_could_give_is_not_read_to_its_end(call, remote):
    answer = call(ARN + "give_far_too_much", "{}", remote)
    assert answer == Failed("Lambda.SdkClientException", "The function's answer is larger than 6291556 bytes.")


def test_a_small_result_that_is_no_json_fails_the_task_or_is_a_text(call, remote):
    cause = "The function's result is no JSON. Returned payload: " + "a" * 20
    assert call(ARN + "give_no_json", "{}", remote) == Failed("Lambda.Unknown", cause)
    assert call(INVOKE, {"FunctionName": "give_no_json"}, remote).output.value["Payload"] == "a" * 20


def test_without_an_endpoint_and_without_credentials_there_is_no_such_function(call, remote):
    answer = call(ARN + "echo", "{}", AwsCalls({}))
    assert (answer.error, LambdaApi.seen) == ("Lambda.ResourceNotFoundException", [])


def test_many_calls_share_one_client_of_their_account_and_region(remote):
    async def play():
        integration = LambdaIntegration(None, RemoteFunctions(remote))
        answers = await asyncio.gather(*(integration.call(task(ARN + "echo", json.dumps(n))) for n in range(20)))
        count = len(remote._clients._kept)
        await remote.close()
        return [answer.output.value for answer in answers], count

    assert asyncio.run(play()) == (list(range(20)), 1)
