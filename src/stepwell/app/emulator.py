"""The process of the emulated services: moto's server on loopback. It says when it is there, and ends with its parent.

The parent holds the other end of standard input: that closes however the parent ends.
"""

import logging
import os
import sys
import threading


def main() -> None:
    """Serve until standard input closes."""
    threading.Thread(target=_end_with_parent, name="parent watch", daemon=True).start()
    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # else it tells of every request
    from moto.core.config import default_user_config  # noqa: PLC0415 (an extra, and heavy)
    from moto.server import ThreadedMotoServer  # noqa: PLC0415

    default_user_config["batch"] = {"use_docker": False}  # jobs would else be containers, which not every laptop runs
    server = ThreadedMotoServer("127.0.0.1", int(sys.argv[1]), verbose=False)
    server.start()
    print(server.get_host_and_port()[1], flush=True)
    threading.Event().wait()


def _end_with_parent() -> None:
    sys.stdin.buffer.read()
    os._exit(0)


if __name__ == "__main__":
    main()
