"""Task tokens: which ticket of which lane of which execution, sealed so that nobody can make one up.

A token needs no row of its own: it is the three numbers and a message authentication code under the installation's
secret. Whether it is still good is one comparison with the lane's ticket.
"""

import base64
import binascii
import hashlib
import hmac
import struct
import uuid

from stepwell.runtime.errors import InvalidToken

_PACKED = struct.Struct(">BQIQ")
_VERSION = 1
_CODE_BYTES = 32
_TICKET = struct.Struct(">QQ")


class TaskTokens:
    """Makes and reads task tokens, and makes the keys under which a service recognises a task that comes again."""

    def __init__(self, secret: bytes) -> None:
        self._secret = hashlib.sha256(b"stepwell task token" + secret).digest()
        self._keys = hashlib.sha256(b"stepwell idempotency key" + secret).digest()

    def make(self, execution: int, lane: int, ticket: int) -> str:
        """Return the token of a ticket."""
        body = _PACKED.pack(_VERSION, execution, lane, ticket)
        return base64.urlsafe_b64encode(body + self._code(body)).decode()

    def read(self, token: str) -> tuple[int, int, int]:
        """Return the (execution, lane, ticket) of a token. Raise `InvalidToken` for anything that was not made here."""
        try:
            raw = base64.b64decode(token.encode("ascii"), altchars=b"-_", validate=True)
        except (ValueError, binascii.Error):
            raise InvalidToken from None
        body, code = raw[:-_CODE_BYTES], raw[-_CODE_BYTES:]
        if len(body) != _PACKED.size or not hmac.compare_digest(code, self._code(body)):
            raise InvalidToken
        if base64.urlsafe_b64encode(raw).decode() != token:  # another spelling of the same bytes
            raise InvalidToken
        _, execution, lane, ticket = _PACKED.unpack(body)
        return execution, lane, ticket

    def idempotency_key(self, execution: int, ticket: int) -> str:
        """Return the UUID of a ticket: the same at every start, and no other installation's."""
        code = hmac.digest(self._keys, _TICKET.pack(execution, ticket), "sha256")
        return str(uuid.UUID(bytes=code[:16], version=4))

    def _code(self, body: bytes) -> bytes:
        return hmac.digest(self._secret, body, "sha256")
