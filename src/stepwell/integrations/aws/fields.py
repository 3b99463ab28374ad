"""The parameters of what is called over HTTP, read one by one, and the words of AWS where they are wrong."""

from collections.abc import Collection, Mapping
from typing import Any

from stepwell.integrations.aws.failures import CallFailed, wrong_parameters
from stepwell.integrations.port import TaskRequest
from stepwell.language.parameters import is_map_of_lists, unsupported


def pairs(lists: Mapping[str, list[str]] | None) -> list[tuple[str, str]]:
    """Return each text of some lists with the name of its list."""
    return [(name, text) for name, texts in (lists or {}).items() for text in texts]


class Fields:
    """The parameters of one task. Each question raises `CallFailed` where there is no right answer."""

    def __init__(self, request: TaskRequest, given: dict[str, Any], known: Collection[str]) -> None:
        self._request = request
        self._given = given
        for name in given:
            if name not in known:
                raise self._wrong(unsupported(name))

    def text(self, name: str) -> str:
        """Return a text that has to be there."""
        value = self._given.get(name)
        if value is not None and not isinstance(value, str):
            raise self.invalid(name)
        if not value:
            raise self._wrong(f"The field '{name}' is required but was missing")
        return value

    def one_of(self, name: str, values: Collection[str]) -> str:
        """Return one of some texts, which has to be there."""
        value = self.text(name)
        if value not in values:
            raise self.invalid(name)
        return value

    def pairs(self, name: str) -> list[tuple[str, str]]:
        """Return a map of names to lists of texts, each text with its name."""
        found = self._given.get(name) or {}
        if not is_map_of_lists(found):
            raise self.invalid(name)
        return pairs(found)

    def invalid(self, name: str) -> CallFailed:
        """Return what to raise where a field is not as it has to be."""
        return self._wrong(f"The value of the field '{name}' has an invalid format")

    def _wrong(self, problem: str) -> CallFailed:
        return CallFailed(wrong_parameters(self._request, problem))
