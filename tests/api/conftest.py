import asyncio
import json
from dataclasses import dataclass
from io import BytesIO

import boto3
import msgspec
import pytest
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from msgspec.structs import replace

from stepwell.api.app import Api as Application
from stepwell.api.pagination import Pages
from stepwell.api.server import Server
from stepwell.integrations.registry import Integrations
from stepwell.machine.limits import Limits
from stepwell.runtime.arns import Scope, execution_arn, express_arn
from stepwell.runtime.bus.bus import EventBus
from stepwell.runtime.connections import Connections
from stepwell.runtime.errors import ExecutionAlreadyExists
from stepwell.runtime.redrives import why_not
from stepwell.runtime.registry import Registry
from stepwell.runtime.vault import Vault
from stepwell.storage.memory import MemoryStore
from stepwell.storage.records import ExecutionRecord, Turn

START = 1_767_225_600_125


class FakeEngine:
    """Keeps executions as a test sets them: nothing runs. `polls` and `tasks` are what a test expects of workers."""

    def __init__(self):
        self.store = MemoryStore()
        self.time = START
        self.has_mocks = False
        self.keys = 0
        self.chance = 0.0
        self.events = {}
        self.answers = []
        self.task = None
        self.failure = None
        self.poll_given_up = asyncio.Event()

    def now(self):
        return self.time

    def random(self):
        return self.chance

    def next_key(self):
        self.keys += 1
        return self.keys

    async def write(self, write, /):
        return (await self.store.commit([write]))[0]

    async def start_execution(
        self,
        state_machine,
        *,
        name,
        input,  # noqa: A002
        trace_header=None,
        version=None,
        alias_arn=None,
        test_case=None,
    ):
        if self.failure:
            raise self.failure
        name = name or f"generated-{self.keys}"
        arn = execution_arn(state_machine.arn, name)
        existing = await self.store.execution(arn)
        if existing is not None:
            if existing.status == "RUNNING" and existing.input == input:
                return existing
            raise ExecutionAlreadyExists(arn)
        record = ExecutionRecord(
            key=self.next_key(), arn=arn, state_machine_arn=state_machine.arn, name=name,
            revision=(version or state_machine).revision, status="RUNNING", input=input, started=self.now(),
            trace_header=trace_header, version=1, state_machine_version_arn=version and version.arn,
            state_machine_alias_arn=alias_arn, mock_test_case=test_case,
            progress=msgspec.msgpack.encode([3, 1, 1, None]),
        )  # fmt: skip
        assert await self.write(Turn(record, new=True))
        return record

    async def close(self, arn, **changes):
        record = await self.store.execution(arn)
        await self.write(Turn(replace(record, version=record.version + 1, **changes), new=False))

    async def stop_execution(self, record, error, cause):
        if record.stopped is None:
            await self.close(record.arn, status="ABORTED", stopped=self.time, error=error, cause=cause)
            return self.time
        return record.stopped

    async def redrive_execution(self, record, token):
        if self.failure:
            raise self.failure
        self.answers.append(("redrive", record.arn, token))
        return self.time

    async def why_not_redrivable(self, record):
        machine = await self.store.state_machine(record.state_machine_arn)
        return why_not(record, machine, self.time, Limits())

    async def _answer(self, *answer):
        if self.failure:
            raise self.failure
        self.answers.append(answer)

    async def complete_task(self, token, output, *, account):
        await self._answer("success", token, output, account)

    async def fail_task(self, token, error, cause, *, account):
        await self._answer("failure", token, error, cause, account)

    async def heartbeat(self, token, *, account):
        await self._answer("heartbeat", token, account)

    async def poll_activity(self, activity_arn, worker_name):
        if self.failure:
            raise self.failure
        if self.task == "never":
            try:
                await asyncio.Event().wait()
            finally:
                self.poll_given_up.set()
        return self.task

    def last_event(self, record):
        return len(self.events[record.arn])

    async def history(self, record, first, last):
        return self.events[record.arn][first - 1 : last]


class FakeExpress:
    """Ends each execution at once, as a test says that it ends."""

    def __init__(self, engine):
        self._engine = engine
        self.ending = {"status": "SUCCEEDED", "output": "{}"}
        self.milliseconds = 1

    async def start_execution(self, state_machine, *, name, input, trace_header=None, version=None, alias_arn=None):  # noqa: A002
        key = self._engine.next_key()
        name = name or f"generated-{key}"
        return ExecutionRecord(
            key=key, arn=express_arn(state_machine.arn, name, f"uuid-{key}"), state_machine_arn=state_machine.arn,
            name=name, revision=state_machine.revision, status="RUNNING", input=input, started=self._engine.now(),
            trace_header=trace_header, version=1,
        )  # fmt: skip

    async def run(self, state_machine, *, name, input, trace_header=None, version=None, alias_arn=None):  # noqa: A002
        started = await self.start_execution(state_machine, name=name, input=input, trace_header=trace_header)
        return replace(started, stopped=started.started + self.milliseconds, **self.ending)


@dataclass
class Answer:
    status: int
    headers: dict
    raw: bytes

    @property
    def body(self):
        return json.loads(self.raw)

    @property
    def error(self):
        return self.body["__type"].partition("#")[2], self.body["message"]


class Api:
    """The application over an engine, called through ASGI: as bytes, as JSON, or by a real boto3 client."""

    def __init__(self, run):
        self.run = run
        self.engine = FakeEngine()
        run(self.engine.store.open())
        self.registry = Registry(self.engine)
        self.express = FakeExpress(self.engine)
        self.connections = Connections(self.engine, Vault(lambda: b"k" * 32))
        pages = Pages(self.engine.store.secret, self.engine.now)
        self.bus = EventBus(self.engine, Integrations({}), self.engine)
        self.app = Application(Server(self.engine, self.express, self.registry, pages, self.connections, self.bus))

    def send(self, body=b"", method="POST", path="/", headers=(), chunks=None):
        """Send a request as it is."""
        messages = [{"type": "http.request", "body": chunk, "more_body": True} for chunk in chunks or []]
        messages.append({"type": "http.request", "body": b"" if chunks else body})
        return self.run(self._send(method, path, list(headers), messages))

    async def _send(self, method, path, headers, messages):
        sent = []

        async def receive():
            return messages.pop(0) if messages else await asyncio.Event().wait()

        async def send(message):
            sent.append(message)

        await self.app({"type": "http", "method": method, "path": path, "headers": headers}, receive, send)
        if not sent:
            return None
        raw = b"".join(message.get("body", b"") for message in sent)
        return Answer(sent[0]["status"], dict(sent[0]["headers"]), raw)

    def call(self, operation, params, account=None):
        """Call an operation with any JSON value for parameters."""
        headers = [(b"x-amz-target", f"AWSStepFunctions.{operation}".encode())]
        if account:
            credential = (
                f"AWS4-HMAC-SHA256 Credential={account}/20260101/us-east-1/states/aws4_request, SignedHeaders=a"
            )
            headers.append((b"authorization", credential.encode()))
        return self.send(json.dumps(params).encode(), headers=headers)

    def scope(self, account="123456789012", region="us-east-1"):
        """Return whom a client speaks for."""
        return Scope(account, region)

    def client(self, account="123456789012", region="us-east-1", service="stepfunctions"):
        """Return a boto3 client whose requests go to the application, without a socket."""
        client = boto3.client(
            service, endpoint_url="http://stepwell.test", region_name=region, aws_access_key_id=account,
            aws_secret_access_key="secret", config=Config(retries={"total_max_attempts": 1}),
        )  # fmt: skip
        client.meta.events.register("before-send", self._from_boto)
        return client

    def _from_boto(self, request, **_):
        headers = [
            (name.lower().encode(), value if isinstance(value, bytes) else str(value).encode())
            for name, value in request.headers.items()
        ]
        answer = self.send(request.body, headers=headers)
        names = {name.decode(): value.decode() for name, value in answer.headers.items()}
        raw = BytesIO(answer.raw)
        raw.stream = lambda *_, **__: iter([answer.raw])
        return AWSResponse(request.url, answer.status, names, raw)


@pytest.fixture
def api():
    with asyncio.Runner() as runner:
        api = Api(runner.run)
        yield api
        runner.run(api.engine.store.close())


@pytest.fixture
def sfn(api):
    return api.client()


@pytest.fixture
def pass_definition():
    return json.dumps({"StartAt": "Hello", "States": {"Hello": {"Type": "Pass", "End": True}}})


@pytest.fixture
def role():
    return "arn:aws:iam::123456789012:role/stepwell"


@pytest.fixture
def machine(sfn, pass_definition, role):
    return sfn.create_state_machine(name="machine", definition=pass_definition, roleArn=role)["stateMachineArn"]
