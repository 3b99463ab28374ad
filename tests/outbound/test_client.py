"""The one client for what users name, against servers that behave and servers that don't."""

import asyncio
import ssl
import subprocess
import sys
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from stepwell.outbound import AllowList, Failed, Outbound, Refused, TooLarge
from stepwell.outbound.client import MAX_CONNECTIONS

OK = b"HTTP/1.1 200 Fine\r\nContent-Length: 2\r\nX-A: 1\r\nX-A: 2\r\n\r\nhi"
LOOPBACK = AllowList(["127.0.0.0/8"])


def finding(*addresses):
    """Return a look-up that finds these addresses, one list after the other, and the names it was asked for."""
    asked = []

    async def look_up(host, port):
        asked.append(host)
        found = addresses[min(len(asked), len(addresses)) - 1]
        return found if isinstance(found, list) else [found]

    return look_up, asked


@asynccontextmanager
async def client(allowed=LOOPBACK, look_up=None):
    outbound = Outbound(allowed, look_up)
    try:
        yield outbound
    finally:
        await outbound.close()


def test_an_answer_is_given_as_it_came(serving, get):
    async def scenario():
        async with serving(OK) as server, client() as outbound:
            return await outbound.send(get(f"http://127.0.0.1:{server.port}/a?b=c")), server.heads

    answer, heads = asyncio.run(scenario())
    assert (answer.status, answer.reason, answer.body, answer.version) == (200, "Fine", b"hi", "1.1")
    assert [value for name, value in answer.headers if name == "X-A"] == ["1", "2"]
    assert [line.split(":")[0] for line in heads[0].split("\r\n") if line] == ["GET /a?b=c HTTP/1.1", "Host"]


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/", "https://127.0.0.1/", "https://10.1.2.3/", "https://[::1]/", "https://[::ffff:127.0.0.1]/",
        "https://[::ffff:7f00:1]/", "https://[64:ff9b::7f00:1]/", "https://169.254.169.254/latest/meta-data",
        "https://①②⑦.⓪.⓪.①/", "https://127。0。0。1/", "https://127.1/", "https://2130706433/", "https://0177.0.0.1/",
        "https://127.0.0.1./", "https://[::1%25lo]/", "https://[fe80::1%25eth0]/", "https://0.0.0.0/", "https://[::]/",
    ],
)  # fmt: skip
def test_an_address_that_is_not_public_is_refused_in_every_notation(get, url):
    async def scenario():
        async with client(AllowList()) as outbound:
            with pytest.raises(Refused):
                await outbound.send(get(url))

    asyncio.run(scenario())


@pytest.mark.parametrize("host", ["localhost", "0x7f.1", "0x7f000001", "LOCALHOST", "localhost."])
def test_a_name_that_leads_to_loopback_is_refused(get, host):
    """By the real look-up, whatever it makes of such a name: nothing is connected to."""

    async def scenario():
        async with client(AllowList()) as outbound:
            with pytest.raises((Refused, Failed)):
                await outbound.send(get(f"https://{host}/"))

    asyncio.run(scenario())


@pytest.mark.parametrize("found", [["8.8.8.8", "127.0.0.1"], ["::ffff:10.0.0.1"], ["fd00:ec2::254"], ["100.64.0.1"]])
def test_one_forbidden_address_of_a_name_is_enough(get, found):
    async def scenario():
        look_up, _ = finding(found)
        async with client(AllowList(), look_up) as outbound:
            with pytest.raises(Refused, match="allow"):
                await outbound.send(get("https://api.example/"))

    asyncio.run(scenario())


def test_a_name_is_looked_up_once_and_what_was_checked_is_connected_to(serving, get):
    """A name that leads elsewhere the next time one asks (DNS rebinding) wins nothing."""

    async def scenario():
        look_up, asked = finding("127.0.0.2", "127.0.0.1")
        async with serving(OK) as server, client(AllowList(["127.0.0.2"]), look_up) as outbound:
            with pytest.raises(Failed):  # nobody listens at what was checked
                await outbound.send(get(f"http://rebinding.example:{server.port}/"))
            assert (asked, server.connections) == (["rebinding.example"], 0)
            with pytest.raises(Refused):  # by now it leads to what is forbidden
                await outbound.send(get(f"http://rebinding.example:{server.port}/"))
            assert server.connections == 0

    asyncio.run(scenario())


def test_an_allowed_name_may_lead_anywhere_and_over_plain_http(serving, get):
    async def scenario():
        look_up, _ = finding("127.0.0.1")
        async with serving(OK) as server, client(AllowList(["billing.internal"]), look_up) as outbound:
            answer = await outbound.send(get(f"http://billing.internal:{server.port}/"))
            with pytest.raises(Refused):
                await outbound.send(get(f"http://other.internal:{server.port}/"))
            return answer.status, server.heads[0]

    status, head = asyncio.run(scenario())
    assert status == 200
    assert "Host: billing.internal:" in head


def test_plain_http_goes_only_to_what_is_allowed(get):
    async def scenario():
        look_up, _ = finding("8.8.8.8")
        async with client(AllowList(["127.0.0.1"]), look_up) as outbound:
            with pytest.raises(Refused, match="over https"):
                await outbound.send(get("http://api.example/"))

    asyncio.run(scenario())


@pytest.mark.parametrize(
    "url",
    ["", "ftp://a/", "//a/", "https:///", "file:///etc/passwd", "https://u:p@a/", "https://[::1", "https://a:99999/"],
)
def test_what_is_no_url_to_call_is_refused(get, url):
    async def scenario():
        async with client() as outbound:
            with pytest.raises(Refused) as caught:
                await outbound.send(get(url))
        assert "p@" not in str(caught.value)

    asyncio.run(scenario())


def test_who_calls_nobody_does_not_pay_for_the_client():
    heavy = "{'aiohttp', 'cryptography', 'yarl'}"
    code = (
        f"import sys, stepwell.app.serving; assert not {heavy} & set(sys.modules), sorted({heavy} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr


@pytest.fixture
def untrusted(tmp_path):
    """What serves TLS with a certificate that nobody has signed but itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "api.internal")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
        .not_valid_before(now - timedelta(hours=1)).not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("api.internal")]), critical=False)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    pem, clear = serialization.Encoding.PEM, serialization.NoEncryption()
    (tmp_path / "cert").write_bytes(made.public_bytes(pem))
    (tmp_path / "key").write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, clear))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert", tmp_path / "key")
    return context


def test_a_certificate_that_is_not_trusted_is_no_connection(get, untrusted):
    async def scenario():
        heads = []

        async def serve(reader, writer):
            heads.append(await reader.readuntil(b"\r\n\r\n"))

        server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=untrusted)
        look_up, _ = finding("127.0.0.1")
        async with server, client(AllowList(["api.internal"]), look_up) as outbound:
            port = server.sockets[0].getsockname()[1]
            with pytest.raises(Failed, match="certificate"):
                await outbound.send(get(f"https://api.internal:{port}/"))
        return heads

    assert asyncio.run(scenario()) == []


def test_a_redirect_is_an_answer_and_is_not_followed(serving, get):
    async def scenario():
        raw = b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/secret\r\nContent-Length: 0\r\n\r\n"
        async with serving(raw) as server, client() as outbound:
            answer = await outbound.send(get(f"http://127.0.0.1:{server.port}/"))
            return answer.status, len(server.heads)

    assert asyncio.run(scenario()) == (302, 1)


async def never(_head, _writer):
    await asyncio.Event().wait()


async def slowly(_head, writer):
    """One byte of a head at a time, for ever."""
    writer.write(b"HTTP/1.1 200 OK\r\nX: ")
    while True:
        writer.write(b"a")
        await writer.drain()
        await asyncio.sleep(0.01)


async def without_end(_head, writer):
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        writer.write(b"3e8\r\n" + b"a" * 1000 + b"\r\n")
        await writer.drain()


@pytest.mark.parametrize("handler", [never, slowly])
def test_an_answer_that_does_not_end_in_time_has_failed(serving, get, handler):
    async def scenario():
        async with serving(handler) as server, client() as outbound:
            with pytest.raises(Failed, match=r"within 0\.1 seconds"):
                await outbound.send(get(f"http://127.0.0.1:{server.port}/", timeout=0.1))

    asyncio.run(scenario())


@pytest.mark.parametrize("handler", [without_end, b"HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n" + b"a" * 1001])
def test_an_answer_that_is_too_large_is_not_read_to_its_end(serving, get, handler):
    async def scenario():
        async with serving(handler) as server, client() as outbound:
            with pytest.raises(TooLarge):
                await outbound.send(get(f"http://127.0.0.1:{server.port}/", limit=1000))

    asyncio.run(scenario())


@pytest.mark.parametrize("raw", [b"SMTP ready\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhi", b""])
def test_what_is_no_whole_http_has_failed_and_repeats_no_url(serving, get, raw):
    async def scenario():
        async def handler(_head, writer):
            writer.write(raw)
            writer.close()

        async with serving(handler) as server, client() as outbound:
            with pytest.raises(Failed) as caught:
                await outbound.send(get(f"http://127.0.0.1:{server.port}/?key=canary", headers=[("X-Key", "canary")]))
        return str(caught.value)

    text = asyncio.run(scenario())
    assert text
    assert "canary" not in text


def test_a_header_with_a_line_break_is_refused_and_not_repeated(serving, get):
    async def scenario():
        async with serving(OK) as server, client() as outbound:
            headers = [("X", "canary\r\nHost: evil")]
            with pytest.raises(Refused) as caught:
                await outbound.send(get(f"http://127.0.0.1:{server.port}/", headers=headers))
        return str(caught.value), server.heads

    text, heads = asyncio.run(scenario())
    assert "canary" not in text
    assert heads == []


def test_a_connection_is_used_again(serving, get):
    async def scenario():
        async with serving(OK) as server, client() as outbound:
            for _ in range(3):
                await outbound.send(get(f"http://127.0.0.1:{server.port}/"))
            return server.connections, len(server.heads)

    assert asyncio.run(scenario()) == (1, 3)


def test_calls_beyond_the_bound_wait_and_lose_no_time_by_it(serving, get, monkeypatch):
    monkeypatch.setattr("stepwell.outbound.client.MAX_CONNECTIONS", 2)

    async def scenario():
        started, room = [], asyncio.Event()

        async def handler(_head, writer):
            started.append(1)
            await room.wait()
            writer.write(OK)

        async with serving(handler) as server, client() as outbound:
            url = f"http://127.0.0.1:{server.port}/"
            calls = [asyncio.create_task(outbound.send(get(url))) for _ in range(5)]
            async with asyncio.timeout(5):
                while len(started) < 2:
                    await asyncio.sleep(0.001)
            assert len(started) == 2
            room.set()
            return [(await call).status for call in calls]

    assert asyncio.run(scenario()) == [200] * 5
    assert MAX_CONNECTIONS >= 500
