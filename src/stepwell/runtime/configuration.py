"""What goes with a definition: logging, tracing, encryption, tags. Checked, and completed with AWS's defaults."""

from typing import Any

from stepwell.runtime.errors import RuntimeRefusal

AWS_OWNED_KEY = "AWS_OWNED_KEY"
MAX_TAGS = 50
_RESERVED_TAG_PREFIX = "aws:"
_TAG_PUNCTUATION = frozenset("_.:/=+-@")


class InvalidLoggingConfiguration(RuntimeRefusal):
    """The logging configuration can't be met; it says why."""


class InvalidTracingConfiguration(RuntimeRefusal):
    """The tracing configuration does not say whether there is to be tracing."""


class InvalidEncryptionConfiguration(RuntimeRefusal):
    """The encryption configuration can't be met; it says why."""


class ValidationException(RuntimeRefusal):
    """A value that the service's model allows, and the service doesn't; it says which."""


def logging(given: dict[str, Any] | None) -> dict[str, Any]:
    """Return a logging configuration with its defaults; a level other than OFF needs exactly one destination."""
    given = given or {}
    level = given.get("level") or "OFF"
    destinations = given.get("destinations")
    count = len(destinations or ())
    if count > 1 or (level != "OFF" and count == 0) or None in log_destinations(given):
        raise InvalidLoggingConfiguration("Invalid Logging Configuration: Must specify exactly one Log Destination.")
    complete = {"level": level, "includeExecutionData": bool(given.get("includeExecutionData"))}
    return complete if destinations is None else {**complete, "destinations": destinations}


def log_destinations(given: dict[str, Any]) -> list[str | None]:
    """Return the ARNs of the log groups that a logging configuration names; None for a destination that names none."""
    return [(each.get("cloudWatchLogsLogGroup") or {}).get("logGroupArn") for each in given.get("destinations") or ()]


def tracing(given: dict[str, Any] | None) -> dict[str, Any]:
    """Return a tracing configuration, by default not enabled; one that is given has to say whether it is."""
    if given is None:
        return {"enabled": False}
    if given.get("enabled") is None:
        raise InvalidTracingConfiguration("Invalid Tracing Configuration: 'enabled has not been set to true or false'")
    return {"enabled": given["enabled"]}


def encryption(given: dict[str, Any] | None) -> dict[str, Any]:
    """Return an encryption configuration. Only the default can be met: nothing may seem encrypted that is not."""
    given = given or {"type": AWS_OWNED_KEY}
    if given["type"] != AWS_OWNED_KEY:
        if given.get("kmsKeyId") is None:
            raise InvalidEncryptionConfiguration("Invalid Encryption Configuration: Must set a valid kmsKeyId.")
        raise InvalidEncryptionConfiguration(
            f"Invalid Encryption Configuration: Stepwell has no customer managed keys. Use type {AWS_OWNED_KEY}, and "
            "encrypt the disk that the data directory is on."
        )
    for name in ("kmsKeyId", "kmsDataKeyReusePeriodSeconds"):
        if given.get(name) is not None:
            raise InvalidEncryptionConfiguration(
                f"Invalid Encryption Configuration: Custom {name} is not allowed when selecting {AWS_OWNED_KEY}."
            )
    return {"type": AWS_OWNED_KEY}


def tags(given: list[dict[str, Any]] | None) -> dict[str, str]:
    """Return tags as a mapping, in their order; raise `ValidationException` where a key or a value is not valid."""
    result: dict[str, str] = {}
    for tag in given or ():
        key, value = tag.get("key"), tag.get("value") or ""
        if not key:
            raise ValidationException("Tag key must not be null")
        if key.lower().startswith(_RESERVED_TAG_PREFIX):
            raise ValidationException(f"Tag key '{key}' is reserved: keys must not start with {_RESERVED_TAG_PREFIX}")
        for text in (key, value):
            if not _valid_tag_text(text):
                raise ValidationException(
                    f"Tag text '{text}' is not valid: it can have letters, digits, white space and _ . : / = + - @"
                )
        result[key] = value
    return result


def _valid_tag_text(text: str) -> bool:
    return all(char.isalnum() or char.isspace() or char in _TAG_PUNCTUATION for char in text)
