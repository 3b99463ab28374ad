"""A server over real HTTP, in this process, and a browser's side of it that sends exactly what a test says."""

import asyncio
import http.client
import json
import threading
import time
from contextlib import ExitStack
from urllib.parse import quote, urlencode, urlsplit

import boto3
import pytest
from botocore.config import Config

from stepwell.app.composition import listen, running
from stepwell.app.serving import http_server, url_of
from stepwell.settings import Settings
from stepwell.storage.memory import MemoryStore
from stepwell.storage.sqlite import SqliteStore

PATIENCE = 20
ACCOUNT, REGION = "123456789012", "us-east-1"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/r"


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = {name.lower(): value for name, value in response.getheaders()}
        self.raw = response.read()

    @property
    def body(self):
        return json.loads(self.raw)

    @property
    def code(self):
        return self.body["__type"].rpartition("#")[2]


class Running:
    """A server in a thread of its own."""

    def __init__(self, store):
        self._store = store
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def _serve(self):
        asyncio.run(self._until_stopped())

    async def _until_stopped(self):
        self.loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        bound = listen("127.0.0.1", 0)
        self.url = url_of(bound)
        async with running(self._store, Settings(), self.url) as self.parts, http_server(self.parts, bound):
            self._ready.set()
            await self._stop.wait()

    def __enter__(self):
        self._thread.start()
        assert self._ready.wait(PATIENCE)
        return self

    def __exit__(self, *_):
        self.loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(PATIENCE)

    def do(self, coroutine):
        """Run a coroutine in the server's loop; return what it returns."""
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(PATIENCE)

    def client(self, account=ACCOUNT, region=REGION):
        return boto3.client(
            "stepfunctions", endpoint_url=self.url, region_name=region, aws_access_key_id=account,
            aws_secret_access_key="x", config=Config(retries={"total_max_attempts": 1}, inject_host_prefix=False),
        )  # fmt: skip


class Browser:
    """What a page of the server sends, unless a test says otherwise."""

    def __init__(self, server):
        self.server = server
        self.host = urlsplit(server.url).netloc
        self.cookie = None

    def send(self, method, path, body=None, headers=None, **changed):
        """Send a request; a header that is None is left out."""
        given = {"Host": self.host, "Sec-Fetch-Site": "same-origin", "Cookie": self.cookie}
        if method not in {"GET", "HEAD"}:
            given |= {"Origin": f"http://{self.host}", "Content-Type": "application/json"}
        given |= headers or {}
        connection = http.client.HTTPConnection(self.host, timeout=PATIENCE)
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        raw = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        for name, value in (given | {"Content-Length": str(len(raw))}).items():
            if value is not None:
                connection.putheader(name, value)
        connection.endheaders(raw)
        answer = Answer(connection.getresponse())
        connection.close()
        return answer

    def log_in(self):
        token = self.server.parts.console.new_link().partition("#token=")[2]
        answer = self.send("POST", "/console/api/session", {"token": token})
        assert answer.status == 200, answer.raw
        self.cookie = answer.headers["set-cookie"].partition(";")[0]
        return self

    def get(self, call, **query):
        """Call the console's API; return what it answers."""
        answer = self.send("GET", f"/console/api/{call}?{urlencode(query, doseq=True, quote_via=quote)}")
        assert answer.status == 200, answer.raw
        return answer.body

    def post(self, call, body, status=200):
        answer = self.send("POST", f"/console/api/{call}", body)
        assert answer.status == status, answer.raw
        return answer.body


@pytest.fixture(scope="module", params=["sqlite"])
def server(tmp_path_factory):
    with Running(SqliteStore(tmp_path_factory.mktemp("console"))) as running:
        yield running


@pytest.fixture
def fresh_server():
    """A server of this test alone."""
    with Running(MemoryStore()) as running:
        yield running


@pytest.fixture
def stack():
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def browser(server):
    return Browser(server)


@pytest.fixture
def page(browser):
    """A browser that is logged in."""
    return browser.log_in()


@pytest.fixture
def sfn(server):
    return server.client()


@pytest.fixture
def eventually():
    """Wait until something holds, and return it."""

    def eventually(look):
        until = time.monotonic() + PATIENCE
        while not (found := look()):
            assert time.monotonic() < until, "it never came to be"
            time.sleep(0.01)
        return found

    return eventually
