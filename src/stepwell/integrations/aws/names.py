"""Names as AWS's SDK for Java (version 2) makes them from a model: Step Functions' own for services and members.

`DBInstanceIdentifier` is `DbInstanceIdentifier` there, `Cost and Usage Report Service` is `costandusagereport`.
"""

import re
from functools import lru_cache

# How the SDK finds the words of a name, in its order.
_BOUNDARIES = (
    (re.compile(r"[^A-Za-z0-9]+"), " "),
    (re.compile(r"([^a-z]{2,})v([0-9]+)"), r"\1 v\2 "),
    (re.compile(r"([^A-Z]{2,})V([0-9]+)"), r"\1 V\2 "),
    (re.compile(r"(?<=[a-z])(?=[A-Z]([a-zA-Z]|[0-9]))"), " "),
    (re.compile(r"([A-Z]+)([A-Z][a-z])"), r"\1 \2"),
    (re.compile(r"([0-9])([a-zA-Z])"), r"\1 \2"),
)
_OWNER, _SERVICE = re.compile(r"^(Amazon|AWS)\s*"), re.compile(r"\s*Service$")
# Prefixes of errors that AWS documents otherwise than its rule would have them.
_PREFIXES = {"memorydb": "MemoryDB"}


@lru_cache(maxsize=8192)
def pascal(name: str) -> str:
    """Return a name in the SDK's PascalCase: acronyms are words."""
    for boundary, between in _BOUNDARIES:
        name = boundary.sub(between, name)
    return "".join(word.capitalize() for word in name.split())


@lru_cache(maxsize=8192)
def member(name: str) -> str:
    """Return a member's name as the SDK has it, with a capital: `DBName` is `DbName`, `ChecksumCRC32` stays."""
    end = 1
    while end < len(name) and name[end].isupper() and not name[end + 1 : end + 2].islower():
        end += 1
    return name[:1].upper() + name[1:end].lower() + name[end:]


@lru_cache(maxsize=8192)
def capitalised(name: str) -> str:
    """Return a name as it is in the model, with a capital at its beginning: that of optimized integrations."""
    return name[:1].upper() + name[1:]


def prefix_of(service_id: str) -> str:
    """Return what the errors of a service begin with, given its identifier: `DynamoDB` is `DynamoDb`."""
    name = pascal(_SERVICE.sub("", _OWNER.sub("", service_id)))
    return _PREFIXES.get(name.lower(), name)


def exception_name(shape: str) -> str:
    """Return the SDK's class of an error: `KMSNotFound` and `KmsNotFoundFault` are `KmsNotFoundException`."""
    return pascal(shape.removesuffix("Fault").removesuffix("Exception")) + "Exception"
