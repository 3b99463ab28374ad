"""How Lambda's API names a function: by its name, a part of its ARN, or its ARN, each with or without a qualifier."""

import re
from dataclasses import dataclass

from stepwell.integrations.functions.outcomes import LATEST

# Lambda's own words for a function name that is none.
_PATTERN_TOLD = (
    r"(arn:(aws[a-zA-Z-]*)?:lambda:)?([a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:)?(\d{12}:)?(function:)?"
    r"([a-zA-Z0-9-_\.]+)(:(\$LATEST(\.PUBLISHED)?|[a-zA-Z0-9-_]+))?"
)
_NAME = r"(?P<name>[a-zA-Z0-9_.-]{1,140})(?::(?P<qualifier>\$LATEST(?:\.PUBLISHED)?|[a-zA-Z0-9_-]{1,128}))?"
_ARN = re.compile(rf"arn:(?P<partition>aws[a-z-]*):lambda:(?P<region>[a-z0-9-]*):(?P<account>\d*):function:{_NAME}")
_PARTIAL = re.compile(rf"(?:(?P<account>\d{{12}}):)?(?:function:)?{_NAME}")


class InvalidFunctionName(ValueError):
    """The text names no function; the message is Lambda's."""


@dataclass(frozen=True, slots=True)
class FunctionReference:
    """Which function is meant."""

    text: str
    name: str
    arn: str
    """The ARN without the qualifier."""
    qualifier: str

    @property
    def invoked_arn(self) -> str:
        """The ARN that the function is invoked by."""
        return f"{self.arn}:{self.qualifier}" if self.qualifier else self.arn

    @property
    def qualified_arn(self) -> str:
        """The ARN as Lambda tells it when it finds no such function."""
        return f"{self.arn}:{self.qualifier or LATEST}"


def parse_reference(text: str, region: str, account: str) -> FunctionReference:
    """Return which function a text means to a caller of this region and account."""
    match = _ARN.fullmatch(text) or _PARTIAL.fullmatch(text)
    if match is None:
        raise InvalidFunctionName(
            f"1 validation error detected: Value '{text}' at 'functionName' failed to satisfy constraint: "
            f"Member must satisfy regular expression pattern: {_PATTERN_TOLD}"
        )
    found = match.groupdict()
    where = f"{found.get('partition', 'aws')}:lambda:{found.get('region') or region}:{found['account'] or account}"
    return FunctionReference(text, found["name"], f"arn:{where}:function:{found['name']}", found["qualifier"] or "")
