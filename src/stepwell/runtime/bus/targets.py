"""Which Task a target is: whatever a state machine can call, an event can be brought to.

A delivery is handed to the integration that a Task of the same service would be handed to. So a target has the same
endpoints, the same credentials and the same guards as a Task, and there is nothing of its own to configure.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec

from stepwell.integrations.port import Failed, Submitted, Succeeded, TaskRequest
from stepwell.language.document import Document, to_text
from stepwell.language.resources import Resource, parse_resource
from stepwell.runtime.arns import Scope
from stepwell.runtime.bus.deliveries import Delivery
from stepwell.runtime.bus.destinations import Destinations

_ARN = re.compile(r"arn:aws[a-z-]*:(?P<service>[a-z0-9-]+):(?P<region>[^:]*):(?P<account>[^:]*):(?P<rest>.+)")
AT_AWS = "AtAws"
"""What marks a bus as one of EventBridge at AWS."""

_API_DESTINATION = "events:api-destination"
FUNCTION_RETRIES = 2
"""Lambda calls a function that fails on an event twice more, whatever the target's retry policy says."""


class UnusableTarget(ValueError):
    """Nothing can be brought there; the message says why."""


@dataclass(frozen=True, slots=True)
class Call:
    """What is called for a delivery."""

    resource: Resource
    parameters: Any
    retries: int | None = None
    """So many retries at most, or as the retry policy says."""


_Make = Callable[[Delivery, "re.Match[str]", str], Call]


def call_of(given: Delivery, delivery_id: str, destinations: Destinations) -> Call:
    """Return what is called for a delivery. Raise `UnusableTarget`."""
    arn = given.target["Arn"]
    match = _ARN.fullmatch(arn)
    kind = None if match is None else _kind_of(match)
    if match is None or kind is None:
        raise UnusableTarget(f"{arn} is no target that this version of Stepwell can bring events to")
    if kind == _API_DESTINATION:
        return _endpoint(given, destinations)
    return _CALLS[kind](given, match, delivery_id)


def check_target(arn: str) -> None:
    """Raise `UnusableTarget` unless events can be brought there."""
    match = _ARN.fullmatch(arn)
    if match is None or _kind_of(match) is None:
        known = "a state machine, a function, an API destination, an SQS queue, an SNS topic, an event bus"
        raise UnusableTarget(f"{arn} is no target that this version of Stepwell can bring events to: use {known}")


def request_of(call: Call, given: Delivery, delivery_id: str) -> TaskRequest:
    """Return a call as an integration is given it."""
    return TaskRequest(
        resource=call.resource,
        parameters=Document(None, call.parameters),
        account=given.account,
        region=given.region,
        execution_arn=given.source_arn,
        idempotency_key=delivery_id,
        redelivered=True,  # it may have been, and then the target has it
        role_arn=None,
    )


def refusal_of(answer: Succeeded | Submitted) -> Failed | None:
    """Return why a bus at AWS has refused an event, if it has: its answer is a success all the same."""
    value = answer.output.value
    refused = isinstance(value, dict) and value.get("FailedEntryCount")
    return Failed("EventBridge.FailedEntry", answer.output.text) if refused else None


def is_final(failure: Failed) -> bool:
    """Return whether a failure will be the same however often it is tried."""
    return failure.error is not None and _FINAL.search(failure.error) is not None


_FINAL = re.compile(
    r"DoesNotExist|NotFound|Invalid(Arn|Parameter|ExecutionInput|Name)|AccessDenied|Validation|StateMachineDeleting"
    r"|NonExistentQueue|StateMachineTypeNotSupported|^States\.Runtime$|StatusCode\.4(?!01|07|08|09|29)"
)


def _kind_of(match: "re.Match[str]") -> str | None:
    service, rest = match["service"], match["rest"]
    kind = f"{service}:{rest.partition(':')[0].partition('/')[0]}"
    if kind in _CALLS or kind == _API_DESTINATION:
        return kind
    return service if service in {"sqs", "sns"} else None


def _state_machine(given: Delivery, _match: "re.Match[str]", delivery_id: str) -> Call:
    parameters = {
        "StateMachineArn": given.target["Arn"],
        "Input": given.input,
        "Name": f"{given.event_id}_{delivery_id}",
    }
    return Call(_service("states:startExecution"), parameters)


def _function(given: Delivery, _match: "re.Match[str]", _delivery_id: str) -> Call:
    parameters = {"FunctionName": given.target["Arn"], "Payload": _json(given.input)}
    return Call(_service("lambda:invoke"), parameters, FUNCTION_RETRIES)


def _queue(given: Delivery, match: "re.Match[str]", delivery_id: str) -> Call:
    parameters: dict[str, Any] = {
        "QueueUrl": f"https://sqs.{match['region']}.amazonaws.com/{match['account']}/{match['rest']}",
        "MessageBody": given.input,
    }
    if match["rest"].endswith(".fifo"):
        group = (given.target.get("SqsParameters") or {}).get("MessageGroupId") or given.event_id
        parameters |= {"MessageGroupId": group, "MessageDeduplicationId": delivery_id}
    if attributes := given.target.get("MessageAttributes"):
        parameters["MessageAttributes"] = {
            name: {"DataType": "String", "StringValue": text} for name, text in attributes.items()
        }
    return Call(_service("sqs:sendMessage"), parameters)


def _topic(given: Delivery, _match: "re.Match[str]", _delivery_id: str) -> Call:
    return Call(_service("sns:publish"), {"TopicArn": given.target["Arn"], "Message": given.input})


def _bus(given: Delivery, _match: "re.Match[str]", _delivery_id: str) -> Call:
    event = _json(given.input)
    about = given.target.get("EventBridgeParameters") or {}
    whole = isinstance(event, dict) and "detail-type" in event and not about
    entry = {
        "EventBusName": given.target["Arn"],
        "Source": event.get("source") if whole else about.get("Source"),
        "DetailType": event.get("detail-type") if whole else about.get("DetailType"),
        "Detail": event.get("detail") if whole else event,
        "Resources": event.get("resources", []) if whole else [],
    }
    if given.target.get(AT_AWS):
        return Call(
            _service("aws-sdk:eventbridge:putEvents"), {"Entries": [{**entry, "Detail": to_text(entry["Detail"])}]}
        )
    return Call(_service("events:putEvents"), {"Entries": [entry]})


def _endpoint(given: Delivery, destinations: Destinations) -> Call:
    parameters = destinations.parameters(Scope(given.account, given.region), given.target, _json(given.input))
    if parameters is None:
        raise UnusableTarget(f"The API destination {given.target['Arn']} does not exist")
    return Call(_service("http:invoke"), parameters)


def _any_action(given: Delivery, match: "re.Match[str]", _delivery_id: str) -> Call:
    """Return the call of a universal target of Scheduler: any action of any service, its input the parameters."""
    return Call(_service(match["rest"]), _json(given.input))


def _service(action: str) -> Resource:
    return parse_resource(f"arn:aws:states:::{action}")


def _json(text: str) -> Any:
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        raise UnusableTarget(f"what the target would be given is not JSON: {text[:200]}") from None


_CALLS: dict[str, _Make] = {
    "states:stateMachine": _state_machine,
    "lambda:function": _function,
    "sqs": _queue,
    "sns": _topic,
    "events:event-bus": _bus,
    "scheduler:aws-sdk": _any_action,
}
