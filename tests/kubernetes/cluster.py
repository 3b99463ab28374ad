"""An API server of Kubernetes over TLS, by an authority of its own, as far as Jobs, their pods and logs go.

Jobs go on until a test ends them; a creation may be held up after it has taken effect; all is counted.
"""

import base64
import itertools
import json
import ssl
import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from urllib.parse import parse_qs, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

LOG = '{"pi": 3.14}\n'
TOKEN = "k8s-aws-v1."
_PEM = serialization.Encoding.PEM


class ClusterServer(ThreadingHTTPServer):
    """The Jobs, by namespace and name."""

    daemon_threads = True

    def __init__(self, folder):
        super().__init__(("127.0.0.1", 0), _Handler)
        context, pem = _certified(folder)
        self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
        self.parameters = {
            "ClusterName": "c",
            "CertificateAuthority": base64.b64encode(pem.encode()).decode(),
            "Endpoint": f"https://127.0.0.1:{self.server_port}",
        }
        self.jobs = {}
        self.calls = []
        """Every call: (method, path, query, headers, body)."""
        self.statuses = []
        """What the next calls are answered with instead."""
        self.gate = threading.Event()
        self.gate.set()
        """Cleared: a creation has taken effect, and isn't answered."""
        self.lock = threading.Lock()
        self._numbers = itertools.count(1)

    def handle_error(self, *_):
        """Say nothing when a client hangs up, is killed, or doesn't trust us."""

    def count(self, method):
        return sum(call[0] == method for call in self.calls)

    @property
    def tokens(self):
        """The URLs that were tokens, one for each call."""
        given = [headers["authorization"].removeprefix(f"Bearer {TOKEN}") for _, _, _, headers, _ in self.calls]
        return [base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode() for text in given]

    def end(self, kind="Complete"):
        """End all Jobs: "Complete" or "Failed"."""
        for job in self.jobs.values():
            early = {"type": "SuccessCriteriaMet", "status": "True"}
            job["status"] = {"conditions": [early, {"type": kind, "status": "True", "message": f"it is {kind}"}]}

    def answer(self, method, path, query, headers, body):
        with self.lock:
            self.calls.append((method, path, query, headers, body))
            if self.statuses:
                return _status(self.statuses.pop(0))
            return self._answer(method, path, body)

    def _answer(self, method, path, body):
        *_, kind, name = ("", *path.strip("/").split("/"))
        if method == "POST" and name == "jobs":
            return self._create(kind, json.loads(body))
        if name == "pods":
            names = [{"metadata": {"name": "p-1"}, "spec": {"containers": [{"name": "pi"}, {"name": "side"}]}}]
            return 200, {"items": names}
        if name == "log":
            return 200, LOG
        if kind == "jobs":
            if path not in self.jobs:
                return _status(404)
            return 200, self.jobs.pop(path) if method == "DELETE" else self.jobs[path]
        return 200, {"said": None if body is None else body}

    def _create(self, namespace, job):
        path = f"/apis/batch/v1/namespaces/{namespace}/jobs/{job['metadata']['name']}"
        if path in self.jobs:
            return _status(409)
        uid = f"u-{next(self._numbers)}"
        spec = {**job.get("spec", {}), "selector": {"matchLabels": {"batch.kubernetes.io/controller-uid": uid}}}
        job["metadata"] |= {"uid": uid, "namespace": namespace}
        self.jobs[path] = {**job, "spec": spec, "status": {}}
        return 201, self.jobs[path]


def _status(code):
    return code, {"kind": "Status", "status": "Failure", "code": code}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: ClusterServer

    def log_message(self, *_):
        """Say nothing."""

    def do_GET(self):
        self._answer()

    def do_POST(self):
        self._answer()

    def do_PATCH(self):
        self._answer()

    def do_DELETE(self):
        self._answer()

    def _answer(self):
        length = int(self.headers.get("content-length", 0))
        body = self.rfile.read(length).decode() if length else None
        url = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        status, answer = self.server.answer(self.command, url.path, parse_qs(url.query), headers, body)
        if self.command == "POST":
            self.server.gate.wait(30)
        text = (answer if isinstance(answer, str) else json.dumps(answer)).encode()
        self.send_response(status)
        self.send_header("content-type", "text/plain" if isinstance(answer, str) else "application/json")
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)


def _certified(folder):
    """Return the server's side of TLS, and the certificate of the authority that vouches for it."""
    now = datetime.now(UTC)

    def made(subject, key, issuer, signer, extension):
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, subject)])
        return (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, issuer)]))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(hours=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(extension, critical=isinstance(extension, x509.BasicConstraints))
            .sign(signer, hashes.SHA256())
        )

    authority, own = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root = made("kubernetes", authority, "kubernetes", authority, x509.BasicConstraints(ca=True, path_length=None))
    names = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    leaf = made("api", own, "kubernetes", authority, names)
    clear = serialization.NoEncryption()
    (folder / "cert").write_bytes(leaf.public_bytes(_PEM))
    (folder / "key").write_bytes(own.private_bytes(_PEM, serialization.PrivateFormat.PKCS8, clear))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert", folder / "key")
    return context, root.public_bytes(_PEM).decode()


@contextmanager
def cluster_server(folder):
    """Serve a cluster for a while."""
    with ClusterServer(folder) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.gate.set()
            server.shutdown()
            thread.join()
