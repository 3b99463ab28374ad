"""Which requests of a browser are heard at all: by the name that they call the server, and by the page that asks.

Any web site can have its own name lead to 127.0.0.1, and any page can send a form there. So the Host has to be one that
is the server's own, and whatever changes something has to come from a page of that Host.
"""

from stepwell.api.errors import ApiError

_LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})
_OWN_PAGES = (b"same-origin", b"none")


class Guards:
    """Knows the names under which the server may be called: those of loopback, and the one that it is bound to."""

    def __init__(self, host: str) -> None:
        bound = f"[{host}]" if ":" in host and not host.startswith("[") else host
        self._names = _LOOPBACK_NAMES | {bound.lower()}

    def check_host(self, headers: dict[bytes, bytes]) -> None:
        """Raise `ApiError` unless the Host is the server's own."""
        name, _ = _split(headers.get(b"host", b"").decode("latin-1"))
        if name.lower() not in self._names:
            raise ApiError(
                "HostNotAllowed", "This server is not known under that name: use http://127.0.0.1", status=403
            )

    def check_reader(self, headers: dict[bytes, bytes]) -> None:
        """Raise `ApiError` unless a page of this server, or nobody's page, asks."""
        if b"origin" in headers:
            self._check_origin(headers)
        if headers.get(b"sec-fetch-site", b"none") not in _OWN_PAGES:
            raise _not_from_here()

    def check_writer(self, headers: dict[bytes, bytes]) -> None:
        """Raise `ApiError` unless a page of this server sends JSON."""
        self._check_origin(headers)
        if headers.get(b"sec-fetch-site", b"same-origin") != b"same-origin":
            raise _not_from_here()
        kind = headers.get(b"content-type", b"").partition(b";")[0].strip().lower()
        if kind != b"application/json":
            raise ApiError("UnsupportedMediaType", "Send JSON, as application/json", status=415)

    def _check_origin(self, headers: dict[bytes, bytes]) -> None:
        scheme, _, place = headers.get(b"origin", b"").decode("latin-1").partition("://")
        if scheme not in {"http", "https"} or place.lower() != headers.get(b"host", b"").decode("latin-1").lower():
            raise _not_from_here()


def _split(host: str) -> tuple[str, str]:
    """Return the name and the port of a Host."""
    if host.startswith("["):
        name, _, port = host.partition("]")
        return f"{name}]", port.removeprefix(":")
    name, _, port = host.partition(":")
    return name, port


def _not_from_here() -> ApiError:
    return ApiError("OriginNotAllowed", "Only a page of this server may ask that", status=403)
