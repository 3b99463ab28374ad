"""The short texts on nodes and edges: what a rule of a Choice asks for, what a Catch takes, what a Task calls."""

from collections.abc import Mapping
from typing import Any

from stepwell.graph.text import safe_text
from stepwell.language.document import to_text

LONGEST_LABEL = 36
_DEEPEST = 3
"""Rules within rules, And within Not, are shown so deep."""

_COMPARISONS = (
    ("LessThanEquals", "≤"),
    ("GreaterThanEquals", "≥"),
    ("LessThan", "<"),
    ("GreaterThan", ">"),
    ("Matches", "like"),
    ("Equals", "="),
)
_PREFIXES = ("String", "Numeric", "Boolean", "Timestamp")


def rule_label(rule: Any) -> str:
    """Return a rule of a Choice in short."""
    if not isinstance(rule, dict):
        return "?"
    condition = rule.get("Condition")
    if isinstance(condition, str):
        text = " ".join(condition.strip().removeprefix("{%").removesuffix("%}").split())
        return safe_text(text.replace("$states.input.", ""), LONGEST_LABEL)
    if condition is not None:
        return _value(condition)
    return safe_text(_rule(rule, 0), LONGEST_LABEL)


def _rule(rule: Any, depth: int) -> str:
    if not isinstance(rule, dict) or depth > _DEEPEST:
        return "…"
    for member, word in (("And", " and "), ("Or", " or ")):
        parts = rule.get(member)
        if isinstance(parts, list):
            text = word.join(_rule(part, depth + 1) for part in parts[:_DEEPEST]) + (word + "…") * (
                len(parts) > _DEEPEST
            )
            return f"({text})" if depth and len(parts) > 1 else text
    if "Not" in rule:
        return f"not ({_rule(rule['Not'], depth + 1)})"
    return _comparison(rule)


def _comparison(rule: Mapping[str, Any]) -> str:
    variable = rule.get("Variable")
    subject = variable if isinstance(variable, str) else "?"
    for operator, operand in sorted(rule.items()):  # a rule that is right has one
        if operator.startswith("Is"):
            return _is(subject, operator.removeprefix("Is"), holds=operand is not False)
        if operator.startswith(_PREFIXES):
            for suffix, sign in _COMPARISONS:
                if operator.removesuffix("Path").endswith(suffix):
                    path = operator.endswith("Path") and isinstance(operand, str)
                    return f"{subject} {sign} {operand if path else _value(operand)}"
    return f"{subject} …"


def _is(subject: str, what: str, *, holds: bool) -> str:
    if what == "Present":
        return f"{subject} is {'there' if holds else 'not there'}"
    return f"{subject} is {'' if holds else 'not '}{'null' if what == 'Null' else f'a {what.lower()}'}"


def _value(value: Any) -> str:
    try:
        return safe_text(to_text(value), LONGEST_LABEL)
    except (TypeError, ValueError, UnicodeEncodeError):  # what YAML has and JSON has not
        return "?"


def catch_label(catcher: Any) -> str:
    """Return which errors a catcher takes."""
    errors = catcher.get("ErrorEquals") if isinstance(catcher, dict) else None
    if not isinstance(errors, list) or not errors:
        return "?"
    return safe_text(", ".join(error if isinstance(error, str) else "?" for error in errors), LONGEST_LABEL)


def state_label(state: Mapping[str, Any]) -> str:
    """Return the second line of a state: what it calls, waits for, or how it goes about it."""
    match state.get("Type"):
        case "Task":
            return _resource(state)
        case "Wait":
            return _pause(state)
        case "Map":
            return _mode(state)
        case "Fail":
            error = state.get("Error")
            return safe_text(error, LONGEST_LABEL) if isinstance(error, str) else ""
        case _:
            return ""


def _resource(state: Mapping[str, Any]) -> str:
    resource = state.get("Resource")
    if not isinstance(resource, str):
        return "?"
    parts = resource.split(":", 5)
    if len(parts) < 6:
        return safe_text(resource, LONGEST_LABEL)
    service, rest = parts[2], parts[5]
    return safe_text(rest if service == "states" else f"{service}:{rest}", LONGEST_LABEL)


def _pause(state: Mapping[str, Any]) -> str:
    for field in ("Seconds", "SecondsPath", "Timestamp", "TimestampPath"):
        value = state.get(field)
        if isinstance(value, int) and not isinstance(value, bool):
            return f"{value} s"
        if isinstance(value, str):
            return safe_text(f"until {value}" if field == "Timestamp" else value, LONGEST_LABEL)
    return "?"


def _mode(state: Mapping[str, Any]) -> str:
    processor = state.get("ItemProcessor", state.get("Iterator"))
    configuration = processor.get("ProcessorConfig") if isinstance(processor, dict) else None
    mode = configuration.get("Mode") if isinstance(configuration, dict) else None
    return safe_text(mode, LONGEST_LABEL) if isinstance(mode, str) else "INLINE"
