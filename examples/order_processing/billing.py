"""The billing service, which another team runs: it charges each order once, and is sometimes away.

`charge_card` is our function that calls it. The service itself is here for the example.
"""

import hashlib
import json
import os
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

SECONDS_TO_ANSWER = 5.0
DECLINED_CARD = "4000-0000-0000-0002"


class BillingUnavailable(Exception):
    """Billing doesn't answer, or says that it can't now. It passes."""


class CardDeclined(Exception):
    """The card's bank has said no. It does not pass."""


def charge_card(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Charge an order's card. The order's id is the idempotency key: a repeated call charges nothing more."""
    request = urllib.request.Request(
        f"{os.environ['BILLING_URL']}/charges/{event['order_id']}",
        data=json.dumps({"card": event["card"], "amount": event["amount"]}).encode(),
        method="PUT",
    )
    try:
        with urllib.request.urlopen(request, timeout=SECONDS_TO_ANSWER) as answer:
            receipt: dict[str, Any] = json.load(answer)
            return receipt
    except urllib.error.HTTPError as error:
        if error.code == 402:
            raise CardDeclined(f"the card of order {event['order_id']} was declined") from None
        raise BillingUnavailable(f"billing answered {error.code}") from None
    except OSError as error:
        raise BillingUnavailable(f"billing doesn't answer: {error}") from None


class Billing:
    """The service. It has an address from the start, and answers nobody until it is `up`."""

    def __init__(self) -> None:
        self.charges: dict[str, dict[str, Any]] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler(), bind_and_activate=False)
        self._server.server_bind()

    @property
    def url(self) -> str:
        """Where it answers, when it does."""
        return f"http://127.0.0.1:{self._server.server_port}"

    @contextmanager
    def up(self) -> Iterator[None]:
        """Answer as long as the block takes."""
        self._server.server_activate()
        serving = threading.Thread(target=self._server.serve_forever, daemon=True)
        serving.start()
        try:
            yield
        finally:
            self._server.shutdown()
            serving.join()

    def close(self) -> None:
        """Give up the address."""
        self._server.server_close()

    def _charge(self, order_id: str, charge: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if charge["card"] == DECLINED_CARD:
            return 402, {}
        receipt = hashlib.sha256(order_id.encode()).hexdigest()[:8]
        return 200, self.charges.setdefault(order_id, {"receipt": receipt, "amount": charge["amount"]})

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        charge = self._charge

        class Handler(BaseHTTPRequestHandler):
            def do_PUT(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                status, answer = charge(self.path.rpartition("/")[2], body)
                text = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *args: object) -> None:
                """Say nothing."""

        return Handler
