import pytest

from stepwell.api.identity import DEFAULT_ACCOUNT, DEFAULT_REGION, MAX_CACHED_CREDENTIALS, Identities


def header(key, region="eu-west-1"):
    scope = f"{key}/20260101/{region}/states/aws4_request"
    return f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0".encode()


def test_an_access_key_id_of_12_digits_is_the_account():
    scope = Identities().scope(header("111111111111"))
    assert (scope.account, scope.region) == ("111111111111", "eu-west-1")


@pytest.mark.parametrize("key", ["AKIAIOSFODNN7EXAMPLE", "11111111111", "1111111111111", "١١١١١١١١١١١١"])
def test_any_other_access_key_id_is_the_default_account(key):
    assert Identities().scope(header(key)).account == DEFAULT_ACCOUNT


@pytest.mark.parametrize("value", [None, b"", b"Bearer token", b"AWS4-HMAC-SHA256 Credential=abc", b"Credential="])
def test_a_request_without_a_credential_scope_is_in_the_default_account_and_region(value):
    scope = Identities().scope(value)
    assert (scope.account, scope.region) == (DEFAULT_ACCOUNT, DEFAULT_REGION)


def test_a_region_that_is_none_is_the_default_region():
    assert Identities().scope(header("111111111111", "../../etc")).region == DEFAULT_REGION


def test_a_credential_is_parsed_once_and_few_are_kept():
    identities = Identities()
    assert identities.scope(header("111111111111")) is identities.scope(header("111111111111"))
    for number in range(2 * MAX_CACHED_CREDENTIALS):
        identities.scope(header(f"{number:012}"))
    assert len(identities._cached) <= MAX_CACHED_CREDENTIALS


def test_defaults_can_be_set():
    scope = Identities("999999999999", "eu-central-1").scope(None)
    assert (scope.account, scope.region) == ("999999999999", "eu-central-1")
