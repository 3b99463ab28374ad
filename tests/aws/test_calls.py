"""Calls of services, at an endpoint that answers as it is told."""

import asyncio
from urllib.parse import parse_qs, urlsplit

import pytest

from stepwell.aws import (
    AnswerTooLarge,
    AwsCalls,
    AwsError,
    AwsUnreachable,
    NoCredentials,
    NoSuchCall,
    RoleNotAssumed,
    calls,
    clients,
    endpoint_of,
)

HERE = {"account": "111111111111", "region": "us-east-1"}
MESSAGE = {"QueueUrl": "http://q", "MessageBody": "b"}
ROLE = "arn:aws:iam::222222222222:role/other"


def at(environ, *asked, **more):
    """Call operations one after the other; return what came of each."""

    async def within():
        aws = AwsCalls(environ)
        try:
            return [await aws.call(*each, **HERE, **more) for each in asked]
        finally:
            await aws.close()

    return asyncio.run(within())


SEND = ("sqs", "SendMessage", MESSAGE)


def test_a_call_gives_what_the_service_answered(service):
    (reply,) = at(service.environ, SEND)
    assert (reply.output, reply.status, reply.request_id) == ({"MessageId": "m"}, 200, "id-1")
    assert reply.headers["x-amzn-requestid"] == "id-1"


def test_an_emulator_gets_the_account_for_an_access_key(service):
    at(service.environ, SEND)
    assert service.callers == [HERE["account"]]


def test_the_credentials_of_the_environment_come_first(service, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAMINE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    at(service.environ, SEND)
    assert service.callers == ["AKIAMINE"]


def test_an_error_has_the_code_the_message_and_the_identifiers_of_the_service(service):
    service.answer = (400, {"__type": "com.amazonaws.sqs#QueueDoesNotExist", "message": "no queue"}, {})
    with pytest.raises(AwsError) as told:
        at(service.environ, SEND)
    error = told.value
    assert (error.code, error.message, error.status, error.request_id) == ("QueueDoesNotExist", "no queue", 400, "id-1")


def test_an_error_of_a_service_with_older_codes_has_both_names(service):
    old = {"x-amzn-query-error": "AWS.SimpleQueueService.NonExistentQueue;Sender"}
    service.answer = (400, {"__type": "com.amazonaws.sqs#QueueDoesNotExist", "message": "no queue"}, old)
    with pytest.raises(AwsError) as told:
        at(service.environ, SEND)
    assert (told.value.code, told.value.shape) == ("AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist")


def test_an_answer_that_can_t_be_read_is_no_bug_of_ours(service):
    with pytest.raises(AwsUnreachable, match="Unable to read the answer"):
        at(service.environ, ("sns", "Publish", {"Message": "JSON, where XML is due"}))


def test_a_call_is_made_once_whatever_comes_of_it(service):
    service.answer = (503, {}, {})
    with pytest.raises(AwsError) as told:
        at(service.environ, SEND)
    assert (told.value.code, told.value.status, len(service.callers)) == ("", 503, 1)


def test_where_nobody_listens_the_message_says_so_as_the_sdks_do_and_what_names_the_endpoint(no_credentials):
    told = (
        'Unable to execute HTTP request: Could not connect to the endpoint URL: "http://127.0.0.1:9/".*AWS_ENDPOINT_URL'
    )
    with pytest.raises(AwsUnreachable, match=told):
        at({"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}, SEND)


def test_without_credentials_the_message_says_what_to_do(no_credentials):
    with pytest.raises(NoCredentials, match="Set AWS_ACCESS_KEY_ID"):
        at({}, SEND)


@pytest.mark.parametrize("asked", [("nothing", "SendMessage", {}), ("sqs", "SendNothing", {})])
def test_what_is_not_in_the_models_is_not_called(service, asked):
    with pytest.raises(NoSuchCall, match=r"nothing|SendNothing"):
        at(service.environ, asked)
    assert service.callers == []


def test_a_role_is_assumed_once_for_many_calls(service):
    at(service.environ, SEND, SEND, role_arn=ROLE)
    assert service.callers == [HERE["account"], "ASIAROLE", "ASIAROLE"]


def test_a_role_is_assumed_again_before_its_session_ends(service, monkeypatch):
    monkeypatch.setattr(clients, "RENEWED_SECONDS", clients.ROLE_SECONDS)
    at(service.environ, SEND, SEND, role_arn=ROLE)
    assert service.callers == [HERE["account"], "ASIAROLE"] * 2


def test_a_role_that_is_refused_is_no_error_of_the_service(service):
    service.refuses_roles = True
    with pytest.raises(RoleNotAssumed, match=ROLE):
        at(service.environ, SEND, role_arn=ROLE)


@pytest.mark.parametrize(("role", "key"), [(None, HERE["account"]), (ROLE, "ASIAROLE")])
def test_a_question_that_others_may_ask_is_signed_as_calls_are(service, role, key):
    async def within():
        aws = AwsCalls(service.environ)
        try:
            return await aws.presign("sts", "Action=Who", {"x-for": "c"}, 60, **HERE, role_arn=role)
        finally:
            await aws.close()

    url = urlsplit(asyncio.run(within()))
    query = parse_qs(url.query)
    assert f"{url.scheme}://{url.netloc}" == service.environ["AWS_ENDPOINT_URL"]
    assert (query["Action"], query["X-Amz-SignedHeaders"], query["X-Amz-Expires"]) == (["Who"], ["host;x-for"], ["60"])
    assert query["X-Amz-Credential"][0].split("/")[0] == key
    assert len(service.callers) == (0 if role is None else 1)


def test_an_emulator_without_sts_gets_the_account_of_the_role(service):
    at({"AWS_ENDPOINT_URL_SQS": service.environ["AWS_ENDPOINT_URL"]}, SEND, role_arn=ROLE)
    assert service.callers == ["222222222222"]


def test_a_streamed_body_is_read_and_bounded(service, monkeypatch):
    service.body = b"x" * 100_000
    read = ("s3", "GetObject", {"Bucket": "b", "Key": "k"})
    assert at(service.environ, read)[0].output["Body"] == service.body
    monkeypatch.setattr(calls, "BODY_LIMIT", 99_999)
    with pytest.raises(AnswerTooLarge):
        at(service.environ, read)


def test_a_client_that_is_pushed_out_answers_the_calls_that_it_has(service, monkeypatch):
    monkeypatch.setattr(clients, "MAX_CLIENTS", 1)
    service.gate.clear()

    async def play():
        aws = AwsCalls(service.environ)
        slow = asyncio.create_task(aws.call("s3", "GetObject", {"Bucket": "b", "Key": "k"}, **HERE))
        await asyncio.to_thread(service.arrived.wait, 10)
        await aws.call(*SEND, **HERE)
        service.gate.set()
        answer = await slow
        await aws.close()
        return answer.status

    assert asyncio.run(play()) == 200


def test_who_gives_up_takes_no_client_from_the_others(service):
    async def play():
        aws = AwsCalls(service.environ)
        first, second = (asyncio.create_task(aws.call(*SEND, **HERE)) for _ in range(2))
        await asyncio.sleep(0)
        first.cancel()
        answer = await second
        await aws.close()
        return answer.status

    assert asyncio.run(play()) == 200


def test_the_endpoint_is_that_of_the_variables_of_the_sdks():
    names = ("CloudWatch Logs", "logs")
    assert endpoint_of({}, *names) is None
    assert endpoint_of({"AWS_ENDPOINT_URL": "a"}, *names) == "a"
    assert endpoint_of({"AWS_ENDPOINT_URL": "a", "AWS_ENDPOINT_URL_LOGS": "b"}, *names) == "b"
    assert endpoint_of({"AWS_ENDPOINT_URL_LOGS": "b", "AWS_ENDPOINT_URL_CLOUDWATCH_LOGS": "c"}, *names) == "c"
    assert endpoint_of({"AWS_ENDPOINT_URL": "a", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"}, *names) is None
