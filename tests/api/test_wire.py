import asyncio
import json
import logging

import pytest

from stepwell.api.http import MAX_BODY_BYTES
from stepwell.api.model import STEP_FUNCTIONS
from stepwell.runtime.errors import InvalidToken
from stepwell.storage.port import StoreError

LIST = [(b"x-amz-target", b"AWSStepFunctions.ListActivities")]


def test_an_answer_is_json_with_a_request_id(api):
    answer = api.call("ListActivities", {})
    assert (answer.status, answer.body) == (200, {"activities": []})
    assert answer.headers[b"content-type"] == b"application/x-amz-json-1.0"
    assert answer.headers[b"content-length"] == str(len(answer.raw)).encode()
    assert len(answer.headers[b"x-amzn-requestid"]) == 36


def test_an_error_has_its_code_in_the_body_and_in_a_header(api):
    answer = api.call("DescribeActivity", {"activityArn": "x"})
    assert answer.status == 400
    assert answer.body == {
        "__type": "com.amazonaws.swf.service.v2.model#InvalidArn",
        "message": "Invalid Arn: 'Invalid ARN prefix: x'",
    }
    assert answer.headers[b"x-amzn-errortype"] == b"InvalidArn"
    assert b"x-amzn-requestid" in answer.headers


def test_another_service_is_answered_in_its_own_form(api):
    headers = [(b"x-amz-target", b"AWSEvents.CancelReplay")]
    answer = api.send(b'{"ReplayName": "a"}', headers=headers)
    assert (answer.status, answer.body["__type"]) == (400, "UnsupportedOperationException")
    assert answer.headers[b"content-type"] == b"application/x-amz-json-1.1"
    answer = api.send(b"{}", headers=headers)
    assert (answer.status, answer.body["__type"]) == (400, "ValidationException")
    assert (
        api.send(b"{}", headers=[(b"x-amz-target", b"AWSEvents.Nothing")]).body["__type"] == "UnknownOperationException"
    )


def test_any_host_is_served(api):
    for host in (b"localhost:8083", b"sync-localhost:8083", b"evil.example"):
        assert api.send(b"{}", headers=[*LIST, (b"host", host)]).status == 200


@pytest.mark.parametrize(
    "header", [(b"origin", b"http://localhost"), (b"origin", b"null"), (b"sec-fetch-site", b"same-origin")]
)
@pytest.mark.parametrize(("method", "path"), [("POST", "/"), ("GET", "/health"), ("OPTIONS", "/")])
def test_web_pages_are_refused(api, header, method, path):
    answer = api.send(b"{}", method=method, path=path, headers=[*LIST, header])
    assert answer.status == 403
    assert answer.error[0] == "AccessDeniedException"
    assert b"access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("target", [b"", b"AWSStepFunctions.Nothing", b"DynamoDB_20120810.ListTables", b"\xff"])
def test_an_unknown_operation_is_refused(api, target):
    answer = api.send(b"{}", headers=[(b"x-amz-target", target)])
    assert (answer.status, answer.error[0]) == (400, "UnknownOperationException")
    assert answer.body["__type"].startswith("com.amazon.coral.service#")
    assert api.send(b"{}").status == 400


def test_other_paths_and_methods_are_refused(api):
    assert api.send(b"{}", path="/elsewhere", headers=LIST).status == 404
    answer = api.send(method="GET")
    assert (answer.status, answer.headers[b"allow"]) == (405, b"POST")


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b'{"a": NaN}', b"[" * 100_000, b'{"maxResults": "\xff"}'])
def test_a_body_that_is_not_json_is_refused(api, body):
    answer = api.send(body, headers=LIST)
    assert (answer.status, answer.error[0]) == (400, "SerializationException")


def test_a_body_may_come_in_pieces(api):
    chunks = [b'{"maxRes', b"", b'ults": 1001}']
    assert "'1001'" in api.send(headers=LIST, chunks=chunks).error[1]


def test_a_body_is_bounded(api):
    piece = b" " * (MAX_BODY_BYTES // 2 + 1)
    answer = api.send(headers=LIST, chunks=[piece, piece, piece])
    assert (answer.status, answer.error[0]) == (413, "RequestEntityTooLargeException")
    assert api.send(b" " * (MAX_BODY_BYTES + 1), headers=LIST).status == 413
    assert api.send(b"{}".ljust(MAX_BODY_BYTES), headers=LIST).status == 200


def test_a_client_that_leaves_within_its_body_gets_no_answer(api):
    sent = []

    async def leaving():
        messages = [{"type": "http.request", "body": b"{", "more_body": True}, {"type": "http.disconnect"}]

        async def receive():
            return messages.pop(0)

        async def send(message):
            sent.append(message)

        await api.app({"type": "http", "method": "POST", "path": "/", "headers": LIST}, receive, send)

    api.run(leaving())
    assert sent == []


def test_what_aws_has_and_this_version_has_not_says_so(api):
    arn = "arn:aws:states:us-east-1:123456789012:mapRun:m/label:1"
    answer = api.call("DescribeMapRun", {"mapRunArn": arn})
    assert (answer.status, answer.error) == (
        400,
        ("UnsupportedOperationException", "DescribeMapRun is not implemented yet in this version of Stepwell"),
    )
    for operation in STEP_FUNCTIONS.operations:
        assert api.call(operation, {"unknown": 1}).status in {200, 400}


def test_a_bug_is_an_internal_failure_that_the_log_explains(api, caplog):
    api.engine.failure = ZeroDivisionError("what nobody expected")
    with caplog.at_level(logging.ERROR):
        answer = api.call("SendTaskHeartbeat", {"taskToken": "token"})
    assert (answer.status, answer.error[0]) == (500, "InternalFailure")
    request_id = answer.headers[b"x-amzn-requestid"].decode()
    assert request_id in answer.error[1]
    assert "nobody expected" not in answer.error[1]
    assert request_id in caplog.text
    assert "ZeroDivisionError: what nobody expected" in caplog.text
    api.engine.failure = None
    assert api.call("SendTaskHeartbeat", {"taskToken": "token"}).status == 200


def test_a_store_that_fails_is_a_service_that_is_unavailable(api, caplog):
    api.engine.failure = StoreError("the disk is full: make room")
    answer = api.call("SendTaskHeartbeat", {"taskToken": "token"})
    assert (answer.status, answer.error[0]) == (503, "ServiceUnavailable")
    assert "the disk is full: make room" in answer.error[1]
    assert "the disk is full" in caplog.text


def test_a_refusal_is_no_bug(api, caplog):
    api.engine.failure = InvalidToken()
    assert api.call("SendTaskHeartbeat", {"taskToken": "token"}).error == (
        "InvalidToken",
        "Invalid Token: 'Invalid token'",
    )
    assert caplog.text == ""


def test_a_poll_ends_when_its_client_leaves(api, sfn):
    arn = sfn.create_activity(name="work")["activityArn"]
    api.engine.task = "never"
    sent = []

    async def poll():
        asked, left = asyncio.Event(), asyncio.Event()

        async def receive():
            if asked.is_set():
                await left.wait()
                return {"type": "http.disconnect"}
            asked.set()
            return {"type": "http.request", "body": json.dumps({"activityArn": arn}).encode()}

        async def send(message):
            sent.append(message)

        headers = [(b"x-amz-target", b"AWSStepFunctions.GetActivityTask")]
        polling = asyncio.ensure_future(
            api.app({"type": "http", "method": "POST", "path": "/", "headers": headers}, receive, send)
        )
        await asked.wait()
        left.set()
        await polling
        await asyncio.wait_for(api.engine.poll_given_up.wait(), 5)

    api.run(poll())
    assert sent == []


def test_the_application_starts_and_stops_with_its_server(api):
    sent = []

    async def live():
        messages = [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}]

        async def receive():
            return messages.pop(0)

        async def send(message):
            sent.append(message["type"])

        await api.app({"type": "lifespan"}, receive, send)
        await api.app({"type": "websocket"}, receive, send)

    api.run(live())
    assert sent == ["lifespan.startup.complete", "lifespan.shutdown.complete", "websocket.close"]
