"""The HTTP task over a connection that a test says, calling an API on loopback."""

import asyncio

import pytest

from http_task.target import serving
from stepwell.integrations.http import Connection, ConnectionRefused, HttpIntegration
from stepwell.integrations.port import TaskRequest
from stepwell.language.document import Document
from stepwell.language.resources import parse_resource
from stepwell.outbound import AllowList, Outbound

ARN = "arn:aws:events:us-east-1:123456789012:connection/billing/2f5a"
BASIC = {"BasicAuthParameters": {"Username": "user", "Password": "canary-password"}}


class World:
    """Connections by ARN, and the integration over them."""

    def __init__(self, target):
        self.target = target
        self.connections = {ARN: Connection(ARN, 1, "BASIC", BASIC)}
        self.allowed = ["127.0.0.1"]

    async def connection(self, account, arn):
        if arn not in self.connections:
            raise ConnectionRefused("ResourceNotFound", f"The connection {arn} does not exist.")
        return self.connections[arn]

    def connect(self, authorization, **parameters):
        self.connections[ARN] = Connection(ARN, 1, authorization, parameters)

    def call(self, path="/", method="GET", *, times=1, at_once=True, reveal=False, **parameters):
        """Carry a task out, so many times at once or in a row; return the answer, or the answers."""
        endpoint = path if "://" in path else f"{self.target.url}{path}"
        given = {"ApiEndpoint": endpoint, "Method": method, "Authentication": {"ConnectionArn": ARN}, **parameters}
        request = TaskRequest(
            parse_resource("arn:aws:states:::http:invoke"), Document(None, given), "123456789012", "us-east-1",
            "arn:execution", "key", reveal_secrets=reveal,
        )  # fmt: skip

        async def scenario():
            outbound = Outbound(AllowList(self.allowed))
            integration = HttpIntegration(self, outbound)
            try:
                if at_once:
                    return await asyncio.gather(*(integration.call(request) for _ in range(times)))
                return [await integration.call(request) for _ in range(times)]
            finally:
                await outbound.close()

        answers = asyncio.run(scenario())
        return answers[0] if times == 1 else answers


@pytest.fixture
def target():
    with serving() as target:
        target.answer("/")
        yield target


@pytest.fixture
def world(target):
    return World(target)
