"""The data folder right after a crash: its lock may be free only a moment later."""

import threading

import pytest

from stepwell.storage.port import StoreError
from stepwell.storage.sqlite import lock
from stepwell.storage.sqlite.lock import DirectoryLock


def test_a_lock_that_is_let_go_of_in_a_moment_is_waited_for(tmp_path):
    dying = DirectoryLock(tmp_path)
    threading.Timer(0.1, dying.release).start()
    taken = DirectoryLock(tmp_path)
    assert (tmp_path / lock.LOCK_FILE).read_text().strip().isdigit()
    taken.release()


def test_a_folder_that_stays_in_use_is_refused_with_its_owner(tmp_path, monkeypatch):
    monkeypatch.setattr(lock, "PATIENCE_SECONDS", 0.05)
    owner = DirectoryLock(tmp_path)
    try:
        with pytest.raises(StoreError, match=r"is in use by another process \(pid \d+\)"):
            DirectoryLock(tmp_path)
    finally:
        owner.release()
