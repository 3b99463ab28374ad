"""The one client: it looks a host up once, checks what was found, and connects to that and to nothing else.

The connector of aiohttp asks a resolver that knows no names: it gives back what was found and checked for the request
at hand. So no second look-up can find another address. Redirects are not followed: where one leads is the caller's to
judge. Proxies of the environment are not used: they would look names up for us.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

from stepwell.outbound.addresses import Address, AllowList, is_public, literal, plain
from stepwell.outbound.refusals import Failed, Forbidden, Refused, TooLarge
from stepwell.outbound.trust import trusting

if TYPE_CHECKING:
    import aiohttp
    import yarl

MAX_CONNECTIONS = 750
"""So many calls are under way at once, below the 1,024 files that a process may usually have open; others wait."""

MAX_ADDRESSES = 16
"""So many addresses of a name are tried at most."""

_MALFORMED = "the request to {} can't be sent: its URL or a header is malformed."
_READ_BYTES = 16 * 1024
_AUTOMATIC_HEADERS = ("Accept", "Accept-Encoding", "Content-Type", "User-Agent")

LookUp = Callable[[str, int], Awaitable[Sequence[str]]]
"""From a name and a port to addresses. Raises `OSError`."""

_admitted: ContextVar[tuple[str, list[Address]]] = ContextVar("admitted")


@dataclass(frozen=True, slots=True)
class Request:
    """One call."""

    method: str
    url: str
    headers: Sequence[tuple[str, str]]
    body: bytes | None
    timeout_seconds: float
    """From the look-up to the last byte of the answer."""
    max_bytes: int
    """How large the answer's body may be."""
    authority: str | None = None
    """The certificates, in PEM, of who alone is trusted to vouch for the host; None: whom this machine trusts."""


@dataclass(frozen=True, slots=True)
class Response:
    """What was answered."""

    status: int
    reason: str
    headers: Sequence[tuple[str, str]]
    body: bytes
    version: str = "1.1"


class Outbound:
    """Calls what users name. Makes its connections when first used, in the loop that uses it."""

    def __init__(self, allowed: AllowList, look_up: LookUp | None = None) -> None:
        self._allowed = allowed
        self._look_up = look_up or _look_up
        self._session: aiohttp.ClientSession | None = None
        self._room = asyncio.Semaphore(MAX_CONNECTIONS)

    async def close(self) -> None:
        """Close all connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def send(self, request: Request) -> Response:
        """Make a call. Raise `Refused`, `Failed` or `TooLarge`; a redirect is an answer."""
        async with self._room:
            try:
                async with asyncio.timeout(request.timeout_seconds):
                    return await self._send(request)
            except TimeoutError:
                raise Failed(f"no whole answer within {request.timeout_seconds:g} seconds") from None

    async def _send(self, request: Request) -> Response:
        import aiohttp  # noqa: PLC0415 (heavy: only who calls out pays for it)

        url = _parsed(request.url)
        _admitted.set((url.raw_host or "", await self._admit(url)))
        session = self._session = self._session or _new_session()
        try:
            async with session.request(
                request.method,
                url,
                headers=request.headers,
                data=request.body,
                ssl=True if request.authority is None else trusting(request.authority),
                allow_redirects=False,
                skip_auto_headers=_AUTOMATIC_HEADERS,
            ) as answer:
                body = await _read(answer.content, request.max_bytes)
                version = answer.version
                return Response(
                    answer.status,
                    answer.reason or "",
                    tuple(answer.headers.items()),
                    body,
                    "1.1" if version is None else f"{version.major}.{version.minor}",
                )
        # Not their own words where these could repeat the URL, or a header: there may be a secret in it.
        except aiohttp.InvalidURL:
            raise Refused(_MALFORMED.format(url.raw_host)) from None
        except aiohttp.ClientResponseError as error:
            raise Failed(f"{url.raw_host} has answered with what is not HTTP: {error.message}") from None
        except (aiohttp.ClientError, OSError) as error:
            raise Failed(str(error) or type(error).__name__) from None
        except ValueError:  # after the others: a certificate that is not trusted is a ValueError too
            raise Refused(_MALFORMED.format(url.raw_host)) from None

    async def _admit(self, url: "yarl.URL") -> list[Address]:
        """Return the addresses that a URL may be called at; raise `Refused` where one of them may not be."""
        host, port = url.raw_host or "", url.port or 0
        try:
            written = literal(host)
        except ValueError:
            raise Refused(f"{host} is no address in the usual notation. Write it as a.b.c.d or [a:b::c].") from None
        if written is not None:
            found = [written]
        else:
            try:
                found = [plain(ip_address(each)) for each in await self._look_up(host, port)][:MAX_ADDRESSES]
            except (OSError, UnicodeError) as error:
                raise Failed(f"{host} has no address: {getattr(error, 'strerror', None) or error}") from None
        if not found:
            raise Failed(f"{host} has no address")
        if self._allowed.names(host):
            return found
        for address in found:
            self._check(url.scheme, host, address)
        return found

    def _check(self, scheme: str, host: str, address: Address) -> None:
        """Refuse an address that may not be called. One forbidden address of a name is enough: nobody has both."""
        if self._allowed.has(address):
            return
        if not is_public(address):
            raise Forbidden(
                f"{host} is not on the public internet, and is not allowed. "
                "Who runs this server can allow it: in stepwell.toml, under [http], in allow."
            )
        if scheme != "https":
            raise Forbidden(f"{host} is to be called over https. Plain http goes to hosts that [http] allow names.")


class _Admitted:
    """The resolver of the connector: all that it knows is what was admitted for the request that asks."""

    async def resolve(
        self,
        host: str,
        port: int = 0,
        family: socket.AddressFamily = socket.AF_UNSPEC,  # noqa: ARG002 (aiohttp gives it)
    ) -> list[dict[str, Any]]:
        """Return the addresses that were admitted for this host by the task that asks."""
        name, addresses = _admitted.get()
        assert host == name, "the connector asks for the host of the request"
        return [
            {
                "hostname": host,
                "host": str(address),
                "port": port,
                "family": socket.AF_INET if address.version == 4 else socket.AF_INET6,
                "proto": 0,
                "flags": socket.AI_NUMERICHOST,
            }
            for address in addresses
        ]

    async def close(self) -> None:
        """There is nothing to close."""


def _new_session() -> "aiohttp.ClientSession":
    import aiohttp  # noqa: PLC0415

    connector = aiohttp.TCPConnector(
        limit=0,  # `MAX_CONNECTIONS` bounds them, outside of the time that a request has
        use_dns_cache=False,
        resolver=_Admitted(),  # type: ignore[arg-type]  # its base class would have to be imported to be named
    )
    return aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=None),
        auto_decompress=False,  # what we did not ask for, and what could grow without end
        trust_env=False,
    )


def _parsed(text: str) -> "yarl.URL":
    import yarl  # noqa: PLC0415

    try:
        url = yarl.URL(text)
    except ValueError:  # whose text may repeat the URL
        raise Refused("the URL can't be read: its host or its port is malformed.") from None
    if url.scheme not in {"https", "http"} or not url.raw_host:
        raise Refused("the URL must begin with https:// and name a host.")
    if url.raw_user is not None or url.raw_password is not None:
        raise Refused("the URL has a user or a password in it. Put them into a connection.")
    return url


async def _read(content: "aiohttp.StreamReader", limit: int) -> bytes:
    chunks, size = [], 0
    while chunk := await content.read(_READ_BYTES):
        size += len(chunk)
        if size > limit:
            raise TooLarge
        chunks.append(chunk)
    return b"".join(chunks)


async def _look_up(host: str, port: int) -> Sequence[str]:
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found))
