"""The parameters of `lambda:invoke`, read and checked."""

import base64
import binascii
import json
import uuid
from dataclasses import dataclass, replace
from typing import Any

from msgspec import DecodeError

from stepwell.integrations.functions.outcomes import InvokeRefused
from stepwell.integrations.functions.reference import FunctionReference, InvalidFunctionName, parse_reference
from stepwell.language.document import Document, decode, encode
from stepwell.language.source import json_problem

REQUEST_RESPONSE, EVENT, DRY_RUN = "RequestResponse", "Event", "DryRun"
_ENUMS = {"InvocationType": (EVENT, REQUEST_RESPONSE, DRY_RUN), "LogType": ("None", "Tail")}
_CLIENT_CONTEXT_REFUSED = "Client context must be a valid Base64-encoded JSON object."
_QUALIFIERS_DIFFER = "The derived qualifier from the function name does not match the specified qualifier."


@dataclass(frozen=True, slots=True)
class InvokeRequest:
    """What Lambda is asked for."""

    function: FunctionReference
    payload: bytes
    """JSON, or nothing: then the event is `{}`."""
    invocation_type: str = REQUEST_RESPONSE
    log_type: str = "None"
    client_context: str = ""
    """In Base64, as it was given."""
    qualifier: str = ""
    """The one that was given beside the name."""

    @property
    def remote_parameters(self) -> dict[str, Any]:
        """The parameters of Lambda's own Invoke."""
        parameters: dict[str, Any] = {"FunctionName": self.function.text, "InvocationType": self.invocation_type}
        optional = {"Qualifier": self.qualifier, "ClientContext": self.client_context, "Payload": self.payload}
        if self.log_type == "Tail":
            parameters["LogType"] = "Tail"
        return parameters | {name: value for name, value in optional.items() if value}

    def local_event(self) -> bytes:
        """Return the event for a local function; raise `InvokeRefused` where Lambda would not take it."""
        if not self.payload:
            return b"{}"
        try:
            decode(self.payload)
        except (DecodeError, RecursionError):
            problem = json_problem(self.payload.decode("utf-8", "replace"))
            raise refused(
                "InvalidRequestContentException",
                f"Could not parse request body into json: Could not parse payload into json: {problem}",
            ) from None
        return self.payload

    def local_client_context(self) -> str:
        """Return the client context as JSON in ASCII; raise `InvokeRefused` where it is no object."""
        if not self.client_context:
            return ""
        try:
            value = decode(base64.b64decode(self.client_context, validate=True))
        except (binascii.Error, DecodeError, RecursionError, ValueError):
            value = None
        if not isinstance(value, dict):
            raise refused("InvalidRequestContentException", _CLIENT_CONTEXT_REFUSED)
        return json.dumps(value, separators=(",", ":"))


def plain_request(function: str, parameters: Document, region: str, account: str) -> InvokeRequest:
    """Return the request of a Task whose resource is a function: the parameters are the event, as they were written."""
    return InvokeRequest(_reference(function, region, account), parameters.text.encode("utf-8", "surrogatepass"))


def read_request(parameters: Document, region: str, account: str) -> InvokeRequest:
    """Return the request that the parameters of `lambda:invoke` describe, with which a Task can be started."""
    given = parameters.value
    for name, allowed in _ENUMS.items():
        if given.get(name) is not None and given[name] not in allowed:
            raise refused(
                "ValidationException",
                f"1 validation error detected: Value '{given[name]}' at '{name[0].lower()}{name[1:]}' failed to "
                f"satisfy constraint: Member must satisfy enum value set: [{', '.join(allowed)}]",
            )
    function = _reference(given["FunctionName"], region, account)
    qualifier = given.get("Qualifier") or ""
    if qualifier and function.qualifier and qualifier != function.qualifier:
        raise refused("InvalidParameterValueException", _QUALIFIERS_DIFFER)
    return InvokeRequest(
        replace(function, qualifier=qualifier) if qualifier else function,
        _payload(given.get("Payload")),
        given.get("InvocationType") or REQUEST_RESPONSE,
        given.get("LogType") or "None",
        given.get("ClientContext") or "",
        qualifier,
    )


def refused(code: str, message: str, status: int = 400) -> InvokeRefused:
    """Return a refusal of Lambda's for a request that never reached it."""
    return InvokeRefused(code, message, status, str(uuid.uuid4()))


def _payload(value: Any) -> bytes:
    if value is None:
        return b""
    # A text is taken for the JSON that it holds.
    return value.encode("utf-8", "surrogatepass") if isinstance(value, str) else encode(value)


def _reference(text: str, region: str, account: str) -> FunctionReference:
    try:
        return parse_reference(text, region, account)
    except InvalidFunctionName as error:
        raise refused("ValidationException", str(error)) from None
