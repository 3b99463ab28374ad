"""State machines, revisions, activities, and what belongs to the store as a whole."""

from msgspec.structs import replace

from stepwell.storage.port import DeleteActivity, DeleteStateMachine, PutActivity, PutAlias, PutStateMachine
from stepwell.storage.records import AliasRecord
from storage.samples import (
    ACCOUNT,
    ORDERS,
    REGION,
    RETURNS,
    STATES,
    WORKERS,
    activity,
    revision,
    started,
    state_machine,
)


def test_a_state_machine_is_read_as_it_was_committed_with_its_revision(store, run):
    assert run(store.commit([PutStateMachine(state_machine(1), revision(1), new=True)])) == [True]
    assert run(store.state_machine(ORDERS)) == state_machine(1)
    assert run(store.revision(1)) == revision(1)
    assert run(store.state_machine(RETURNS)) is None
    assert run(store.revision(2)) is None


def test_a_new_state_machine_is_refused_where_its_arn_exists(store, run):
    run(store.commit([PutStateMachine(state_machine(1), revision(1), new=True)]))
    assert run(store.commit([PutStateMachine(state_machine(2), revision(2), new=True), started(3)])) == [False, True]
    assert run(store.state_machine(ORDERS)) == state_machine(1)
    assert run(store.revision(2)) is None


def test_a_state_machine_is_replaced_and_its_old_revision_stays(store, run):
    run(store.commit([PutStateMachine(state_machine(1), revision(1), new=True)]))
    new = replace(state_machine(1), status="DELETING", revision=5, tags={})
    encrypted = revision(5, revision_id="r5", encryption_configuration={"type": "AWS_OWNED_KEY"})
    assert run(store.commit([PutStateMachine(new, encrypted)])) == [True]
    assert run(store.state_machine(ORDERS)) == new
    assert run(store.revision(5)) == encrypted
    assert run(store.revision(1)) == revision(1)


def test_what_is_gone_or_was_made_anew_is_not_replaced(store, run):
    run(store.commit([PutStateMachine(state_machine(3), new=True), PutActivity(activity(4), new=True)]))
    stale = [
        PutStateMachine(state_machine(1), revision(9)),
        PutStateMachine(state_machine(2, RETURNS)),
        PutActivity(activity(1)),
        PutActivity(activity(2, f"{STATES}:activity:Other")),
    ]
    assert run(store.commit(stale)) == [False] * 4
    assert run(store.state_machine(ORDERS)).key == 3
    assert run(store.revision(9)) is None


def test_a_revision_whose_key_exists_refuses_its_state_machine(store, run):
    run(store.commit([PutStateMachine(state_machine(1), revision(1), new=True)]))
    assert run(store.commit([PutStateMachine(state_machine(2, RETURNS), revision(1, RETURNS), new=True)])) == [False]
    assert run(store.state_machine(RETURNS)) is None


def test_a_deleted_state_machine_leaves_its_revisions_and_its_executions(store, run):
    run(store.commit([PutStateMachine(state_machine(1), revision(1), new=True), started(2)]))
    assert run(store.commit([DeleteStateMachine(ORDERS), DeleteStateMachine(ORDERS)])) == [True, True]
    assert run(store.state_machine(ORDERS)) is None
    assert run(store.revision(1)) == revision(1)
    assert len(run(store.executions(ORDERS, None, 10, None))) == 1


def test_state_machines_are_listed_newest_first_in_pages(store, run):
    run(store.commit([PutStateMachine(state_machine(key, f"{ORDERS}{key}"), new=True) for key in (1, 3, 2)]))
    foreign = replace(state_machine(4, f"{ORDERS}4"), account="000000000000")
    run(store.commit([PutStateMachine(foreign, new=True)]))
    assert [item.key for item in run(store.state_machines(ACCOUNT, REGION, 2, None))] == [3, 2]
    assert [item.key for item in run(store.state_machines(ACCOUNT, REGION, 2, 2))] == [1]
    assert run(store.state_machines(ACCOUNT, "us-east-1", 2, None)) == []


def test_activities_are_created_once_replaced_and_deleted(store, run):
    first = activity(1, encryption_configuration={"type": "AWS_OWNED_KEY"}, tags={"k": "v"})
    assert run(store.commit([PutActivity(first, new=True), PutActivity(activity(2), new=True)])) == [True, False]
    assert run(store.activity(WORKERS)) == first
    assert run(store.commit([PutActivity(activity(1, tags={}))])) == [True]
    assert run(store.activity(WORKERS)) == activity(1, tags={})
    assert run(store.commit([DeleteActivity(WORKERS)])) == [True]
    assert run(store.activity(WORKERS)) is None


def test_activities_are_listed_oldest_first_in_pages(store, run):
    run(store.commit([PutActivity(activity(key, f"{WORKERS}{key}"), new=True) for key in (1, 3, 2)]))
    assert [item.key for item in run(store.activities(ACCOUNT, REGION, 2, None))] == [1, 2]
    assert [item.key for item in run(store.activities(ACCOUNT, REGION, 2, 2))] == [3]
    assert run(store.activities("000000000000", REGION, 2, None)) == []


def test_the_newest_key_is_the_highest_of_all_kinds(store, run):
    assert run(store.newest_key()) == 0
    for key, write in enumerate(
        (
            started(1),
            PutActivity(activity(2), new=True),
            PutStateMachine(state_machine(3), new=True),
            PutStateMachine(state_machine(3), revision(4)),
            PutAlias(AliasRecord(5, f"{ORDERS}:live", ORDERS, "live", "", ((f"{ORDERS}:1", 100),), 1, 1)),
        ),
        1,
    ):
        assert run(store.commit([write])) == [True]
        assert run(store.newest_key()) == key


def test_the_secret_stays_the_same(store, run):
    secret = run(store.secret())
    assert len(secret) == 32
    assert run(store.secret()) == secret
