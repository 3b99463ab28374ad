"""The local functions of one server: what can be invoked by name."""

import asyncio
import logging
import os
import uuid
from collections.abc import Mapping
from contextlib import suppress

from stepwell.integrations.functions.declaration import FunctionSettings
from stepwell.integrations.functions.launch import plan_launch
from stepwell.integrations.functions.outcomes import PAYLOAD_LIMIT, FunctionsClosed, Invocation, InvokeRefused
from stepwell.integrations.functions.pool import Pool
from stepwell.integrations.functions.runtime_api import RuntimeApi
from stepwell.integrations.functions.worker import Call

SWEEP_SECONDS = 15.0
_TOO_LARGE = f"Request must be smaller than {PAYLOAD_LIMIT} bytes for the InvokeFunction operation"


class LocalFunctions:
    """Functions that run on this machine, each in processes of its own.

    `start` and `close` belong to one event loop, best the one of the main thread: on Linux a worker dies with the
    thread that has started it.
    """

    def __init__(
        self,
        functions: Mapping[str, FunctionSettings],
        *,
        endpoint_url: str,
        region: str,
        account: str,
        environ: Mapping[str, str] = os.environ,
        log: logging.Logger | None = None,
        own_client: bool = False,
    ) -> None:
        """`endpoint_url` is where handlers find Step Functions, `environ` what they may see of an environment.

        `own_client`: don't use awslambdaric.
        """
        self._functions = dict(functions)
        self._endpoint_url = endpoint_url
        self._region = region
        self._account = account
        self._environ = environ
        self._log = log or logging.getLogger("stepwell.functions")
        self._own_client = own_client
        self._api = RuntimeApi()
        self._pools: dict[str, Pool] = {}
        self._sweep_timer: asyncio.TimerHandle | None = None

    def __contains__(self, name: object) -> bool:
        return name in self._functions

    async def start(self) -> None:
        """Listen for workers. None is started before its function is invoked."""
        await self._api.start()
        for name, settings in self._functions.items():
            launch = plan_launch(
                name,
                settings,
                endpoint_url=self._endpoint_url,
                region=self._region,
                account=self._account,
                environ=self._environ,
                own_client=self._own_client,
            )
            self._pools[name] = Pool(launch, settings.concurrency, self._api, self._log.getChild(name))
        self._sweep()

    async def close(self) -> None:
        """End all workers. Who still waits for a function gets `FunctionsClosed`."""
        if self._sweep_timer is not None:
            self._sweep_timer.cancel()
        workers = [worker for pool in self._pools.values() for worker in pool.close()]
        self._pools = {}
        await asyncio.gather(*(worker.wait_gone() for worker in workers))
        await self._api.close()

    async def invoke(self, name: str, payload: bytes, *, arn: str = "", client_context: str = "") -> Invocation:
        """Invoke a function and return its answer; raise `InvokeRefused` where Lambda would not run it.

        `arn` and `client_context` (JSON in ASCII) are what the handler's context shows. Cancelling stops the handler.
        """
        call = self._submit(name, payload, arn, client_context)
        try:
            return await call.future
        except asyncio.CancelledError:
            if name in self._pools:
                self._pools[name].withdraw(call)
            raise

    def post(self, name: str, payload: bytes, *, arn: str = "", client_context: str = "") -> str:
        """Have a function invoked without waiting for it; return the id of the request."""
        call = self._submit(name, payload, arn, client_context)
        call.future.add_done_callback(lambda future: self._report(name, future))
        return call.request_id

    def _submit(self, name: str, payload: bytes, arn: str, client_context: str) -> Call:
        pool = self._pools.get(name)
        if pool is None:
            raise FunctionsClosed(f"function {name!r}: the functions are not started, or closed")
        request_id = str(uuid.uuid4())
        if len(payload) > PAYLOAD_LIMIT:
            raise InvokeRefused("RequestTooLargeException", _TOO_LARGE, 413, request_id)
        arn = arn or f"arn:aws:lambda:{self._region}:{self._account}:function:{name}"
        call = Call(request_id, payload, arn, client_context, asyncio.get_running_loop().create_future())
        pool.submit(call)
        return call

    def _report(self, name: str, future: "asyncio.Future[Invocation]") -> None:
        with suppress(FunctionsClosed, asyncio.CancelledError):
            if (invocation := future.result()).error:
                text = invocation.payload[:1024].decode("utf-8", "replace")
                self._log.getChild(name).error("request %s failed: %s", invocation.request_id, text)

    def _sweep(self) -> None:
        loop = asyncio.get_running_loop()
        for pool in self._pools.values():
            pool.sweep(loop.time())
        self._sweep_timer = loop.call_later(SWEEP_SECONDS, self._sweep)
