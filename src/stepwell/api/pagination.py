"""Page sizes, and the tokens that lead from one page to the next.

A token holds the position that the next page starts from and when the token expires, sealed so that a client can
neither make nor change one. The seal covers who asked for what as well: a token is good for the same question only.
"""

import hmac
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Awaitable, Callable
from typing import Any

from stepwell.language.document import encode
from stepwell.runtime.arns import Scope
from stepwell.runtime.errors import InvalidToken

DEFAULT_PAGE_SIZE = 100
TOKEN_LIFETIME = 24 * 60 * 60 * 1000
_CONTENT = struct.Struct(">QQ")
_SEAL_LENGTH = 16
_KEY_CONTEXT = b"stepwell page token"


def page_size(request: dict[str, Any]) -> int:
    """Return how many items a page is to have; as in AWS, 0 is the same as nothing said."""
    return request.get("maxResults") or DEFAULT_PAGE_SIZE


class Pages:
    """Seals and opens page tokens with a key of this installation."""

    def __init__(self, secret: Callable[[], Awaitable[bytes]], now: Callable[[], int]) -> None:
        self._secret = secret
        self._now = now
        self._key: bytes | None = None

    async def token(self, scope: Scope, question: tuple[Any, ...], position: int) -> str:
        """Return the token for the page of a question's answer that starts from a position."""
        content = _CONTENT.pack(self._now() + TOKEN_LIFETIME, position)
        return urlsafe_b64encode(content + await self._seal(scope, question, content)).decode()

    async def position(self, scope: Scope, question: tuple[Any, ...], token: str | None) -> int | None:
        """Return the position in a token, None without one; raise `InvalidToken` unless it is for this question."""
        if token is None:
            return None
        try:
            raw = urlsafe_b64decode(token.encode("ascii"))
        except ValueError:
            raise InvalidToken from None
        content, seal = raw[: _CONTENT.size], raw[_CONTENT.size :]
        if not hmac.compare_digest(seal, await self._seal(scope, question, content)):
            raise InvalidToken
        expires, position = _CONTENT.unpack(content)
        if expires < self._now():
            raise InvalidToken
        return int(position)

    async def _seal(self, scope: Scope, question: tuple[Any, ...], content: bytes) -> bytes:
        if self._key is None:
            self._key = hmac.digest(await self._secret(), _KEY_CONTEXT, "sha256")
        asked = encode([scope.account, scope.region, *question])
        return hmac.digest(self._key, content + asked, "sha256")[:_SEAL_LENGTH]
