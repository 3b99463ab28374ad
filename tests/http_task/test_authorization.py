"""What a connection adds to a request, and what of it may be seen."""

import json
from urllib.parse import parse_qsl

import pytest

from http_task.conftest import BASIC
from http_task.target import fields, token_endpoint
from stepwell.integrations.port import Failed, Succeeded

KEY = {"ApiKeyAuthParameters": {"ApiKeyName": "X-Api-Key", "ApiKeyValue": "canary-key"}}
MORE = {
    "InvocationHttpParameters": {
        "HeaderParameters": [{"Key": "header-param", "Value": "connection", "IsValueSecret": True}],
        "QueryStringParameters": [{"Key": "QueryParam", "Value": "connection"}],
        "BodyParameters": [{"Key": "BodyParam", "Value": "connection"}],
    }
}


def oauth(target, method="POST", **more):
    return {
        "OAuthParameters": {
            "ClientParameters": {"ClientID": "id", "ClientSecret": "canary-secret"},
            "AuthorizationEndpoint": f"{target.url}/token",
            "HttpMethod": method,
            "OAuthHttpParameters": more,
        }
    }


def calls(target, path):
    return [each for each in target.received if each.path == path]


def test_an_api_key_is_a_header(world, target):
    world.connect("API_KEY", **KEY)
    assert isinstance(world.call("/"), Succeeded)
    assert target.last.headers["x-api-key"] == "canary-key"
    assert "authorization" not in target.last.headers


def test_what_a_connection_has_wins(world, target):
    world.connect("API_KEY", **KEY, **MORE)
    answer = world.call(
        "/",
        "POST",
        Headers={"Request-Id": "1", "Header-Param": "definition"},
        QueryParameters={"QueryParam": ["definition", "again"], "other": "1"},
        RequestBody={"Job": "a", "BodyParam": "definition"},
    )
    assert isinstance(answer, Succeeded)
    assert target.last.headers["header-param"] == "connection"
    assert target.last.headers["request-id"] == "1"
    assert parse_qsl(target.last.query) == [("other", "1"), ("QueryParam", "connection")]
    assert json.loads(target.last.body) == {"Job": "a", "BodyParam": "connection"}
    world.call("/", "POST")
    assert json.loads(target.last.body) == {"BodyParam": "connection"}
    form = {"RequestBodyEncoding": "URL_ENCODED"}
    world.call("/", "POST", RequestBody={"a": 1}, Transform=form)
    assert fields(target.last) == {"a": "1", "BodyParam": "connection"}


@pytest.mark.parametrize("body", ["text", ["a"], 1, None])
def test_a_body_that_is_no_object_can_not_be_merged(world, target, body):
    world.connect("API_KEY", **KEY, **MORE)
    answer = world.call("/", "POST", RequestBody=body)
    assert isinstance(answer, Failed)
    assert answer.error == "States.Runtime"
    assert target.received == []


@pytest.mark.parametrize("name", ["Host", "content-length", "Transfer-Encoding", "Connection", "a b"])
def test_a_connection_does_not_frame_messages(world, target, name):
    world.connect("API_KEY", ApiKeyAuthParameters={"ApiKeyName": name, "ApiKeyValue": "canary"})
    answer = world.call("/")
    assert isinstance(answer, Failed)
    assert answer.error == "States.Runtime"
    assert "canary" not in answer.cause


def test_a_test_sees_the_exchange_without_what_the_connection_added(world, target):
    world.connect("BASIC", **BASIC, **MORE)
    answer = world.call("/", "POST", Headers={"X-Own": "own"}, RequestBody={"own": 1})
    assert "canary" not in repr(answer)
    request, response = answer.exchange.request, answer.exchange.response
    assert (request["protocol"], request["method"]) == ("http", "POST")
    assert request["headers"].startswith("[X-Own: own, header-param: ***Sensitive Data Redacted***, Authorization: ***")
    assert "Range: bytes=0-262144, User-Agent: Amazon|StepFunctions|HttpInvoke|us-east-1]" in request["headers"]
    assert "connection" not in request["headers"]
    assert request["url"].startswith(f"{target.url}/?QueryParam=%2A%2A%2A")
    assert json.loads(request["body"])["own"] == 1
    assert "connection" not in request["body"]
    assert (response["statusCode"], response["statusMessage"], response["body"]) == ("200", "OK", "{}")
    assert "Content-Type: application/json" in response["headers"]


def test_a_test_that_may_see_secrets_sees_what_was_sent(world, target):
    world.connect("BASIC", **BASIC, **MORE)
    request = world.call("/", "POST", reveal=True).exchange.request
    assert "Authorization: Basic dXNlcjpjYW5hcnktcGFzc3dvcmQ=" in request["headers"]
    assert request["url"] == f"{target.url}/?QueryParam=connection"
    assert request["body"] == '{"BodyParam":"connection"}'


def test_a_token_is_fetched_once_for_all_who_wait_and_kept(world, target):
    token_endpoint(target, ["canary-1", "canary-2"])
    world.connect("OAUTH_CLIENT_CREDENTIALS", **oauth(target))
    assert all(isinstance(answer, Succeeded) for answer in world.call("/", times=20))
    (asked,) = calls(target, "/token")
    assert asked.method == "POST"
    assert asked.headers["authorization"] == "Basic aWQ6Y2FuYXJ5LXNlY3JldA=="
    assert fields(asked) == {"grant_type": "client_credentials"}
    assert {each.headers["authorization"] for each in calls(target, "/")} == {"Bearer canary-1"}


@pytest.mark.parametrize("status", [401, 407])
def test_a_token_that_is_not_taken_is_renewed_once(world, target, status):
    token_endpoint(target, ["old", "new", "a", "b"])
    world.connect("OAUTH_CLIENT_CREDENTIALS", **oauth(target))
    target.answers["/"] = lambda received: (
        (200 if received.headers["authorization"] == "Bearer new" else status),
        {},
        b"ok",
    )
    answer = world.call("/")
    assert isinstance(answer, Succeeded)
    assert len(calls(target, "/token")) == 2
    target.answer("/", status)
    answer = world.call("/")
    assert isinstance(answer, Failed)
    assert answer.error == f"States.Http.StatusCode.{status}"


def test_a_token_that_ends_is_fetched_anew(world, target):
    token_endpoint(target, ["a", "b", "c"], expires_in=1)
    world.connect("OAUTH_CLIENT_CREDENTIALS", **oauth(target))
    world.call("/", times=3, at_once=False)
    assert sorted(each.headers["authorization"] for each in calls(target, "/")) == ["Bearer a", "Bearer b", "Bearer c"]


def test_the_parameters_of_the_authorization_go_where_they_say(world, target):
    token_endpoint(target, ["a", "b"])
    more = {
        "HeaderParameters": [{"Key": "X-H", "Value": "h"}],
        "QueryStringParameters": [{"Key": "q", "Value": "a b"}],
        "BodyParameters": [{"Key": "scope", "Value": "s"}, {"Key": "client_secret", "Value": "canary-body"}],
    }
    world.connect("OAUTH_CLIENT_CREDENTIALS", **oauth(target, "PUT", **more))
    world.call("/")
    (asked,) = calls(target, "/token")
    assert (asked.method, asked.query, asked.headers["x-h"]) == ("PUT", "q=a%20b", "h")
    assert fields(asked) == {"scope": "s", "client_secret": "canary-body", "grant_type": "client_credentials"}
    assert "authorization" not in asked.headers


def test_a_token_may_be_asked_for_in_json_or_by_get(world, target):
    token_endpoint(target, ["a", "b"])
    in_json = {"HeaderParameters": [{"Key": "content-type", "Value": "application/json"}]}
    world.connect("OAUTH_CLIENT_CREDENTIALS", **oauth(target, **in_json))
    world.call("/")
    assert json.loads(calls(target, "/token")[0].body) == {"grant_type": "client_credentials"}
    world.connect("OAUTH_CLIENT_CREDENTIALS", **oauth(target, "GET"))
    world.call("/")
    asked = calls(target, "/token")[1]
    assert (asked.method, asked.query, asked.body) == ("GET", "grant_type=client_credentials", b"")


@pytest.mark.parametrize(
    ("status", "body", "error", "said"),
    [
        (
            401,
            b'{"error": "invalid_client", "echo": "canary-secret"}',
            "InvalidConnectionState",
            "error invalid_client",
        ),
        (400, b"canary-secret", "InvalidConnectionState", "status 400"),
        (200, b"{}", "InvalidConnectionState", "no token"),
        (200, b'{"access_token": "a\\nb"}', "InvalidConnectionState", "no token"),
        (200, b'{"access_token": 1}', "InvalidConnectionState", "no token"),
        (503, b"", "InternalError", "status 503"),
        (302, b"", "InternalError", "status 302"),
        (400, b'{"error": "canary secret"}', "InvalidConnectionState", "status 400"),
        (200, b"x" * 70_000, "InternalError", "too large"),
    ],
)
def test_no_token_is_told_without_a_word_of_the_answer(world, target, status, body, error, said):
    target.answer("/token", status, body)
    world.connect("OAUTH_CLIENT_CREDENTIALS", **oauth(target))
    answer = world.call("/")
    assert isinstance(answer, Failed)
    assert answer.error == f"Events.ConnectionResource.{error}"
    assert said in answer.cause
    assert "canary" not in answer.cause
    assert calls(target, "/") == []


def test_who_waits_for_the_same_token_shares_its_failure(world, target):
    target.answer("/token", 503)
    world.connect("OAUTH_CLIENT_CREDENTIALS", **oauth(target))
    answers = world.call("/", times=20)
    assert {answer.error for answer in answers} == {"Events.ConnectionResource.InternalError"}
    assert len(calls(target, "/token")) == 1
    world.call("/", times=2, at_once=False)
    assert len(calls(target, "/token")) == 3


def test_the_authorization_endpoint_is_checked_as_all_addresses_are(world, target):
    token_endpoint(target, ["a"])
    world.connect("OAUTH_CLIENT_CREDENTIALS", **oauth(target))
    world.allowed = ["api.example"]
    answer = world.call("https://api.example/")
    assert isinstance(answer, Failed)
    assert answer.error == "Events.ConnectionResource.InvalidConnectionState"
    assert target.received == []
