"""The parameters of a connection, as AWS names them: which are needed, which are secret, what an update comes to."""

from typing import Any

from stepwell.runtime.errors import RuntimeRefusal

BASIC, API_KEY, OAUTH = "BASIC", "API_KEY", "OAUTH_CLIENT_CREDENTIALS"
INVOCATION = "InvocationHttpParameters"
MEMBERS = {BASIC: "BasicAuthParameters", API_KEY: "ApiKeyAuthParameters", OAUTH: "OAuthParameters"}
_NEEDED = {
    BASIC: ("Username", "Password"),
    API_KEY: ("ApiKeyName", "ApiKeyValue"),
    OAUTH: ("AuthorizationEndpoint", "HttpMethod", "ClientParameters"),
}
_CLIENT = ("ClientID", "ClientSecret")
_SECRET = frozenset({"Password", "ApiKeyValue", "ClientSecret"})


class IncompleteParameters(RuntimeRefusal):
    """The parameters don't do for the type of authorization; it says what is missing."""


def complete(authorization: str, given: dict[str, Any]) -> dict[str, Any]:
    """Return what of the parameters belongs to a type of authorization; raise `IncompleteParameters`."""
    missing = _missing(authorization, given)
    if missing:
        raise IncompleteParameters(f"AuthParameters of a connection of type {authorization} must have {missing}.")
    member = MEMBERS[authorization]
    kept = {member: given[member]}
    if given.get(INVOCATION) is not None:
        kept[INVOCATION] = given[INVOCATION]
    return kept


def needs_old(authorization: str, given: dict[str, Any]) -> bool:
    """Return whether an update is to be merged with what is there."""
    return bool(_missing(authorization, given)) or given.get(INVOCATION) is None


def merged(old: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    """Return what an update makes of the parameters: what it names is replaced, member by member."""
    result = dict(old)
    for member, value in given.items():
        before = result.get(member)
        if value is None:
            continue
        if isinstance(value, dict) and isinstance(before, dict) and member != INVOCATION:
            result[member] = merged(before, value)
        else:
            result[member] = value
    return result


def without_secrets(value: Any) -> Any:
    """Return parameters as they may be shown."""
    if isinstance(value, list):
        return [without_secrets(item) for item in value]
    if not isinstance(value, dict):
        return value
    hidden = _SECRET | {"Value"} if value.get("IsValueSecret") else _SECRET
    return {name: without_secrets(item) for name, item in value.items() if name not in hidden}


def _missing(authorization: str, given: dict[str, Any]) -> str:
    member = MEMBERS[authorization]
    found = given.get(member) or {}
    names = [f"{member}.{name}" for name in _NEEDED[authorization] if found.get(name) is None]
    if authorization == OAUTH:
        client = found.get("ClientParameters") or {}
        names += [f"{member}.ClientParameters.{name}" for name in _CLIENT if client.get(name) is None]
    return ", ".join(names)
