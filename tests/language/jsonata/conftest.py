from typing import Any

import pytest

from stepwell.language.jsonata import UNDEFINED, Budget, JsonataError, JsonataSyntaxError, compile_jsonata


class FixedEntropy:
    def random(self) -> float:
        return 0.25

    def uuid(self) -> str:
        return "b4a1c4a6-4c4b-4a6e-9d8a-0123456789ab"


NOW = 1_509_380_732_935


def run(text: str, data: Any = UNDEFINED, budget: Budget | None = None, **bindings: Any) -> Any:
    return compile_jsonata(text)(bindings, entropy=FixedEntropy(), now_ms=NOW, budget=budget, input=data)


def failure(text: str, data: Any = UNDEFINED, budget: Budget | None = None) -> JsonataError | JsonataSyntaxError:
    with pytest.raises((JsonataError, JsonataSyntaxError)) as caught:
        run(text, data, budget)
    return caught.value


@pytest.fixture
def evaluate():
    return run


@pytest.fixture
def fails():
    return failure
