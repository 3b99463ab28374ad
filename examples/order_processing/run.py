"""Process orders while the billing service is down, and after it has come back.

.venv/bin/python examples/order_processing/run.py
"""

import json
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from billing import DECLINED_CARD, Billing  # noqa: E402
from recover import recover  # noqa: E402
from shared.local import Local, run  # noqa: E402
from shared.progress import GREEN, RED, Execution, follow, say, title  # noqa: E402

ORDERS = (
    {"order_id": "order-1", "customer": "Ada", "card": "4111-1111-1111-1111", "total": 120},
    {"order_id": "order-2", "customer": "Charles", "card": DECLINED_CARD, "total": 80},
    {"order_id": "order-3", "customer": "Grace", "card": "4111-1111-1111-1112", "total": 35.5},
)


def story(local: Local, billing: Billing) -> None:
    """Make what the orders need, and let them come."""
    sqs = local.client("sqs")
    table, dead, shipping = _made(local, sqs)
    machine = local.deploy(
        HERE / "order.asl.json",
        OrdersTable=table,
        ChargeCardFunction="charge-card",
        DeadLetterQueueUrl=dead,
        ShippingQueueUrl=shipping,
    )
    title("Billing is down. Three orders come in:")
    executions = [
        Execution(local.stepfunctions, local.start(machine, str(order["order_id"]), order), _outcome)
        for order in ORDERS
    ]
    follow(executions)
    title(f"{_waiting(sqs, dead)} orders wait in the dead-letter queue. Nobody was charged, nothing is lost.")
    with billing.up():
        title("Billing is back. Somebody answers the dead letters with RETRY:")
        answered = recover(sqs, dead)
        for execution in executions:
            execution.waits = False
        follow(executions)
    title("What has come of it:")
    say(f"  answered dead letters: {', '.join(sorted(answered))}")
    say(f"  charged by billing:    {', '.join(sorted(billing.charges))}")
    say(f"  to be shipped:         {', '.join(_shipped(sqs, shipping))}")
    for item in sorted(local.client("dynamodb").scan(TableName=table)["Items"], key=str):
        say(f"  {item['order_id']['S']}: {item['status']['S']}, {item['reason']['S']}")


def _made(local: Local, sqs: Any) -> tuple[str, str, str]:
    local.table("orders", "order_id")
    dead, shipping = (sqs.create_queue(QueueName=f"{name}")["QueueUrl"] for name in ("orders-dead", "shipping"))
    return "orders", dead, shipping


def _waiting(sqs: Any, queue_url: str) -> str:
    wanted = "ApproximateNumberOfMessages"
    return str(sqs.get_queue_attributes(QueueUrl=queue_url, AttributeNames=[wanted])["Attributes"][wanted])


def _shipped(sqs: Any, queue_url: str) -> list[str]:
    messages = sqs.receive_message(QueueUrl=queue_url, MaxNumberOfMessages=10).get("Messages", [])
    return sorted(json.loads(message["Body"])["order_id"] for message in messages)


def _outcome(output: Any) -> tuple[str, str]:
    return f"{output['status']}: {output['reason']}", GREEN if output["status"] == "PAID" else RED


def main() -> int:
    """Run the story once."""
    billing = Billing()
    try:
        return run(HERE, lambda local: story(local, billing), BILLING_URL=billing.url)
    finally:
        billing.close()


if __name__ == "__main__":
    sys.exit(main())
