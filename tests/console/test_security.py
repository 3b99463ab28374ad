"""Who may use the console: nobody but a page of this server in a browser that was logged in."""

import json
import logging

import pytest

from console.conftest import Browser, Running
from stepwell.api.errors import ApiError
from stepwell.console.sessions import MAX_FAILURES, SESSION_MILLISECONDS, Sessions
from stepwell.storage.memory import MemoryStore

CALLS = [
    ("GET", "session"),
    ("POST", "aws/ListStateMachines"),
    ("POST", "layout"),
    ("POST", "lint"),
    ("DELETE", "session"),
]


def path(call):
    return f"/console/api/{call}"


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "10.0.0.1", "localhost.", "[::2]"])
def test_a_name_that_is_not_the_servers_own_is_refused(page, host):
    """So a site whose name leads to 127.0.0.1 reaches nothing (DNS rebinding)."""
    for target in ("/console/", path("session")):
        answer = page.send("GET", target, headers={"Host": host})
        assert (answer.status, answer.code) == (403, "HostNotAllowed")
    answer = page.send("POST", path("session"), {}, headers={"Host": host, "Origin": f"http://{host}"})
    assert answer.code == "HostNotAllowed"


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "[::1]", "LOCALHOST"])
def test_the_names_of_loopback_are_taken_with_any_port(page, name):
    host = f"{name}:7777"
    assert page.send("GET", path("session"), headers={"Host": host}).status == 200
    assert page.send("POST", path("lint"), {"definition": ""}, {"Host": host, "Origin": f"http://{host}"}).status == 200


@pytest.mark.parametrize(
    "origin",
    [
        None,
        "null",
        "http://evil.example",
        "http://127.0.0.1:1",
        "https://evil.example",
        "file://",
        "127.0.0.1",
        "http://",
    ],
)
def test_what_changes_something_has_to_come_from_a_page_of_the_server(page, origin):
    for call in ("session", "aws/ListStateMachines", "lint"):
        answer = page.send("POST", path(call), {}, {"Origin": origin})
        assert (answer.status, answer.code) == (403, "OriginNotAllowed")


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_request_that_the_browser_says_is_another_sites_is_refused(page, site):
    """A server on another port is of the same site, and still another's."""
    for method, call in CALLS:
        answer = page.send(method, path(call), None if method == "GET" else {}, {"Sec-Fetch-Site": site})
        assert (answer.status, answer.code) == (403, "OriginNotAllowed")


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", None])
def test_what_a_form_can_send_is_refused(page, kind):
    answer = page.send("POST", path("aws/ListStateMachines"), {}, {"Content-Type": kind})
    assert (answer.status, answer.code) == (415, "UnsupportedMediaType")


@pytest.mark.parametrize(("method", "call"), CALLS)
def test_without_a_session_there_is_nothing_to_be_had(browser, method, call):
    answer = browser.send(method, path(call), None if method == "GET" else {})
    assert (answer.status, answer.code) == (401, "NotLoggedIn")


@pytest.mark.parametrize("change", [lambda value: value[:-2] + "xx", lambda value: "", lambda value: "é" * 9])
def test_a_cookie_that_was_made_up_is_none(page, change):
    name, _, value = page.cookie.partition("=")
    page.cookie = f"{name}={change(value)}".encode("latin-1").decode("latin-1")
    assert page.send("GET", path("session")).status == 401


def test_the_cookie_is_for_no_script_and_no_other_site(server):
    browser = Browser(server)
    token = server.parts.console.new_link().partition("#token=")[2]
    cookie = browser.send("POST", path("session"), {"token": token}).headers["set-cookie"]
    name, *attributes = cookie.split("; ")
    assert name.startswith(f"stepwell-console-{browser.host.rpartition(':')[2]}=")
    assert {"HttpOnly", "SameSite=Strict", "Path=/console/"} <= set(attributes)


def test_a_token_logs_in_once(server):
    browser = Browser(server)
    token = server.parts.console.new_link().partition("#token=")[2]
    assert browser.send("POST", path("session"), {"token": token}).status == 200
    answer = browser.send("POST", path("session"), {"token": token})
    assert (answer.status, answer.code) == (403, "LoginRefused")
    assert "set-cookie" not in answer.headers


def test_who_is_logged_in_can_let_another_browser_in(page, server):
    link = page.post("session/links", {})["path"]
    assert link.startswith("/console/#token=")
    other = Browser(server)
    assert other.send("POST", path("session"), {"token": link.partition("#token=")[2]}).status == 200


def test_a_session_that_was_ended_is_void(page):
    answer = page.send("DELETE", path("session"), {})
    assert answer.status == 200
    assert "Max-Age=0" in answer.headers["set-cookie"]
    assert page.send("GET", path("session")).status == 401


def test_wrong_tokens_are_limited(fresh_server):
    browser = Browser(fresh_server)
    for _ in range(MAX_FAILURES):
        assert browser.send("POST", path("session"), {"token": "guess"}).status == 403
    token = fresh_server.parts.console.new_link().partition("#token=")[2]
    answer = browser.send("POST", path("session"), {"token": token})
    assert (answer.status, answer.code) == (429, "TooManyAttempts")
    assert 0 < int(answer.headers["retry-after"]) <= 60


def test_wrong_tokens_are_forgiven_after_a_minute():
    now = [1_000]
    sessions = Sessions(b"s" * 32, lambda: now[0], 8083)
    token = sessions.new_token()
    for _ in range(MAX_FAILURES):
        with pytest.raises(ApiError, match="LoginRefused"):
            sessions.log_in("guess")
    with pytest.raises(ApiError, match="TooManyAttempts"):
        sessions.log_in(token)
    now[0] += 60_000
    assert sessions.log_in(token)


def test_a_session_outlives_the_servers_start_and_ends_after_a_week():
    now = [1_000]
    first = Sessions(b"s" * 32, lambda: now[0], 8083)
    headers = {b"cookie": f"stepwell-console-8083={first.log_in(first.new_token())}".encode()}
    again = Sessions(b"s" * 32, lambda: now[0], 8083)
    again.check(headers)
    now[0] += SESSION_MILLISECONDS
    with pytest.raises(ApiError, match="NotLoggedIn"):
        again.check(headers)
    with pytest.raises(ApiError, match="NotLoggedIn"):
        Sessions(b"t" * 32, lambda: 1_000, 8083).check(headers)


def test_the_wire_goes_on_refusing_pages(page):
    answer = page.send("POST", "/", {}, {"X-Amz-Target": "AWSStepFunctions.ListStateMachines"})
    assert (answer.status, answer.code) == (403, "AccessDeniedException")


def test_neither_tokens_nor_cookies_are_logged(caplog):
    with caplog.at_level(logging.DEBUG), Running(MemoryStore()) as server:
        browser = Browser(server).log_in()
        for method, call in [*CALLS, ("POST", "nothing"), ("POST", "session")]:
            browser.send(method, path(call), None if method == "GET" else {"token": "guess-secret"})
        secret = browser.cookie.partition("=")[2]
    assert secret not in caplog.text
    assert "guess-secret" not in caplog.text


@pytest.mark.parametrize("body", [b"{", b"[]", b"\xff", b"[" * 100_000, b'"x"'])
def test_a_body_that_is_no_object_is_refused(page, body):
    answer = page.send("POST", path("lint"), body)
    assert (answer.status, answer.code) == (400, "SerializationException")


@pytest.mark.parametrize(
    "query", ["account=1", "account=x&region=us-east-1", "region=%00", "&".join("a=1" for _ in range(300))]
)
def test_a_query_that_is_no_good_is_refused(page, query):
    answer = page.send("POST", f"{path('lint')}?{query}", {})
    assert (answer.status, answer.code) == (400, "ValidationException")


def test_answers_are_kept_by_nobody(page):
    for answer in (page.send("GET", path("session")), page.send("GET", path("nothing"))):
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_an_operation_of_aws_answers_as_on_the_wire(page, sfn):
    machine = {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}
    created = sfn.create_state_machine(
        name="plain", definition=json.dumps(machine), roleArn="arn:aws:iam::123456789012:role/r"
    )
    listed = page.post("aws/ListStateMachines", {})["stateMachines"]
    assert [each["stateMachineArn"] for each in listed] == [created["stateMachineArn"]]
    assert page.post("aws/ListStateMachines?account=111122223333", {}) == {"stateMachines": []}
    error = page.post("aws/DescribeStateMachine", {"stateMachineArn": "x"}, status=400)
    assert error["__type"].endswith("#InvalidArn")
    assert page.post("aws/Nothing", {}, status=404)["__type"].endswith("#UnknownOperationException")
