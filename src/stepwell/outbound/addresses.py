"""Which addresses may be called: public ones, and what the owner has allowed.

The tables are those of IANA's registries of special addresses, written out, since what `ipaddress` takes for global
differs between the versions of Python.
"""

import re
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_SPECIAL_V4 = tuple(
    IPv4Network(text)
    for text in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",
        "100.64.0.0/10",  # behind a carrier's NAT; a cloud's metadata too
        "127.0.0.0/8",
        "168.63.129.16/32",  # Azure's own services, within each of its machines
        "169.254.0.0/16",  # link-local, with the metadata of most clouds
        "172.16.0.0/12",
        "192.0.0.0/24",  # of protocols; a cloud's metadata too
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # relays of 6to4
        "192.168.0.0/16",
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and broadcast
    )
)
_UNICAST_V6 = IPv6Network("2000::/3")
_SPECIAL_V6 = tuple(
    IPv6Network(text)
    for text in (
        "2001::/23",  # of protocols: Teredo, ORCHID
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4, which carries any IPv4 address
        "3fff::/20",  # documentation
    )
)
_NAT64 = IPv6Network("64:ff9b::/96")
_NAME = re.compile(r"(\*\.)?[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*")
_NUMERIC = re.compile(r"[0-9.]+|.*:.*")


class UnusableEntry(ValueError):
    """An entry of an allow-list is neither an address, a network nor a name."""


def literal(host: str) -> Address | None:
    """Return the address that a host is written as, None where it is a name. Raise `ValueError` where it is neither.

    Only the usual notation is one: 127.1, 0x7f000001 and the like are refused, or names that nothing answers to.
    """
    if _NUMERIC.fullmatch(host) is None:
        return None
    return plain(ip_address(host))


def plain(address: Address) -> Address:
    """Return the IPv4 address within an IPv6 one that stands for it, else the address itself, without its zone."""
    if isinstance(address, IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return IPv6Address(int(address))


def is_public(address: Address) -> bool:
    """Return whether an address, made plain, is anybody's on the internet."""
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _SPECIAL_V4)
    return address in _UNICAST_V6 and not any(address in network for network in _SPECIAL_V6)


class AllowList:
    """What may be called beside public addresses: addresses, networks, names of hosts, `*.` and the end of names."""

    def __init__(self, entries: Iterable[str] = ()) -> None:
        self._networks: list[Network] = []
        self._names: set[str] = set()
        self._ends: list[str] = []
        for entry in entries:
            self._add(entry)

    def _add(self, entry: str) -> None:
        try:
            self._networks.append(ip_network(entry))
        except ValueError:
            name = entry.lower().rstrip(".")
            if _NUMERIC.fullmatch(name) or "/" in name or not _NAME.fullmatch(name):
                raise UnusableEntry(entry) from None
            if name.startswith("*."):
                self._ends.append(name[1:])
            else:
                self._names.add(name)

    def names(self, host: str) -> bool:
        """Return whether a host is allowed by its name."""
        name = host.lower().rstrip(".")
        return name in self._names or any(name.endswith(end) for end in self._ends)

    def has(self, address: Address) -> bool:
        """Return whether an address, made plain, is allowed."""
        return any(address in network for network in self._networks)
