"""Calls to addresses that users name: which of them may be called, and the one client that calls them.

Whoever may write a definition, or a subscription, says what this server calls; and this server may stand where much
more can be reached than from outside: the database next door, the metadata of a cloud's machine, itself. So calls go
to public addresses over https, and to nothing else that the owner has not allowed in the settings.
"""

from stepwell.outbound.addresses import AllowList, UnusableEntry
from stepwell.outbound.client import Outbound, Request, Response
from stepwell.outbound.refusals import Failed, Forbidden, Refused, TooLarge

__all__ = [
    "AllowList",
    "Failed",
    "Forbidden",
    "Outbound",
    "Refused",
    "Request",
    "Response",
    "TooLarge",
    "UnusableEntry",
]
