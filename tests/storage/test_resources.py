"""Resources of the other services on the port."""

from msgspec.structs import replace

from stepwell.storage.port import DeleteResource, PutResource
from stepwell.storage.records import ResourceRecord
from storage.samples import ACCOUNT, REGION

CONNECTION = "events:connection"
HERE = (CONNECTION, ACCOUNT, REGION)


def resource(key, name="billing", body=b"{}", kind=CONNECTION, account=ACCOUNT, region=REGION):
    return ResourceRecord(key, kind, account, region, name, body)


def test_a_resource_is_kept_as_it_was_given(store, run):
    given = resource(1, body=b'{"a": "\xc3\xbc"}\x00')
    assert run(store.commit([PutResource(given, new=True)])) == [True]
    assert run(store.resource(*HERE, "billing")) == given
    assert run(store.resource(*HERE, "Billing")) is None
    assert run(store.newest_key()) == 1


def test_a_name_is_taken_once_in_its_place(store, run):
    others = [
        resource(2, kind="events:rule"),
        resource(3, account="210987654321"),
        resource(4, region="us-east-1"),
        resource(5, "shipping"),
    ]
    writes = [PutResource(each, new=True) for each in [resource(1), *others, resource(6), resource(1, "again")]]
    taken = run(store.commit(writes[:6]))
    assert taken == [True] * 5 + [False]
    assert [run(store.resource(each.kind, each.account, each.region, each.name)) for each in others] == others


def test_a_resource_is_replaced_by_its_key_only(store, run):
    run(store.commit([PutResource(resource(1), new=True)]))
    turned = resource(1, body=b"turned")
    assert run(store.commit([PutResource(turned), PutResource(resource(2)), PutResource(resource(1, "other"))])) == [
        True,
        False,
        False,
    ]
    assert run(store.resource(*HERE, "billing")) == turned


def test_a_deleted_resource_is_gone_and_its_name_free(store, run):
    run(store.commit([PutResource(resource(1), new=True)]))
    writes = [DeleteResource(1), DeleteResource(9), PutResource(resource(2), new=True), PutResource(resource(1))]
    assert run(store.commit(writes)) == [True, True, True, False]
    assert run(store.resource(*HERE, "billing")) == resource(2)


def test_resources_are_listed_oldest_first_in_pages_by_prefix(store, run):
    names = ["b", "a%", "a_x", "aX", "A"]
    given = [resource(key, name) for key, name in enumerate(names, 1)]
    elsewhere = replace(resource(9, "a"), region="us-east-1")
    run(store.commit([PutResource(each, new=True) for each in [*reversed(given), elsewhere]]))
    assert run(store.resources(*HERE, 2, None)) == given[:2]
    assert run(store.resources(*HERE, 10, 2)) == given[2:]
    assert [each.name for each in run(store.resources(*HERE, 10, None, "a"))] == ["a%", "a_x", "aX"]
    assert [each.name for each in run(store.resources(*HERE, 10, None, "a_"))] == ["a_x"]
    assert run(store.resources(*HERE, 10, None, "none")) == []
