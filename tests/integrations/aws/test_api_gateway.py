"""`apigateway:invoke` against an API on loopback, which the settings allow."""

import asyncio
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from stepwell.aws import AwsCalls
from stepwell.integrations.aws.api_gateway import ApiGatewayIntegration
from stepwell.integrations.port import Failed, Submitted, TaskRequest
from stepwell.language.document import Document
from stepwell.language.resources import parse_resource
from stepwell.outbound import AllowList, Outbound


class Api(BaseHTTPRequestHandler):
    """Answers with what it was asked; `/refused` is forbidden."""

    def log_message(self, *_):
        pass

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0))).decode()
        answer = {"path": self.path, "headers": {k.lower(): v for k, v in self.headers.items()}, "body": body}
        self.send_response(403 if "refused" in self.path else 200)
        self.send_header("content-type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())

    def do_GET(self):
        self.do_POST()


@pytest.fixture
def invoke(monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAMINE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")

    def once(pattern="", **parameters):
        async def play():
            aws, outbound = AwsCalls({}), Outbound(AllowList(["127.0.0.0/8"]))
            given = {"ApiEndpoint": f"http://127.0.0.1:{server.server_port}", **parameters}
            resource = parse_resource(f"arn:aws:states:::apigateway:invoke{pattern}")
            request = TaskRequest(resource, Document(None, given), "123456789012", "eu-west-1", "e", "k")
            try:
                return await ApiGatewayIntegration(aws, outbound).call(request)
            finally:
                await aws.close()
                await outbound.close()

        return asyncio.run(play())

    with ThreadingHTTPServer(("127.0.0.1", 0), Api) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield once
        server.shutdown()
        thread.join()


def test_stage_path_query_headers_and_body_go_where_they_belong(invoke):
    found = invoke(
        Method="POST",
        Stage="prod",
        Path="/a b/c",
        QueryParameters={"q": ["1", "2"]},
        Headers={"X-Mine": ["h"]},
        RequestBody={"n": [1]},
    ).output.value
    assert (found["StatusCode"], found["StatusText"]) == (200, "OK")
    assert {name.lower(): value for name, value in found["Headers"].items()}["content-type"] == ["application/json"]
    asked = found["ResponseBody"]
    assert (asked["path"], asked["body"], asked["headers"]["x-mine"]) == ("/prod/a%20b/c?q=1&q=2", '{"n":[1]}', "h")
    assert "authorization" not in asked["headers"]


def test_a_call_as_a_role_is_signed_for_the_api(invoke):
    headers = invoke(Method="GET", AuthType="IAM_ROLE").output.value["ResponseBody"]["headers"]
    assert headers["authorization"].startswith("AWS4-HMAC-SHA256 Credential=AKIAMINE/")
    assert "/eu-west-1/execute-api/aws4_request" in headers["authorization"]


def test_a_status_that_is_no_success_is_an_error_of_its_own(invoke):
    answer = invoke(Method="GET", Path="refused")
    assert answer.error == "ApiGateway.403"
    assert json.loads(answer.cause)["StatusText"] == "Forbidden"


def test_with_a_token_the_state_waits_on(invoke):
    assert isinstance(invoke(".waitForTaskToken", Method="POST"), Submitted)


@pytest.mark.parametrize(
    ("parameters", "problem"),
    [
        ({"Headers": {"a": "b"}}, "The value of the field 'Headers' has an invalid format"),
        ({"QueryParameters": "?a=b"}, "The value of the field 'QueryParameters' has an invalid format"),
        ({"Method": "CONNECT"}, "The value of the field 'Method' has an invalid format"),
        ({"Url": "x"}, 'The field "Url" is not supported by Step Functions'),
        ({"ApiEndpoint": ""}, "The field 'ApiEndpoint' is required but was missing"),
    ],
)
def test_wrong_parameters_are_told_in_the_words_of_aws(invoke, parameters, problem):
    answer = invoke(**parameters)
    assert answer.error == "States.Runtime"
    assert answer.cause.endswith(f"could not be used to start the Task: [{problem}]")


def test_where_nobody_listens_the_task_fails(invoke):
    answer = invoke(ApiEndpoint="http://127.0.0.1:9")
    assert isinstance(answer, Failed)
    assert answer.error == "ApiGateway.SdkClientException"
