"""Who is logged in: one-time tokens become sessions, and a session is a sealed cookie.

A token is printed at the start, or asked for by somebody who is logged in. It is good once. A cookie holds a number,
when it ends, and a seal under a key of the installation: so the server keeps no list, and a session outlives its
restart. Nothing of a token or a cookie is kept in clear, nor logged.
"""

import hashlib
import hmac
import secrets
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections import OrderedDict, deque
from collections.abc import Callable

from stepwell.api.errors import ApiError

SESSION_MILLISECONDS = 7 * 24 * 60 * 60 * 1000
MAX_TOKENS = 16
"""One-time tokens that are good at the same time; the oldest gives way."""

MAX_FAILURES = 10
FAILURES_MILLISECONDS = 60_000
"""So many wrong tokens in so much time, and nobody can log in until some of it has passed."""

MAX_ENDED = 10_000
"""Sessions that were ended are remembered until then, or until they would have ended."""

_CONTENT = struct.Struct(">Q16s")
_CONTEXT = b"stepwell console session"


class TooManyAttempts(ApiError):
    """Too many wrong tokens came lately."""

    def __init__(self, seconds: int) -> None:
        super().__init__("TooManyAttempts", f"Too many wrong tokens: try again in {seconds} s", status=429)
        self.seconds = seconds


class Sessions:
    """Makes tokens, takes them for cookies, and knows a good cookie."""

    def __init__(self, secret: bytes, now: Callable[[], int], port: int) -> None:
        self._key = hmac.digest(secret, _CONTEXT, "sha256")
        self._now = now
        self.cookie_name = f"stepwell-console-{port}"
        """Cookies know no ports: by its name each server has its own."""
        self._tokens: OrderedDict[bytes, None] = OrderedDict()
        self._failures: deque[int] = deque()
        self._ended: OrderedDict[bytes, int] = OrderedDict()

    def new_token(self) -> str:
        """Return a token that is good for one login."""
        token = secrets.token_urlsafe(32)
        self._tokens[_digest(token)] = None
        if len(self._tokens) > MAX_TOKENS:
            self._tokens.popitem(last=False)
        return token

    def log_in(self, token: str) -> str:
        """Return the cookie for a token, which is used up. Raise `ApiError` for one that is no good."""
        now = self._now()
        while self._failures and self._failures[0] <= now - FAILURES_MILLISECONDS:
            self._failures.popleft()
        if len(self._failures) >= MAX_FAILURES:
            raise TooManyAttempts(-(-(self._failures[0] + FAILURES_MILLISECONDS - now) // 1000))
        digest = _digest(token)
        if digest not in self._tokens:
            self._failures.append(now)
            raise ApiError(
                "LoginRefused", "The token is wrong, or was used. `stepwell console` prints a new link.", status=403
            )
        del self._tokens[digest]
        content = _CONTENT.pack(now + SESSION_MILLISECONDS, secrets.token_bytes(16))
        return urlsafe_b64encode(content + self._seal(content)).decode()

    def set_cookie(self, value: str) -> bytes:
        """Return the header that gives a browser its cookie."""
        return self._header(value, SESSION_MILLISECONDS // 1000)

    def forget_cookie(self) -> bytes:
        """Return the header that takes it away."""
        return self._header("", 0)

    def _header(self, value: str, seconds: int) -> bytes:
        return f"{self.cookie_name}={value}; Max-Age={seconds}; Path=/console/; HttpOnly; SameSite=Strict".encode()

    def check(self, headers: dict[bytes, bytes]) -> None:
        """Raise `ApiError` unless a request has a good cookie."""
        if self._opened(headers) is None:
            raise ApiError("NotLoggedIn", "Log in first: `stepwell console` prints a link", status=401)

    def log_out(self, headers: dict[bytes, bytes]) -> None:
        """End the session of a request."""
        opened = self._opened(headers)
        if opened is not None:
            ends, number = opened
            self._ended[number] = ends
            if len(self._ended) > MAX_ENDED:
                self._ended.popitem(last=False)

    def _opened(self, headers: dict[bytes, bytes]) -> tuple[int, bytes] | None:
        """Return (end, number) of the session of a request."""
        for part in headers.get(b"cookie", b"").decode("latin-1").split(";"):
            name, _, value = part.strip().partition("=")
            if name == self.cookie_name:
                return self._read(value)
        return None

    def _read(self, value: str) -> tuple[int, bytes] | None:
        try:
            raw = urlsafe_b64decode(value.encode("ascii"))
        except ValueError:
            return None
        content, seal = raw[: _CONTENT.size], raw[_CONTENT.size :]
        if not hmac.compare_digest(seal, self._seal(content)):
            return None
        ends, number = _CONTENT.unpack(content)
        return None if ends <= self._now() or number in self._ended else (ends, number)

    def _seal(self, content: bytes) -> bytes:
        return hmac.digest(self._key, content, "sha256")


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
