"""A delivery: what is brought to one target, and how often that is tried."""

from hashlib import blake2b
from typing import Any

import msgspec

from stepwell.runtime.arns import Scope
from stepwell.storage.records import DeliveryRecord

MOST_ATTEMPTS = 185
"""Retries after the first attempt, unless the target's RetryPolicy says less."""

LONGEST_SECONDS = 24 * 60 * 60
"""How long a delivery is tried, unless the target's RetryPolicy says less."""


class Delivery(msgspec.Struct, frozen=True, array_like=True):
    """What rests in a delivery's row."""

    account: str
    region: str
    source_arn: str
    """The rule, or the schedule."""
    event_id: str
    target: dict[str, Any]
    """As PutTargets, or CreateSchedule, was given it."""
    input: str


_encode = msgspec.json.Encoder().encode
decode = msgspec.json.Decoder(Delivery).decode


def stable_id(*parts: object) -> str:
    """Return the UUID of these parts: the same for the same ones."""
    digits = blake2b("\n".join(map(str, parts)).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
    return f"{digits[:8]}-{digits[8:12]}-8{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"


def delivery(
    *, scope: Scope, source_arn: str, event_id: str, target: dict[str, Any], input_text: str, now: int, due: int
) -> DeliveryRecord:
    """Return the row of a new delivery. The same event for the same target gives the same id."""
    body = Delivery(scope.account, scope.region, source_arn, event_id, target, input_text)
    identity = stable_id(event_id, source_arn, target.get("Id", ""))
    return DeliveryRecord(identity, due, 0, now, _encode(body))


def gives_up(record: DeliveryRecord, target: dict[str, Any], now: int) -> bool:
    """Return whether a delivery, which has failed again, is not to be tried any more."""
    policy = target.get("RetryPolicy") or {}
    attempts = policy.get("MaximumRetryAttempts")
    seconds = policy.get("MaximumEventAgeInSeconds") or LONGEST_SECONDS
    most = MOST_ATTEMPTS if attempts is None else attempts
    return record.attempts > most or now - record.created >= seconds * 1000


def to_dead_letters(record: DeliveryRecord, given: Delivery, error: str, cause: str, now: int) -> DeliveryRecord | None:
    """Return the delivery of what is given up to its dead-letter queue, or None where there is no such queue."""
    queue = (given.target.get("DeadLetterConfig") or {}).get("Arn")
    if queue is None:
        return None
    attributes = {
        "RULE_ARN": given.source_arn,
        "TARGET_ARN": given.target["Arn"],
        "ERROR_CODE": error,
        "ERROR_MESSAGE": cause,
        "RETRY_ATTEMPTS": str(max(record.attempts - 1, 0)),
    }
    target = {"Arn": queue, "MessageAttributes": {name: text[:1_000] for name, text in attributes.items() if text}}
    body = msgspec.structs.replace(given, target=target)
    return DeliveryRecord(stable_id(record.id, queue), now, 0, now, _encode(body))
