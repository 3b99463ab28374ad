"""What the HTTP task sends, and what a Task is given of the answer."""

import json

import pytest

from http_task.conftest import ARN
from stepwell.integrations.port import Failed, Succeeded

AGENT = "Amazon|StepFunctions|HttpInvoke|us-east-1"
FORBIDDEN = """
A-IM Accept-Charset Accept-Datetime Accept-Encoding Authorization Cache-Control Connection Content-Encoding Content-MD5
Date Expect Forwarded From Host HTTP2-Settings If-Match If-Modified-Since If-None-Match If-Range If-Unmodified-Since
Max-Forwards Origin Pragma Proxy-Authorization Referer Server TE Trailer Transfer-Encoding Upgrade Via Warning
x-forwarded-for X-Forwarded-Proto x-amz-date X-Amzn-Trace-Id
"""


def output(answer):
    assert isinstance(answer, Succeeded), answer
    return answer.output.value


def failure(answer):
    assert isinstance(answer, Failed), answer
    return answer.error, answer.cause


def test_a_request_has_what_aws_sends(world, target):
    output(world.call("/", "GET"))
    sent = target.last
    assert (sent.method, sent.path, sent.query, sent.body) == ("GET", "/", "", b"")
    assert sent.headers == {
        "host": target.url.removeprefix("http://"),
        "authorization": "Basic dXNlcjpjYW5hcnktcGFzc3dvcmQ=",
        "range": "bytes=0-262144",
        "user-agent": AGENT,
    }


def test_a_result_has_the_answer_whole(world, target):
    target.answer(
        "/a", 201, b'{"id": 1, "big": 12345678901234567890}', "application/json; charset=utf-8", **{"X-A": "1"}
    )
    result = output(world.call("/a", "POST", RequestBody={"n": None}))
    assert result["ResponseBody"] == {"id": 1, "big": 12345678901234567890}
    assert (result["StatusCode"], result["StatusText"]) == (201, "Created")
    assert result["Headers"]["X-A"] == ["1"]
    assert target.last.body == b'{"n":null}'
    assert target.last.headers["content-type"] == "application/json; charset=UTF-8"


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"])
def test_every_method_is_sent(world, target, method):
    assert output(world.call("/", method))["StatusCode"] == 200
    assert target.last.method == method


def test_headers_may_be_texts_and_arrays_and_ours_stay_ours(world, target):
    headers = {
        "X-One": "1",
        "X-Two": ["a", "b"],
        "X-Three": 3,
        "User-Agent": "me",
        "range": "bytes=9-",
        "Content-Length": "1",
    }
    output(world.call("/", "POST", Headers=headers, RequestBody="text"))
    sent = target.last.headers
    assert (sent["x-one"], sent["x-two"], sent["x-three"]) == ("1", "b", "3")  # the server keeps the last of two
    assert (sent["user-agent"], sent["range"], sent["content-length"]) == (AGENT, "bytes=0-262144", "4")


@pytest.mark.parametrize("name", FORBIDDEN.split())
def test_a_forbidden_header_fails_before_anything_is_sent(world, target, name):
    error, cause = failure(world.call("/", Headers={name: "x"}))
    assert error == "States.Runtime"
    assert f"'{name}'" in cause
    assert target.received == []


@pytest.mark.parametrize(
    "headers", [{"a b": "x"}, {"X": "a\nb"}, {"X": "a\x00"}, {"X": {}}, {"X": [[]]}, ["X"], "X", {"": "x"}]
)
def test_a_malformed_header_fails_before_anything_is_sent(world, target, headers):
    assert failure(world.call("/", Headers=headers))[0] == "States.Runtime"
    assert target.received == []


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ({"currency": "usd", "n": 1, "b": True, "x": None}, "currency=usd&n=1&b=true&x="),
        ({"a": ["1", "2"]}, "a=1&a=2"),
        ({"q": "a b+c&d=ü/"}, "q=a%20b%2Bc%26d%3D%C3%BC/"),
        ("a=1&b", "a=1&b="),
        (["a=1", "b=2"], "a=1&b=2"),
    ],
)
def test_query_parameters_are_encoded_and_appended(world, target, given, sent):
    output(world.call("/", QueryParameters=given))
    assert target.last.query == sent
    output(world.call("/?z=a%20b", QueryParameters=given))
    assert target.last.query == f"z=a%20b&{sent}"


BODY = {"array": ["a", "b c"], "customer": "1", "metadata": {"x y": "é"}, "n": None, "t": True, "rows": [{"k": 1}]}


@pytest.mark.parametrize(
    ("array_format", "array", "rows"),
    [
        (None, "array%5B0%5D=a&array%5B1%5D=b%20c", "rows%5B0%5D%5Bk%5D=1"),
        ("INDICES", "array%5B0%5D=a&array%5B1%5D=b%20c", "rows%5B0%5D%5Bk%5D=1"),
        ("REPEAT", "array=a&array=b%20c", "rows%5Bk%5D=1"),
        ("COMMAS", "array=a,b%20c", "rows%5B0%5D%5Bk%5D=1"),
        ("BRACKETS", "array%5B%5D=a&array%5B%5D=b%20c", "rows%5B%5D%5Bk%5D=1"),
    ],
)
def test_a_body_is_url_encoded_as_the_transform_says(world, target, array_format, array, rows):
    transform = {"RequestBodyEncoding": "URL_ENCODED"}
    if array_format:
        transform["RequestEncodingOptions"] = {"ArrayFormat": array_format}
    output(world.call("/", "POST", RequestBody=BODY, Transform=transform))
    assert target.last.body.decode() == f"{array}&customer=1&metadata%5Bx%20y%5D=%C3%A9&n=&t=true&{rows}"
    assert target.last.headers["content-type"] == "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"ApiEndpoint": None}, "'ApiEndpoint'"),
        ({"ApiEndpoint": "ftp://a"}, "https://"),
        ({"ApiEndpoint": "https://user:secret@a/"}, "user or a password"),
        ({"Method": "TRACE"}, "GET, POST"),
        ({"Method": 1}, "'Method'"),
        ({"Authentication": None}, "connection is missing"),
        ({"Authentication": {}}, "'ConnectionArn'"),
        ({"Transform": {"RequestBodyEncoding": "XML"}}, "NONE, URL_ENCODED"),
        ({"Transform": {"RequestEncodingOptions": {"ArrayFormat": "x"}}}, "INDICES, REPEAT"),
        ({"Transform": "x"}, "'Transform'"),
        ({"QueryParameters": {"a": {}}}, "'a'"),
        ({"QueryParameters": [1]}, "name=value"),
        ({"RequestBody": [1], "Transform": {"RequestBodyEncoding": "URL_ENCODED"}}, "JSON object"),
    ],
)
def test_parameters_that_can_not_be_used_say_what_to_write(world, target, more, said):
    error, cause = failure(world.call("/", **more))
    assert error == "States.Runtime"
    assert said in cause
    assert "secret" not in cause
    assert target.received == []


def test_an_invocation_configuration_names_the_connection_too(world):
    result = world.call("/", Authentication=None, InvocationConfig={"ConnectionArn": ARN})
    assert output(result)["StatusCode"] == 200


@pytest.mark.parametrize("status", [300, 302, 400, 404, 418, 429, 500, 503, 599])
def test_a_status_but_2xx_is_an_error_with_the_answer_as_its_cause(world, target, status):
    target.answer("/e", status, b'{"why": "because"}', Location="/elsewhere")
    error, cause = failure(world.call("/e"))
    assert error == f"States.Http.StatusCode.{status}"
    told = json.loads(cause)
    assert (told["StatusCode"], told["ResponseBody"]) == (status, {"why": "because"})
    assert told["Headers"]["Location"] == ["/elsewhere"]
    assert len(target.received) == 1


def test_a_large_cause_is_cut_and_still_json(world, target):
    target.answer("/e", 500, b'"\\u0001' * 20_000, "text/plain")
    _, cause = failure(world.call("/e"))
    assert len(cause) <= 32_768
    assert json.loads(cause)["StatusCode"] == 500


@pytest.mark.parametrize(
    ("body", "content_type", "expected"),
    [
        (b"plain", "text/plain", "plain"),
        (b'{"a": 1}', "text/plain", '{"a": 1}'),
        (b'{"a": 1}', "application/problem+json", {"a": 1}),
        (b"{not json", "application/json", "{not json"),
        (b"[" * 100_000, "application/json", "[" * 100_000),
        ("é".encode("latin-1"), "text/plain; charset=iso-8859-1", "é"),
        (b"", "application/octet-stream", ""),
        (b"null", "application/json", None),
    ],
)
def test_a_body_is_json_where_it_says_so_else_a_text(world, target, body, content_type, expected):
    target.answer("/b", 200, body, content_type)
    assert output(world.call("/b"))["ResponseBody"] == expected


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"x", "application/octet-stream"),
        (b"x", "image/png"),
        (b"x", "Video/mp4"),
        (b"\xff\xfe", "text/plain"),
        (b"x", "text/plain; charset=nonsense"),
    ],
)
def test_an_answer_that_is_no_text_is_refused(world, target, body, content_type):
    target.answer("/b", 200, body, content_type)
    assert failure(world.call("/b"))[0] == "States.Runtime"


def test_an_answer_over_the_limit_exceeds_the_limit_of_data(world, target):
    target.answer("/b", 200, b"x" * (256 * 1024 + 2), "text/plain")
    error, cause = failure(world.call("/b"))
    assert error == "States.DataLimitExceeded"
    assert cause.startswith("The state/task 'http' returned a result with a size exceeding")


def test_nobody_there_is_a_socket_error(world):
    error, cause = failure(world.call("http://127.0.0.1:1/?key=canary"))
    assert error == "States.Http.Socket"
    assert "canary" not in cause


def test_an_address_that_is_not_allowed_may_not_be_called(world, target):
    world.allowed = []
    error, cause = failure(world.call("/"))
    assert error == "States.Permissions"
    assert "stepwell.toml" in cause
    assert target.received == []


def test_a_connection_that_is_not_there_is_told(world, target):
    error, _ = failure(world.call("/", Authentication={"ConnectionArn": "arn:other"}))
    assert error == "Events.ConnectionResource.ResourceNotFound"
    assert target.received == []
