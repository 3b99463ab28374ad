"""Parameters that no Task can be started with: Step Functions knows the fields of some integrations by itself.

It refuses them before the Task is scheduled. What a service's own model says is asked when it is called.
"""

from collections.abc import Callable, Collection
from typing import Any

from stepwell.language.document import Document
from stepwell.language.resources import Resource
from stepwell.language.templates import template_problems

Format = Callable[[Any], bool]


def is_map_of_lists(value: Any) -> bool:
    """Return whether a value maps names to lists of texts, as headers and queries have to be."""
    return isinstance(value, dict) and all(
        isinstance(texts, list) and all(isinstance(text, str) for text in texts) for texts in value.values()
    )


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_any(_: Any) -> bool:
    return True


def _is_one_of(*texts: str) -> Format:
    return lambda value: value in texts


def _any(*names: str) -> dict[str, Format]:
    return dict.fromkeys(names, _is_any)


def _texts(*names: str) -> dict[str, Format]:
    return dict.fromkeys(names, _is_text)


# Service and action -> the fields that there are, each with its format, and those that must have a value.
_FIELDS: dict[tuple[str, str], tuple[dict[str, Format], tuple[str, ...]]] = {
    ("apigateway", "invoke"): (
        {
            "ApiEndpoint": _is_text,
            "Method": _is_one_of("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"),
            "Headers": is_map_of_lists,
            "Stage": _is_any,
            "Path": _is_any,
            "QueryParameters": is_map_of_lists,
            "RequestBody": _is_any,
            "AllowNullValues": _is_any,
            "AuthType": _is_one_of("NO_AUTH", "IAM_ROLE", "RESOURCE_POLICY"),
        },
        ("ApiEndpoint",),
    ),
    ("lambda", "invoke"): (
        _texts("FunctionName", "Qualifier", "InvocationType", "LogType", "ClientContext") | _any("Payload"),
        ("FunctionName",),
    ),
    ("http", "invoke"): (
        _any("ApiEndpoint", "Method", "Authentication", "InvocationConfig", "Headers", "QueryParameters")
        | _any("RequestBody", "Transform"),
        (),
    ),
    ("eks", "call"): (
        _any("ClusterName", "CertificateAuthority", "Endpoint", "Method", "Path", "QueryParameters", "RequestBody"),
        (),
    ),
    ("eks", "runJob"): (
        _any("ClusterName", "CertificateAuthority", "Endpoint", "Namespace", "LogOptions", "Job"),
        (),
    ),
    ("sqs", "sendMessage"): (
        _any("QueueUrl", "MessageBody", "DelaySeconds", "MessageAttributes", "MessageSystemAttributes")
        | _any("MessageDeduplicationId", "MessageGroupId"),
        (),
    ),
    ("sns", "publish"): (
        _any("TopicArn", "TargetArn", "PhoneNumber", "Message", "Subject", "MessageStructure", "MessageAttributes")
        | _any("MessageDeduplicationId", "MessageGroupId"),
        (),
    ),
    ("events", "putEvents"): (_any("Entries", "EndpointId"), ()),
    ("states", "startExecution"): (_any("StateMachineArn", "Name", "Input", "TraceHeader"), ()),
}


def known_fields(resource: Resource) -> Collection[str] | None:
    """Return the names of all fields that the parameters of a resource can have; None where a model has to say."""
    known = _FIELDS.get((resource.service, resource.action)) if resource.kind == "service" else None
    return None if known is None else known[0].keys()


def problem_of(resource: Resource, parameters: Document) -> str | None:
    """Return what keeps a Task from being started with these parameters, in AWS's words; None where nothing does."""
    if resource.kind != "service":
        return None
    problems = _dangling_fields(parameters)
    known = _FIELDS.get((resource.service, resource.action))
    if known is not None:
        given = parameters.value if isinstance(parameters.value, dict) else {}
        problems += _problems(given, *known)
    return ", ".join(problems) or None


def _problems(given: dict[str, Any], formats: dict[str, Format], required: tuple[str, ...]) -> list[str]:
    problems = [f"The field '{name}' is required but was missing" for name in required if not given.get(name)]
    for name, value in given.items():
        if name not in formats:
            problems.append(unsupported(name))
        elif value is not None and not formats[name](value):
            problems.append(f"The value of the field '{name}' has an invalid format")
    return problems


def _dangling_fields(parameters: Document) -> list[str]:
    """AWS checks what has become of a template as it checks templates: no name may end in `.$` for nothing."""
    if '.$"' not in parameters.text:
        return []
    return [problem.message for problem in template_problems(parameters.value)]


def unsupported(name: str) -> str:
    """Return AWS's words for a field that an integration does not have."""
    return f'The field "{name}" is not supported by Step Functions'


def unusable(parameters: Document, problem: str) -> str:
    """Return the cause of a failure over parameters, in AWS's words."""
    return f"The Parameters '{parameters.text}' could not be used to start the Task: [{problem}]"
