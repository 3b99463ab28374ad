"""Secrets at rest, and the key that they are sealed with."""

import base64

import pytest

from stepwell.app.secret_key import FILE_NAME, VARIABLE, secret_key
from stepwell.runtime.errors import UnusableSecretKey
from stepwell.runtime.vault import KeyDoesNotFit, Vault

KEY = bytes(range(32))


def test_what_is_sealed_opens_for_its_owner_with_its_key_alone():
    vault = Vault(lambda: KEY)
    sealed = vault.seal(b"canary", "arn:a")
    assert b"canary" not in sealed
    assert sealed != vault.seal(b"canary", "arn:a")
    assert vault.open(sealed, "arn:a") == b"canary"
    assert Vault(lambda: KEY).open(sealed, "arn:a") == b"canary"
    for other, owner in ((vault, "arn:b"), (Vault(lambda: bytes(32)), "arn:a")):
        with pytest.raises(KeyDoesNotFit):
            other.open(sealed, owner)


@pytest.mark.parametrize(
    "spoil", [lambda s: s[:-1], lambda s: b"\x02" + s[1:], lambda s: s[:13], lambda s: b"", lambda s: s + b"x"]
)
def test_what_was_changed_does_not_open(spoil):
    vault = Vault(lambda: KEY)
    with pytest.raises(KeyDoesNotFit):
        vault.open(spoil(vault.seal(b"secret", "arn")), "arn")


def test_the_key_of_the_environment_comes_first(tmp_path):
    text = base64.b64encode(KEY).decode()
    assert secret_key({VARIABLE: text}, tmp_path)() == KEY
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("text", ["x", base64.b64encode(bytes(31)).decode(), "é", "ab" * 32])
def test_a_variable_that_holds_no_key_is_told_at_once_and_not_repeated(text, tmp_path):
    with pytest.raises(UnusableSecretKey) as told:
        secret_key({VARIABLE: text}, tmp_path)
    assert VARIABLE in str(told.value)
    assert len(text) < 3 or text not in str(told.value)


def test_the_key_of_a_folder_is_made_when_first_needed_and_stays(tmp_path):
    key = secret_key({}, tmp_path)
    assert list(tmp_path.iterdir()) == []
    made = key()
    assert len(made) == 32
    assert [(path.name, path.stat().st_mode & 0o777) for path in tmp_path.iterdir()] == [(FILE_NAME, 0o600)]
    assert secret_key({}, tmp_path)() == made == key()


def test_without_a_folder_the_key_is_another_one_each_time():
    assert secret_key({}, None)() != secret_key({}, None)()


def test_a_file_that_others_may_read_or_that_holds_no_key_is_refused(tmp_path):
    file = tmp_path / FILE_NAME
    file.write_text("not a key")
    file.chmod(0o600)
    with pytest.raises(UnusableSecretKey, match="backup"):
        secret_key({}, tmp_path)()
    file.chmod(0o640)
    with pytest.raises(UnusableSecretKey, match="chmod 600"):
        secret_key({}, tmp_path)()


def test_a_draft_that_a_crash_has_left_is_no_key(tmp_path):
    (tmp_path / "secret.new").write_bytes(b"half")
    assert len(secret_key({}, tmp_path)()) == 32
    assert [path.name for path in tmp_path.iterdir()] == [FILE_NAME]
