"""Many Tasks that wait for slow HTTP endpoints at the same time, in one process: what memory that takes.

    .venv/bin/python bench/http_waits.py [--tasks 500] [--seconds 5] [--tls] [--check]

The endpoint is this process. It counts how many calls wait at once, and answers none before its time has come.
"""

import argparse
import asyncio
import ipaddress
import json
import ssl
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import boto3
import uvloop
from client import Client
from load import ROLE
from processes import cpu_seconds, memory_mib, peak_memory_mib
from servers import stepwell
from wishes import Figures, judged

MEASURE = "http waits"
LONGEST_SECONDS = 120.0
_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"


class Endpoint:
    """A slow API."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self.waiting = self.at_once = self.answered = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the request of one connection when its time has come."""
        await reader.readuntil(b"\r\n\r\n")
        self.waiting += 1
        self.at_once = max(self.at_once, self.waiting)
        await asyncio.sleep(self._seconds)
        self.waiting -= 1
        self.answered += 1
        writer.write(_ANSWER)
        await writer.drain()
        writer.close()


def _connect(url: str) -> str:
    events = boto3.client(
        "events", endpoint_url=url, region_name="us-east-1", aws_access_key_id="bench", aws_secret_access_key="x"
    )
    given = {"ApiKeyAuthParameters": {"ApiKeyName": "X-Key", "ApiKeyValue": "value"}}
    made = events.create_connection(Name="bench", AuthorizationType="API_KEY", AuthParameters=given)
    arn: str = made["ConnectionArn"]
    return arn


def _definition(endpoint: str, connection: str) -> str:
    parameters = {"ApiEndpoint": endpoint, "Method": "GET", "InvocationConfig": {"ConnectionArn": connection}}
    call = {"Type": "Task", "Resource": "arn:aws:states:::http:invoke", "Parameters": parameters, "End": True}
    return json.dumps({"StartAt": "Call", "States": {"Call": call}})


async def _wait(url: str, machine: str, tasks: int) -> None:
    """Start so many executions, and wait until all of them have succeeded."""
    client = Client(url)
    started = [await client.call("StartExecution", {"stateMachineArn": machine}) for _ in range(tasks)]
    async with asyncio.timeout(LONGEST_SECONDS):
        for each in started:
            asked = {"executionArn": each["executionArn"]}
            while (found := await client.call("DescribeExecution", asked))["status"] == "RUNNING":
                await asyncio.sleep(0.05)
            assert found["status"] == "SUCCEEDED", found
    client.close()


async def _measured(url: str, pid: int, options: argparse.Namespace, tls: ssl.SSLContext | None) -> dict[str, float]:
    endpoint = Endpoint(options.seconds)
    served = await asyncio.start_server(endpoint.serve, "127.0.0.1", 0, ssl=tls, backlog=options.tasks)
    port = served.sockets[0].getsockname()[1]
    connection = await asyncio.to_thread(_connect, url)
    client = Client(url)
    definition = _definition(f"{'https' if tls else 'http'}://127.0.0.1:{port}/", connection)
    machine = await client.call("CreateStateMachine", {"name": "bench", "definition": definition, "roleArn": ROLE})
    client.close()
    before, idle, begun = cpu_seconds(pid), memory_mib(pid), time.perf_counter()
    await _wait(url, machine["stateMachineArn"], options.tasks)
    elapsed = time.perf_counter() - begun
    served.close()
    assert endpoint.answered == options.tasks, endpoint.answered
    return {
        "at_once": endpoint.at_once,
        "elapsed_s": elapsed,
        "cpu_ms_each": (cpu_seconds(pid) - before) * 1000 / options.tasks,
        "idle_mib": idle,
        "peak_mib": peak_memory_mib(pid),
    }


def _certificate(folder: Path) -> ssl.SSLContext:
    """Make a certificate for 127.0.0.1, and return what serves with it."""
    from cryptography import x509  # noqa: PLC0415 (only with --tls)
    from cryptography.hazmat.primitives import hashes, serialization  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1)).not_valid_after(now + timedelta(days=1))
        .add_extension(address, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    text = serialization.Encoding.PEM
    private = key.private_bytes(text, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "cert.pem").write_bytes(made.public_bytes(text))
    (folder / "key.pem").write_bytes(private)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context


def main() -> int:
    """Measure, print, and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--tasks", type=int, default=500)
    parser.add_argument("--seconds", type=float, default=5.0, help="that the endpoint takes to answer")
    parser.add_argument("--tls", action="store_true", help="over https, with a certificate of our own")
    parser.add_argument("--check", action="store_true", help="end with status 1 unless what is wished holds")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="scratch-", dir=Path(__file__).parent) as name:
        folder = Path(name)
        tls = _certificate(folder) if options.tls else None
        (folder / "stepwell.toml").write_text('[http]\nallow = ["127.0.0.1"]\n', encoding="utf-8")
        trusted = {"SSL_CERT_FILE": str(folder / "cert.pem")} if tls else {}
        with stepwell(folder / "data", "--config", str(folder / "stepwell.toml"), environment=trusted) as server:
            made = uvloop.run(_measured(server.url, server.pid, options, tls))
    for figure, number in made.items():
        print(f"{figure}: {number:,.2f}")
    figures: Figures = {MEASURE: {"stepwell": made}}
    wishes = [wish for wish in judged(figures) if wish["holds"] is not None]
    for wish in wishes:
        print(
            f"{wish['wish']}: {wish['measured']:,.1f}, {wish['bound']}: {'holds' if wish['holds'] else 'DOES NOT HOLD'}"
        )
    return int(options.check and not all(wish["holds"] for wish in wishes))


if __name__ == "__main__":
    sys.exit(main())
