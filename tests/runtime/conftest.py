import pytest

from stepwell.runtime import handover, shell, timers
from stepwell.storage.memory import MemoryStore
from stepwell.storage.sqlite import SqliteStore


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch):
    """What would pause before it tries again does so at once."""
    for module, name in (
        (shell, "RETRY_SECONDS"),
        (timers, "RETRY_SECONDS"),
        (timers, "BREATH_SECONDS"),
        (handover, "FIRST_PAUSE_SECONDS"),
    ):
        monkeypatch.setattr(module, name, 0)


@pytest.fixture(params=["memory", "sqlite"])
def store(request, tmp_path):
    return MemoryStore() if request.param == "memory" else SqliteStore(tmp_path)
