"""moto's server as a process of its own."""

import json
import socket
import subprocess
import urllib.error
import urllib.request
from contextlib import contextmanager, suppress

from e2e.server import BIN, clean_environment, eventually


def _post(url, path, body):
    request = urllib.request.Request(
        f"{url}/moto-api/{path}", json.dumps(body).encode(), {"content-type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=10):
        pass


class Moto:
    """Where it is, and what it can be told to do."""

    def __init__(self, url):
        self.url = url

    def is_up(self):
        """Return whether it answers."""
        with suppress(OSError), urllib.request.urlopen(f"{self.url}/moto-api/data.json", timeout=5):
            return True
        return False

    def use_no_docker(self):
        """Let jobs of Batch end at once, well."""
        _post(self.url, "config", {"batch": {"use_docker": False}})

    def advance(self, model, **transition):
        """Say when jobs of a model go on to their next status."""
        _post(self.url, "state-manager/set-transition", {"model_name": model, "transition": transition})


@contextmanager
def moto_server(folder):
    """Serve moto for a while, with its log in a folder."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with (folder / "moto.log").open("wb") as log:
        process = subprocess.Popen(
            [str(BIN / "moto_server"), "-H", "127.0.0.1", "-p", str(port)],
            stdout=log, stderr=log, env=clean_environment(),
        )  # fmt: skip
        try:
            moto = Moto(f"http://127.0.0.1:{port}")
            eventually(moto.is_up, bool, 60)
            yield moto
        finally:
            process.terminate()
            process.wait(30)
