"""Secrets at rest: sealed with AES-GCM, by a key that does not lie in the database.

A sealed secret is bound to what it belongs to: copied to another row, it does not open.
"""

import secrets
from collections.abc import Callable

KEY_BYTES = 32
_FORM = b"\x01"
"""The first byte of what is sealed, for the day when there is another way."""
_NONCE_BYTES = 12


class KeyDoesNotFit(Exception):
    """What was sealed can't be opened: by another key, for something else, or it was changed."""


class Vault:
    """Seals and opens. The key is asked for when it is first needed, which may make it."""

    def __init__(self, key: Callable[[], bytes]) -> None:
        self._key = key

    def seal(self, secret: bytes, owner: str) -> bytes:
        """Return a secret sealed for its owner. Raises what asking for the key raises."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 (heavy)

        nonce = secrets.token_bytes(_NONCE_BYTES)
        return _FORM + nonce + AESGCM(self._key()).encrypt(nonce, secret, owner.encode())

    def open(self, sealed: bytes, owner: str) -> bytes:
        """Return a secret. Raise `KeyDoesNotFit`, or what asking for the key raises."""
        from cryptography.exceptions import InvalidTag  # noqa: PLC0415
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415

        start = len(_FORM) + _NONCE_BYTES
        if not sealed.startswith(_FORM) or len(sealed) <= start:
            raise KeyDoesNotFit
        try:
            return AESGCM(self._key()).decrypt(sealed[len(_FORM) : start], sealed[start:], owner.encode())
        except InvalidTag:
            raise KeyDoesNotFit from None
