"""`http:invoke`, carried out: a connection is looked up, a request made of both, sent, and its answer read.

A call is made at least once: after a crash it is made again. Nothing is tried again by itself, but for a token that is
not good any more: that says nothing about the call.
"""

from dataclasses import replace

from stepwell.integrations.http import answers, requests
from stepwell.integrations.http.connections import (
    OAUTH,
    Additions,
    Connection,
    ConnectionRefused,
    Connections,
    additions_of,
)
from stepwell.integrations.http.oauth import Tokens
from stepwell.integrations.http.parameters import HttpCall, UnusableParameters, read_call
from stepwell.integrations.port import Answer, Exchange, Failed, TaskRequest
from stepwell.outbound import Failed as NotAnswered
from stepwell.outbound import Forbidden, Outbound, Refused, Response, TooLarge

SOCKET = "States.Http.Socket"
_UNAUTHORIZED = frozenset({401, 407})
_TOO_LARGE = "The state/task 'http' returned a result with a size exceeding the maximum number of bytes service limit."


class HttpIntegration:
    """Serves `http`."""

    def __init__(self, connections: Connections, outbound: Outbound) -> None:
        self._connections = connections
        self._outbound = outbound
        self._tokens = Tokens(outbound)

    async def call(self, request: TaskRequest) -> Answer:
        """Call the endpoint that the parameters name."""
        try:
            call = read_call(request.parameters.value)
            connection = await self._connections.connection(request.account, call.connection_arn)
            return await self._invoke(call, connection, request)
        except UnusableParameters as error:
            return Failed("States.Runtime", str(error))
        except ConnectionRefused as refusal:
            return Failed(refusal.error, refusal.cause)

    async def _invoke(self, call: HttpCall, connection: Connection, request: TaskRequest) -> Answer:
        added = additions_of(connection)
        shown = added if request.reveal_secrets else added.hidden()
        try:
            response, token = await self._send(call, connection, added, request.region)
        except Forbidden as error:
            return Failed("States.Permissions", str(error))
        except Refused as error:
            return Failed("States.Runtime", str(error))
        except NotAnswered as error:
            return Failed(SOCKET, str(error))
        except TooLarge:
            return Failed("States.DataLimitExceeded", _TOO_LARGE)
        if token is not None:
            bearer = added.with_bearer(token)
            shown = bearer if request.reveal_secrets else bearer.hidden()
        sent = requests.shown(requests.build(call, shown, request.region))
        exchange = Exchange(sent, answers.shown(response, sent["protocol"]))
        return replace(answers.answer_of(response), exchange=exchange)

    async def _send(
        self, call: HttpCall, connection: Connection, added: Additions, region: str
    ) -> tuple[Response, str | None]:
        """Return the answer, and the token of OAuth that the request had."""
        if connection.authorization != OAUTH:
            return await self._outbound.send(requests.build(call, added, region)), None
        token = await self._tokens.token(connection, region)
        response = await self._outbound.send(requests.build(call, added.with_bearer(token), region))
        if response.status in _UNAUTHORIZED:
            token = await self._tokens.token(connection, region, stale=token)
            response = await self._outbound.send(requests.build(call, added.with_bearer(token), region))
        return response, token
