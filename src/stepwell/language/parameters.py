"""Parameters that no Task can be started with: Step Functions knows the fields of some integrations by itself.

It refuses them before the Task is scheduled. What a service's own model says is asked when it is called.
"""

from collections.abc import Callable
from typing import Any

from stepwell.language.document import Document
from stepwell.language.resources import Resource

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


# Service and action -> the fields that there are, each with its format, and those that have to be there.
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
}


def problem_of(resource: Resource, parameters: Document) -> str | None:
    """Return what keeps a Task from being started with these parameters, in AWS's words; None where nothing does."""
    known = _FIELDS.get((resource.service, resource.action)) if resource.kind == "service" else None
    if known is None:
        return None
    formats, required = known
    given = parameters.value if isinstance(parameters.value, dict) else {}
    for name, value in given.items():
        if name not in formats:
            return f"The field '{name}' is not supported by Step Functions"
        if value is not None and not formats[name](value):
            return f"The value of the field '{name}' has an invalid format"
    missing = next((name for name in required if not given.get(name)), None)
    return None if missing is None else f"The field '{missing}' is required but was missing"


def unusable(parameters: Document, problem: str) -> str:
    """Return the cause of a failure over parameters, in AWS's words."""
    return f"The Parameters '{parameters.text}' could not be used to start the Task: [{problem}]"
