"""What a worker's process runs first: it binds itself to its parent and its limits, then it serves its handler.

    bootstrap.py HANDLER CLIENT PARENT MEMORY

CLIENT is `awslambdaric`, which is what runs on AWS, or `own` for the client beside this file, where there is no other.
Nothing of the project is imported here: a function starts faster without it, and has a `sys.path` of its own.
"""

import ctypes
import importlib.util
import os
import resource
import sys
import threading
from pathlib import Path

PR_SET_PDEATHSIG = 1
SIGKILL = 9
MIB = 1024 * 1024


def main(handler: str, client: str, parent: str, memory: str) -> None:
    """Serve the handler until the parent is gone."""
    sys.argv = [sys.argv[0], handler]
    sys.path.insert(0, str(Path.cwd()))
    if sys.platform == "linux" and client != "own":
        die_with_parent(int(parent))
    else:
        die_with_pipe()
    if int(memory) and sys.platform == "linux":
        limit_memory(int(memory) * MIB)
    serve = serve_with_awslambdaric if client == "awslambdaric" else serve_with_own_client
    serve(handler, os.environ["AWS_LAMBDA_RUNTIME_API"])


def die_with_parent(parent: int) -> None:
    """Have the kernel kill this process when its parent ends, whatever it is doing then."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0)
    release_stdin()
    if os.getppid() != parent:  # it ended before we had asked
        os.kill(os.getpid(), SIGKILL)


def die_with_pipe() -> None:
    """End this process when the pipe at its standard input closes, whose other end the parent holds."""
    pipe = release_stdin()

    def watch() -> None:
        os.read(pipe, 1)
        os.kill(os.getpid(), SIGKILL)

    threading.Thread(target=watch, name="parent watch", daemon=True).start()


def release_stdin() -> int:
    """Give the handler an empty standard input, and return what it was: a descriptor that its children don't get."""
    pipe = os.dup(0)
    empty = os.open(os.devnull, os.O_RDONLY)
    os.dup2(empty, 0)
    os.close(empty)
    return pipe


def limit_memory(limit: int) -> None:
    """Let this process allocate no more than this.

    Data, not address space: that counts what was reserved but never used, which is gigabytes with a few threads.
    """
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))


def serve_with_awslambdaric(handler: str, address: str) -> None:
    """Serve with AWS's own client."""
    from awslambdaric import bootstrap  # noqa: PLC0415 (not everywhere)
    from awslambdaric.lambda_runtime_client import LambdaRuntimeClient  # noqa: PLC0415

    host, _, token = address.partition("/")

    class Client(LambdaRuntimeClient):  # type: ignore[misc]
        """AWS's client; what it sends through http.client needs the token in the path, its own code reads it itself."""

        def call_rapid(self, http_method: str, endpoint: str, *rest: object, **options: object) -> None:
            super().call_rapid(http_method, f"/{token}{endpoint}", *rest, **options)

    # Without a second thread that polls: it would let the process see SIGTERM, which it is never sent.
    bootstrap.run(handler, Client(host, use_thread_for_polling_next=False))


def serve_with_own_client(handler: str, address: str) -> None:
    """Serve with the client beside this file."""
    spec = importlib.util.spec_from_file_location("_own_client", Path(__file__).with_name("own_client.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.run(handler, address)


if __name__ == "__main__":
    main(*sys.argv[1:])
