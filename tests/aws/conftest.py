import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

TOLD = {
    "sts": """<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>
        <AccessKeyId>ASIAROLE</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>
        <Expiration>2100-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>""",
    "refused": "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>",
}


class Handler(BaseHTTPRequestHandler):
    """Queues that answer as the server's `answer` says, and STS; notes who has called."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        self.server.arrived.set()
        self.server.gate.wait(10)
        self._send(200, self.server.body, {})

    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        self.server.callers.append(self.headers["authorization"].split("Credential=")[1].split("/")[0])
        if "/sts/" in self.headers["authorization"]:
            refused = self.server.refuses_roles
            self._send(403 if refused else 200, TOLD["refused" if refused else "sts"].encode(), {})
        else:
            status, answer, headers = self.server.answer
            self._send(status, json.dumps(answer).encode(), headers)

    def _send(self, status, body, headers):
        self.send_response(status)
        for name, value in {"content-length": str(len(body)), "x-amzn-requestid": "id-1", **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


class Service(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        """Say nothing when a client hangs up."""


@pytest.fixture
def no_credentials(monkeypatch, tmp_path):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))


@pytest.fixture
def service(no_credentials):
    with Service(("127.0.0.1", 0), Handler) as server:
        server.callers, server.answer, server.refuses_roles = [], (200, {"MessageId": "m"}, {}), False
        server.body, server.gate, server.arrived = b"", threading.Event(), threading.Event()
        server.gate.set()
        server.environ = {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{server.server_port}"}
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.gate.set()
        server.shutdown()
        thread.join()
