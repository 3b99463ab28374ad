"""Who asks: the account and the region that a request is signed for.

They are read from the credential scope of the Authorization header, `AKID/date/region/service/aws4_request`. An access
key id of 12 digits is the account of that number, so that several accounts can share a server; all others, and
requests without a signature, are the default account. The signature itself is not checked.
"""

import re

from stepwell.runtime.arns import Scope

DEFAULT_ACCOUNT = "123456789012"
DEFAULT_REGION = "us-east-1"
MAX_CACHED_CREDENTIALS = 1024
_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d{1,2}")
_ACCOUNT = re.compile(r"\d{12}", re.ASCII)


class Identities:
    """Finds the scope of a request; the same credential is parsed once."""

    def __init__(self, account: str = DEFAULT_ACCOUNT, region: str = DEFAULT_REGION) -> None:
        self._default = Scope(account, region)
        self._cached: dict[bytes, Scope] = {}

    def scope(self, authorization: bytes | None) -> Scope:
        """Return the account and the region that the header's value speaks for."""
        if authorization is None:
            return self._default
        begin = authorization.find(b"Credential=") + len(b"Credential=")
        if begin < len(b"Credential="):
            return self._default
        end = authorization.find(b",", begin)
        credential = authorization[begin:] if end < 0 else authorization[begin:end]
        scope = self._cached.get(credential)
        if scope is None:
            scope = self._parsed(credential.decode("latin-1"))
            if len(self._cached) >= MAX_CACHED_CREDENTIALS:
                self._cached.clear()
            self._cached[credential] = scope
        return scope

    def _parsed(self, credential: str) -> Scope:
        parts = credential.strip().rsplit("/", 4)
        if len(parts) != 5:
            return self._default
        key, region = parts[0], parts[2]
        return Scope(
            key if _ACCOUNT.fullmatch(key) else self._default.account,
            region if _REGION.fullmatch(region) else self._default.region,
        )
