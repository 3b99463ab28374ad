"""Names as the SDK for Java makes them, against AWS's own table and against all models that are installed."""

import botocore.session
import pytest

from integrations.aws.oracle import TABLE
from stepwell.integrations.aws.names import BOTOCORE_NAMES, capitalised, exception_name, pascal, prefix_of


@pytest.fixture(scope="module")
def service_ids():
    session = botocore.session.get_session()
    names = session.get_available_services()
    loader = session.get_component("data_loader")
    found = {}
    for name in names:
        found[name] = loader.load_service_model(name, "service-2")["metadata"]["serviceId"]
        loader._cache.clear()  # all of them together are 400 MB
    return found


def test_the_prefixes_are_those_of_awss_table(service_ids):
    assert set(TABLE.split()) <= {prefix_of(service_id) for service_id in service_ids.values()}


def test_every_service_is_found_by_its_key(service_ids):
    found = {name.replace("-", ""): name for name in service_ids} | BOTOCORE_NAMES
    for name, service_id in service_ids.items():
        if name != "sms-voice":  # an older twin with the same key
            assert found[prefix_of(service_id).lower()] == name


@pytest.mark.parametrize(
    ("member", "shown"),
    [
        ("DBInstanceIdentifier", "DbInstanceIdentifier"),
        ("SSEKMSKeyId", "SsekmsKeyId"),
        ("ETag", "ETag"),
        ("MD5OfMessageBody", "Md5OfMessageBody"),
        ("taskArn", "TaskArn"),
        ("ACL", "Acl"),
        ("eventSourceARN", "EventSourceArn"),
        ("Ipv6Addresses", "Ipv6Addresses"),
    ],
)
def test_members_have_acronyms_as_words(member, shown):
    assert pascal(member) == shown


def test_optimized_integrations_keep_the_models_names():
    assert [capitalised(name) for name in ("MD5OfMessageBody", "taskArn", "")] == ["MD5OfMessageBody", "TaskArn", ""]


@pytest.mark.parametrize(
    ("shape", "name"),
    [
        ("QueueDoesNotExist", "QueueDoesNotExistException"),
        ("DBInstanceNotFoundFault", "DbInstanceNotFoundException"),
        ("KMSDisabledException", "KmsDisabledException"),
        ("NoSuchKey", "NoSuchKeyException"),
    ],
)
def test_exceptions_are_named_as_classes_of_the_sdk(shape, name):
    assert exception_name(shape) == name
