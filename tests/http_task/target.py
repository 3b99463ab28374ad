"""An API to call, on loopback, that remembers what it was sent and answers as its path says."""

import json
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit


@dataclass
class Received:
    method: str
    path: str
    query: str
    headers: dict
    body: bytes


@dataclass
class Target:
    """`answers` maps a path to (status, headers, body), or to a function from what was received to that."""

    answers: dict = field(default_factory=dict)
    received: list = field(default_factory=list)
    url: str = ""

    def answer(self, path, status=200, body=b"{}", content_type="application/json", **headers):
        self.answers[path] = (status, {"Content-Type": content_type, **headers}, body)

    @property
    def last(self):
        return self.received[-1]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def _serve(self):
        target = self.server.target
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        received = Received(self.command, parts.path, parts.query, headers, body)
        target.received.append(received)
        found = target.answers.get(parts.path, (404, {}, b"no such path"))
        status, more, content = found(received) if callable(found) else found
        self.send_response(status)
        for name, value in more.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def __getattr__(self, name):
        if name.startswith("do_"):
            return self._serve
        raise AttributeError(name)

    def log_message(self, *_):
        pass


@contextmanager
def serving():
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    server.target = target = Target(url=f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield target
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def until(condition, seconds=20.0):
    """Return what a condition comes to, once it does."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.005)
    return found


def token_endpoint(target, tokens, **more):
    """Have `/token` give one token after the other."""
    given = iter(tokens)

    def answer(_received):
        body = {"access_token": next(given), "token_type": "Bearer", "expires_in": 3600, **more}
        return 200, {"Content-Type": "application/json"}, json.dumps(body).encode()

    target.answers["/token"] = answer


def fields(received):
    """Return the fields of a form."""
    return dict(parse_qsl(received.body.decode(), keep_blank_values=True))
