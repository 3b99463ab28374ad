"""The clients: one for each service, region and identity, kept for the next call, closed when they are too many."""

import asyncio
import importlib
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from stepwell.aws.endpoints import endpoint_of
from stepwell.aws.errors import NoCredentials, NoSuchCall, RoleNotAssumed

MAX_CLIENTS = 64
"""Clients that are kept; beyond that the one that was not used for longest is closed."""
MAX_CONNECTIONS = 256
"""Connections of one client; beyond that calls wait in line."""
MAX_MODELS = 32
WITHOUT_CREDENTIALS_SECONDS = 30.0
"""How long it is believed that there are no credentials: to look for them may ask the network."""
ROLE_SECONDS = 3600
RENEWED_SECONDS = 300
"""A role's session is renewed so long before it ends."""
SESSION_NAME = "stepwell"
_NOT_FOUND = (
    "no credentials were found. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE; for an emulator set "
    "AWS_ENDPOINT_URL, or start the server with --services emulated"
)


@dataclass(frozen=True, slots=True)
class Manner:
    """How calls are made."""

    connect_seconds: float = 5.0
    read_seconds: float = 905.0
    """A little longer than a function may run on Lambda; the state's own timeout ends the call earlier."""
    attempts: int = 1
    """Once as a rule: retries are the state's."""
    uses_credentials: bool = True
    """Whether credentials are looked for: emulators need none."""


@dataclass(slots=True)
class _Kept:
    client: Any
    stack: AsyncExitStack
    expires: float | None
    users: int = 0
    dropped: bool = False


_Key = tuple[str, str, str, str | None]


@dataclass(frozen=True, slots=True)
class _Identity:
    """Who calls; without keys, whoever this process is."""

    keys: Mapping[str, str] = field(default_factory=dict)
    expires: float | None = None


class Clients:
    """Makes clients, and keeps them."""

    def __init__(self, environ: Mapping[str, str], manner: Manner) -> None:
        self._environ = environ
        self._manner = manner
        self._session: Any = None
        self._kept: OrderedDict[_Key, _Kept] = OrderedDict()
        self._models: OrderedDict[str, Any] = OrderedDict()
        self._opening: dict[_Key, asyncio.Task[None]] = {}
        self._loading = asyncio.Lock()
        self._none_until = 0.0

    @asynccontextmanager
    async def lease(self, service: str, account: str, region: str, role_arn: str | None) -> AsyncIterator[Any]:
        """Give a client; it is not closed while it is used."""
        key = (service, account, region, role_arn)
        kept = self._fresh(key)
        while kept is None:
            await asyncio.shield(self._opening.get(key) or self._start_opening(key))
            kept = self._kept.get(key)
        kept.users += 1
        self._kept.move_to_end(key)
        try:
            yield kept.client
        finally:
            kept.users -= 1
            if kept.dropped and not kept.users:
                await kept.stack.aclose()

    async def keys(self, account: str, region: str, role_arn: str | None, for_service: str = "") -> Any:
        """Return the credentials that calls are signed with: an emulator's, if the service is one."""
        session = await self._get_session()
        has_endpoint = bool(for_service) and await self._endpoint(for_service) is not None
        identity = await self._identity(account, region, role_arn, has_endpoint=has_endpoint)
        if not identity.keys:
            return await (await session.get_credentials()).get_frozen_credentials()
        names = ("aws_access_key_id", "aws_secret_access_key", "aws_session_token")
        make = importlib.import_module("botocore.credentials").ReadOnlyCredentials
        return make(*(identity.keys.get(name) for name in names))

    def method(self, client: Any, service: str, operation: str) -> Any:
        """Return what calls an operation. Raise `NoSuchCall` where the service has none of this name."""
        found = getattr(client, importlib.import_module("botocore").xform_name(operation), None)
        if found is None:
            raise NoSuchCall(f"The service {service} has no operation {operation}.")
        return found

    async def model(self, service: str) -> Any:
        """Return the model of a service."""
        if service not in self._models:
            session = await self._get_session()
            # Some have megabytes of JSON: not on the event loop.
            await asyncio.to_thread(session.get_component("data_loader").load_service_model, service, "service-2")
            self._models[service] = await session.get_service_model(service)
            if len(self._models) > MAX_MODELS:
                self._models.popitem(last=False)
        return self._models[service]

    async def services(self) -> list[str]:
        """Return the names of all services."""
        session = await self._get_session()
        names: list[str] = await asyncio.to_thread(session.get_available_services)
        return names

    async def close(self) -> None:
        """Close all clients."""
        opening = list(self._opening.values())
        for task in opening:
            task.cancel()
        await asyncio.gather(*opening, return_exceptions=True)
        kept, self._kept = list(self._kept.values()), OrderedDict()
        for each in kept:
            await each.stack.aclose()

    def _fresh(self, key: _Key) -> _Kept | None:
        kept = self._kept.get(key)
        return None if kept is None or (kept.expires is not None and kept.expires < time.monotonic()) else kept

    def _start_opening(self, key: _Key) -> "asyncio.Task[None]":
        """Open a client for all who want it meanwhile; it is opened to the end even if the first of them gives up."""
        task = self._opening[key] = asyncio.create_task(self._open(key))

        def opened(done: "asyncio.Task[None]") -> None:
            del self._opening[key]
            _ = done.cancelled() or done.exception()  # whoever still waits has it raised

        task.add_done_callback(opened)
        return task

    async def _open(self, key: _Key) -> None:
        service, account, region, role_arn = key
        session = await self._get_session()
        endpoint = await self._endpoint(service)
        identity = await self._identity(account, region, role_arn, has_endpoint=endpoint is not None)
        stack = AsyncExitStack()
        client = await stack.enter_async_context(
            session.create_client(
                service, region_name=region, endpoint_url=endpoint, config=self._config(), **identity.keys
            )
        )
        await self._drop(key)
        while len(self._kept) >= MAX_CLIENTS:
            await self._drop(next(iter(self._kept)))
        self._kept[key] = _Kept(client, stack, identity.expires)

    async def _drop(self, key: _Key) -> None:
        dropped = self._kept.pop(key, None)
        if dropped is None:
            return
        dropped.dropped = True
        if not dropped.users:
            await dropped.stack.aclose()

    async def _endpoint(self, service: str) -> str | None:
        model = await self.model(service)
        return endpoint_of(self._environ, model.service_id, service)

    async def _identity(self, account: str, region: str, role_arn: str | None, *, has_endpoint: bool) -> _Identity:
        has_credentials = await self._has_credentials()
        if role_arn is not None and (has_credentials or await self._endpoint("sts") is not None):
            return await self._role(account, region, role_arn)
        if has_credentials:
            return _Identity()
        if not has_endpoint:
            raise NoCredentials(f"Unable to load AWS credentials from any provider in the chain: {_NOT_FOUND}.")
        # Emulators take an access key id of twelve digits for the account.
        digits = account if role_arn is None else (role_arn.split(":") + [""] * 5)[4]
        return _Identity({"aws_access_key_id": digits, "aws_secret_access_key": "local"})

    async def _role(self, account: str, region: str, role_arn: str) -> _Identity:
        async with self.lease("sts", account, region, None) as sts:
            try:
                answer = await sts.assume_role(
                    RoleArn=role_arn, RoleSessionName=SESSION_NAME, DurationSeconds=ROLE_SECONDS
                )
            except importlib.import_module("botocore.exceptions").ClientError as error:
                raise RoleNotAssumed(role_arn, str(error)) from error
        given = answer["Credentials"]
        keys = {
            "aws_access_key_id": given["AccessKeyId"],
            "aws_secret_access_key": given["SecretAccessKey"],
            "aws_session_token": given["SessionToken"],
        }
        return _Identity(keys, time.monotonic() + ROLE_SECONDS - RENEWED_SECONDS)

    async def _has_credentials(self) -> bool:
        if not self._manner.uses_credentials or time.monotonic() < self._none_until:
            return False
        session = await self._get_session()
        found = await session.get_credentials() is not None
        if not found:
            self._none_until = time.monotonic() + WITHOUT_CREDENTIALS_SECONDS
        return found

    async def _get_session(self) -> Any:
        if self._session is None:
            async with self._loading:
                if self._session is None:
                    # Half a second of imports: not on the event loop.
                    self._session = await asyncio.to_thread(_new_session)
        return self._session

    def _config(self) -> Any:
        return importlib.import_module("aiobotocore.config").AioConfig(
            connect_timeout=self._manner.connect_seconds,
            read_timeout=self._manner.read_seconds,
            max_pool_connections=MAX_CONNECTIONS,
            parameter_validation=False,
            retries={"total_max_attempts": self._manner.attempts},
            warm_up_loader_caches=True,
            response_checksum_validation="when_required",  # else Amazon S3 answers with what nobody has asked for
        )


def _new_session() -> Any:
    return importlib.import_module("aiobotocore.session").get_session()
