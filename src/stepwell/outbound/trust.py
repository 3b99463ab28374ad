"""Whom a call trusts that names its certificate authority itself."""

import ssl
from functools import lru_cache

from stepwell.outbound.refusals import Refused

KEPT_AUTHORITIES = 64
"""A context is kept for the next call: connections are shared by those that have the same."""


@lru_cache(KEPT_AUTHORITIES)
def trusting(authority: str) -> ssl.SSLContext:
    """Return what makes connections to hosts that a certificate authority, in PEM, vouches for. Raise `Refused`.

    The certificates that Kubernetes makes for itself lack an extension that the strict mode of newer Pythons wants.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        context.load_verify_locations(cadata=authority)
    except (ssl.SSLError, ValueError, TypeError):
        raise Refused("the certificate authority can't be read: it must be certificates in PEM.") from None
    return context
