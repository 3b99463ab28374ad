"""The outbox: what is to be delivered is stored with what has caused it, or not at all."""

from msgspec.structs import replace

from stepwell.storage.port import PutDeliveries, PutResource
from stepwell.storage.records import DeliveryRecord, ResourceRecord
from storage.samples import ACCOUNT, REGION, advanced, started


def delivery(number, due=10, **values):
    return DeliveryRecord(f"id-{number}", due, **{"attempts": 0, "created": 5, "body": b"\x00\xff", **values})


def schedule(key=1, body=b"fired"):
    return ResourceRecord(key, "scheduler:schedule", ACCOUNT, REGION, "default/nightly", body)


def of(turn, *deliveries):
    turn.deliveries = list(deliveries)
    return turn


def test_deliveries_come_with_their_turn(store, run):
    assert run(store.commit([of(started(1), delivery(1), delivery(2))])) == [True]
    assert run(store.deliveries(10)) == [delivery(1), delivery(2)]


def test_a_refused_turn_leaves_no_delivery(store, run):
    writes = [of(started(1), delivery(1)), of(started(2, "run-1"), delivery(2)), of(advanced(1, 9), delivery(3))]
    assert run(store.commit(writes)) == [True, False, False]
    assert run(store.deliveries(10)) == [delivery(1)]


def test_those_due_first_come_first(store, run):
    given = [delivery(1, due=30), delivery(2, due=10), delivery(3, due=20), delivery(4, due=10)]
    run(store.commit([PutDeliveries(given)]))
    assert [found.id for found in run(store.deliveries(3))] == ["id-2", "id-4", "id-3"]


def test_a_delivery_is_put_off_and_ended_once(store, run):
    later = replace(delivery(1), due=99, attempts=3)
    writes = [PutDeliveries([delivery(1), delivery(2)]), PutDeliveries([later]), PutDeliveries(ended=["id-2", "none"])]
    assert run(store.commit(writes)) == [True, True, True]
    assert run(store.deliveries(10)) == [later]


def test_a_schedule_fires_with_its_deliveries_or_not_at_all(store, run):
    run(store.commit([PutResource(schedule(body=b"before"), new=True)]))
    writes = [PutDeliveries([delivery(1)], resource=schedule()), PutDeliveries([delivery(2)], resource=schedule(2))]
    assert run(store.commit(writes)) == [True, False]
    assert run(store.deliveries(10)) == [delivery(1)]
    assert run(store.all_resources("scheduler:schedule")) == [schedule()]


def test_all_resources_of_a_kind_are_found_wherever_they_are(store, run):
    here = schedule(2)
    there = replace(schedule(1), account="210987654321", region="us-east-1")
    other = replace(schedule(3), kind="events:rule")
    run(store.commit([PutResource(each, new=True) for each in (here, there, other)]))
    assert run(store.all_resources("scheduler:schedule")) == [there, here]


def test_many_deliveries_are_one_write(store, run):
    given = [delivery(f"{number:03}") for number in range(200)]
    run(store.commit([PutDeliveries(given)]))
    run(store.commit([PutDeliveries(ended=[each.id for each in given[:150]])]))
    assert run(store.deliveries(1000)) == given[150:]
