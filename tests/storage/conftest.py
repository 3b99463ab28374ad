"""Both stores, each open and empty, and a loop to use them in."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from stepwell.storage.memory import MemoryStore
from stepwell.storage.port import Store
from stepwell.storage.sqlite import SqliteStore


@pytest.fixture
def run() -> Iterator[Callable[[Any], Any]]:
    with asyncio.Runner() as runner:
        yield runner.run


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path, run: Callable[[Any], Any]) -> Iterator[Store]:
    opened = MemoryStore() if request.param == "memory" else SqliteStore(tmp_path / "data")
    run(opened.open())
    yield opened
    run(opened.close())


@pytest.fixture
def sqlite_store(tmp_path: Path, run: Callable[[Any], Any]) -> Iterator[SqliteStore]:
    opened = SqliteStore(tmp_path / "data")
    run(opened.open())
    yield opened
    run(opened.close())
