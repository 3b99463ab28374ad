"""Names as the SDK for Java makes them, against AWS's own table and against all models that are installed."""

import gzip
import re
from pathlib import Path

import botocore
import pytest

from integrations.aws.oracle import TABLE
from stepwell.integrations.aws.names import capitalised, exception_name, member, prefix_of
from stepwell.language.resources import BOTOCORE_NAMES

DATA = Path(botocore.__file__).with_name("data")


@pytest.fixture(scope="module")
def service_ids():
    # Not by botocore's loader: all models together are 400 MB.
    found = {}
    for model in sorted(DATA.glob("*/*/service-2.json.gz")):
        written = re.search(rb'"serviceId"\s*:\s*"([^"]+)"', gzip.decompress(model.read_bytes()))
        assert written is not None
        found[model.parts[-3]] = written[1].decode()
    return found


def test_the_prefixes_are_those_of_awss_table(service_ids):
    assert set(TABLE.split()) <= {prefix_of(service_id) for service_id in service_ids.values()}


def test_every_service_is_found_by_its_key(service_ids):
    found = {name.replace("-", ""): name for name in service_ids} | BOTOCORE_NAMES
    for name, service_id in service_ids.items():
        if name != "sms-voice":  # an older twin with the same key
            assert found[prefix_of(service_id).lower()] == name


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("DBInstanceIdentifier", "DbInstanceIdentifier"),
        ("SSEKMSKeyId", "SsekmsKeyId"),
        ("ETag", "ETag"),
        ("MD5OfMessageBody", "Md5OfMessageBody"),
        ("taskArn", "TaskArn"),
        ("ACL", "Acl"),
        ("eventSourceARN", "EventSourceARN"),
        ("ChecksumCRC32", "ChecksumCRC32"),
        ("KMSMasterKeyID", "KmsMasterKeyID"),
        ("Id", "Id"),
        ("Ipv6Addresses", "Ipv6Addresses"),
    ],
)
def test_members_are_named_as_getters_of_the_sdk(name, shown):
    assert member(name) == shown


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
