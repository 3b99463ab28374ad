"""Execution logs at an endpoint that speaks the API of CloudWatch Logs."""

import asyncio
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from stepwell.aws import AwsCalls, Manner
from stepwell.logs import cloudwatch as module
from stepwell.logs.cloudwatch import VALIDATION_STREAM, CloudWatchLogs, batches
from stepwell.logs.port import Line, LinesLost, LogGroup

GROUP = LogGroup("123456789012", "us-east-1", "g")
START = 1_767_225_600_000  # 2026-01-01


class Handler(BaseHTTPRequestHandler):
    """CreateLogStream and PutLogEvents of groups that the server's `groups` holds."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_POST(self):
        request = json.loads(self.rfile.read(int(self.headers["content-length"])))
        operation = self.headers["x-amz-target"].rpartition(".")[2]
        self.server.calls.append((operation, request))
        status, answer = (400, self.server.failure) if self.server.failure else self._answer(operation, request)
        body = json.dumps({"__type": answer} if status == 400 else {}).encode()
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _answer(self, operation, request):
        streams = self.server.groups.get(request["logGroupName"])
        name = request["logStreamName"]
        if streams is None or (operation == "PutLogEvents" and name not in streams):
            return 400, "ResourceNotFoundException"
        if operation == "PutLogEvents":
            streams[name] += [event["message"] for event in request["logEvents"]]
        elif name in streams:
            return 400, "ResourceAlreadyExistsException"
        else:
            streams[name] = []
        return 200, None


@pytest.fixture
def service(monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "AWS_CONFIG_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        server.groups, server.calls, server.failure = {"g": {}}, [], None
        server.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def at(service, *work):
    """Do some work with a destination at the service, and close it; return what the last came to."""

    async def within():
        logs = CloudWatchLogs(AwsCalls({"AWS_ENDPOINT_URL": getattr(service, "url", service)}, Manner(attempts=1)))
        try:
            for do in work:
                result = await do(logs)
            return result
        finally:
            await logs.close()

    return asyncio.run(within())


def put(*texts, machine="m"):
    lines = [Line(START + number, text) for number, text in enumerate(texts)]
    return lambda logs: logs.write(GROUP, machine, lines)


def test_a_server_has_one_stream_for_each_state_machine_named_as_aws_names_it(service):
    at(service, put(b"1", b"2"), put(b"3"), put(b"4", machine="other"))
    streams = service.groups["g"]
    assert sorted(streams.values()) == [["1", "2", "3"], ["4"]]
    first = next(iter(streams))
    assert first.startswith("states/m/2026-01-01-00-00/")


def test_lines_are_put_in_the_order_of_their_times(service):
    lines = [Line(START + 1, b"later"), Line(START, b"earlier")]
    at(service, lambda logs: logs.write(GROUP, "m", lines))
    assert list(service.groups["g"].values()) == [["earlier", "later"]]


def test_a_group_that_is_there_gets_the_stream_that_aws_tries_it_with_once(service):
    assert at(service, lambda logs: logs.problem(GROUP), lambda logs: logs.problem(GROUP)) is None
    assert len(service.groups["g"][VALIDATION_STREAM]) == 1


def test_a_group_that_is_not_there_is_told_in_the_words_of_aws(service):
    service.groups.clear()
    assert at(service, lambda logs: logs.problem(GROUP)) == "Log Destination not found."
    service.failure = "AccessDeniedException"
    told = at(service, lambda logs: logs.problem(GROUP))
    assert told == "The state machine IAM Role is not authorized to access the Log Destination"


def test_a_group_that_nobody_can_tell_of_is_accepted(service, caplog):
    service.failure = "UnknownOperationException"
    assert at(service, lambda logs: logs.problem(GROUP)) is None
    assert "whether the log group g is there can't be told" in caplog.text


def test_a_group_that_was_deleted_loses_its_lines(service):
    with pytest.raises(LinesLost, match="ResourceNotFoundException"):
        at(service, put(b"1"), lambda _: forget(service), put(b"2"))


async def forget(service):
    service.groups.clear()


def test_a_stream_that_was_deleted_is_created_again(service):
    async def forget_streams(_):
        service.groups["g"].clear()

    at(service, put(b"1"), forget_streams, put(b"2"))
    assert list(service.groups["g"].values()) == [["2"]]


def test_an_endpoint_that_nothing_answers_at_loses_lines_and_says_why(monkeypatch):
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with pytest.raises(LinesLost, match="Could not connect"):
        at("http://127.0.0.1:1", put(b"1"))


def test_lines_are_cut_into_what_the_service_takes_at_once(monkeypatch):
    monkeypatch.setattr(module, "BATCH_LINES", 3)
    monkeypatch.setattr(module, "BATCH_BYTES", 100)
    lines = [Line(number, b"x" * size) for number, size in enumerate((1, 1, 1, 1, 40, 40, 200))]
    cut = list(batches(lines))
    assert [len(batch) for batch in cut] == [3, 2, 1, 1]
    assert [line for batch in cut for line in batch] == lines
