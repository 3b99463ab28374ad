"""The built page and its files. They are part of the package; where they were not built, a page says what to do."""

import mimetypes
import secrets
from functools import cache
from pathlib import Path

from stepwell.api.http import Headers, Message, Send, respond

STATIC = Path(__file__).parent / "static"
PREFIX = "/console/"

_NONCE = b"__CSP_NONCE__"
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{}'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
_ALWAYS: Headers = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
]
_FOREVER = (b"cache-control", b"public, max-age=31536000, immutable")
_ASK_AGAIN = (b"cache-control", b"no-cache")
_NEVER = (b"cache-control", b"no-store")

NOT_BUILT = b"""<!doctype html><html lang="en"><meta charset="utf-8"><title>Stepwell</title>
<h1>The console was not built</h1>
<p>This is a checkout of the source. Run <code>make console</code> in it, and load this page again.</p>
<p>The API works without it.</p></html>
"""


class Pages:
    """Answers with what was built into a folder."""

    def __init__(self, folder: Path = STATIC) -> None:
        self._folder = folder

    async def answer(self, request: Message, send: Send) -> None:
        """Answer a GET or a HEAD for a path under the prefix."""
        path: str = request["path"]
        body, status, content_type, caching = self._found(path.removeprefix(PREFIX))
        headers: Headers = [*_ALWAYS, caching]
        if content_type == b"text/html; charset=utf-8":
            nonce = secrets.token_urlsafe(18)
            headers.append((b"content-security-policy", _POLICY.format(nonce).encode()))
            body = body.replace(_NONCE, nonce.encode())
        if request["method"] == "HEAD":
            headers.append((b"content-length", b"%d" % len(body)))
            start = [(b"content-type", content_type), *headers]
            await send({"type": "http.response.start", "status": status, "headers": start})
            await send({"type": "http.response.body", "body": b""})
        else:
            await respond(send, status, body, content_type, headers)

    def _found(self, name: str) -> tuple[bytes, int, bytes, tuple[bytes, bytes]]:
        """Return body, status, content type and how long it may be kept."""
        known = _files(self._folder)
        if name in known and name != "index.html":
            return known[name].read_bytes(), 200, _type_of(name), _FOREVER if name.startswith("assets/") else _ASK_AGAIN
        if name.startswith("assets/"):
            return b"There is no such file.\n", 404, b"text/plain; charset=utf-8", _NEVER
        html = b"text/html; charset=utf-8"
        if "index.html" not in known:
            _files.cache_clear()  # it may be built while the server runs
            return NOT_BUILT, 503, html, _NEVER
        return known["index.html"].read_bytes(), 200, html, _NEVER


@cache
def _files(folder: Path) -> dict[str, Path]:
    """Return the files of a folder by their paths in it: so no path of a request ever leads out of it."""
    return {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}


def _type_of(name: str) -> bytes:
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    if kind in {"application/javascript", "text/javascript"}:
        kind = "text/javascript"
    text = kind.startswith("text/") or kind in {"image/svg+xml", "application/json", "application/manifest+json"}
    return f"{kind}; charset=utf-8".encode() if text else kind.encode()
