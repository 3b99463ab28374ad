"""Answering what waits in the dead-letter queue, once billing is back: what an operator, or a schedule, runs."""

import json
from typing import Any

from stepwell.worker import TokenRefused, complete

RETRY, CANCEL = "RETRY", "CANCEL"
BATCH = 10


def recover(sqs: Any, queue_url: str, decision: str = RETRY) -> list[str]:
    """Answer all messages of the queue with a decision; return the orders' ids.

    A message is deleted only after its answer was taken. If this ends in between, the next one answers it again, and is
    refused: a token answers once.
    """
    answered = []
    while messages := sqs.receive_message(QueueUrl=queue_url, MaxNumberOfMessages=BATCH).get("Messages"):
        for message in messages:
            letter = json.loads(message["Body"])
            try:
                complete(letter["task_token"], {"decision": decision})
            except TokenRefused:
                pass  # answered before, or its execution has ended
            else:
                answered.append(letter["order"]["order_id"])
            sqs.delete_message(QueueUrl=queue_url, ReceiptHandle=message["ReceiptHandle"])
    return answered
