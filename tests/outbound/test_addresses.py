"""Which addresses may be called."""

from ipaddress import ip_address

import pytest

from stepwell.outbound.addresses import AllowList, UnusableEntry, is_public, literal, plain

FORBIDDEN = """
0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.100.100.200 127.0.0.1 127.255.255.254 168.63.129.16
169.254.169.254 169.254.170.2 172.16.0.1 172.31.255.255 192.0.0.192 192.0.2.1 192.88.99.1 192.168.0.1
198.18.0.1 198.19.255.255 198.51.100.7 203.0.113.9 224.0.0.1 239.255.255.250 240.0.0.1 255.255.255.255 :: ::1
::2 ::127.0.0.1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:169.254.169.254 ::ffff:0:127.0.0.1 64:ff9b::7f00:1
64:ff9b::a9fe:a9fe 64:ff9b:1::a00:1 100::1 2001::1 2001:0:53aa:64c:0:fbff:80ff:fffe 2001:20::1 2001:db8::1
2002:7f00:1:: 2002:a9fe:a9fe::1 3fff::1 5f00::1 fc00::1 fd00:ec2::254 fd12:3456:789a::1 fe80::1 fe80::1%eth0
::1%lo fec0::1 ff02::1 4000::1
"""
PUBLIC = """
1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.1 169.253.255.255
169.255.0.0 172.15.255.255 172.32.0.0 192.167.255.255 192.169.0.0 198.17.255.255 198.20.0.0 223.255.255.255
::ffff:8.8.8.8 64:ff9b::808:808 2606:4700:4700::1111 2a00:1450:4001:82a::200e 2003::1 2001:200::1 3ffe::1
"""


@pytest.mark.parametrize("text", FORBIDDEN.split())
def test_what_is_not_public_is_known(text):
    assert not is_public(plain(ip_address(text)))


@pytest.mark.parametrize("text", PUBLIC.split())
def test_what_is_public_is_known(text):
    assert is_public(plain(ip_address(text)))


@pytest.mark.parametrize(
    "host", ["127.1", "2130706433", "0177.0.0.1", "127.0.0.1.", "1.2.3", "::1::", "[::1]", "1.2.3.4:80"]
)
def test_an_address_in_another_notation_is_refused(host):
    with pytest.raises(ValueError):
        literal(host)


def test_a_name_is_no_address():
    for host in ("localhost", "0x7f.0.0.1", "0x7f000001", "a.b", "xn--bcher-kva.example", ""):
        assert literal(host) is None
    assert str(literal("10.0.0.1")) == "10.0.0.1"
    assert str(literal("::ffff:10.0.0.1")) == "10.0.0.1"


def test_an_allow_list_has_addresses_networks_and_names():
    allowed = AllowList(["127.0.0.0/8", "10.1.2.3", "fd00::/8", "Billing.Internal", "*.corp.example"])
    for text in ("127.9.9.9", "10.1.2.3", "fd12::1", "::ffff:127.0.0.1"):
        assert allowed.has(plain(ip_address(text)))
    for text in ("128.0.0.1", "10.1.2.4", "fe80::1"):
        assert not allowed.has(plain(ip_address(text)))
    for name in ("billing.internal", "BILLING.INTERNAL.", "a.corp.example", "a.b.corp.example"):
        assert allowed.names(name)
    for name in ("billing.internal.evil.example", "xbilling.internal", "corp.example", "evilcorp.example", "127.0.0.1"):
        assert not allowed.names(name)


@pytest.mark.parametrize(
    "entry", ["", "http://a", "a/b", "127.0.0.1/33", "10.0.0.1/8", "127.1", "*", "a.*.b", "a b", "a:80", "[::1]", "-a"]
)
def test_an_entry_that_means_nothing_is_refused(entry):
    with pytest.raises(UnusableEntry):
        AllowList([entry])
