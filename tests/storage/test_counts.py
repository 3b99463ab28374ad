"""What the quotas are held against."""

from stepwell.storage.port import DeleteActivity, DeleteStateMachine, PutActivity, PutStateMachine
from storage.samples import ACCOUNT, ORDERS, REGION, STATES, activity, advanced, lane, revision, started, state_machine

OTHER = "210987654321"


def test_state_machines_are_counted_by_account_and_region(store, run):
    one, other = state_machine(1), state_machine(2, f"{STATES}:stateMachine:Other")
    run(store.commit([PutStateMachine(each, revision(each.key, each.arn), new=True) for each in (one, other)]))
    assert run(store.state_machine_count(ACCOUNT, REGION)) == 2
    assert run(store.state_machine_count(ACCOUNT, "us-east-1")) == 0
    assert run(store.state_machine_count(OTHER, REGION)) == 0
    run(store.commit([DeleteStateMachine(ORDERS)]))
    assert run(store.state_machine_count(ACCOUNT, REGION)) == 1


def test_activities_are_counted_by_account_and_region(store, run):
    one, other = activity(1), activity(2, f"{STATES}:activity:Other")
    run(store.commit([PutActivity(each, new=True) for each in (one, other)]))
    assert run(store.activity_count(ACCOUNT, REGION)) == 2
    assert run(store.activity_count(OTHER, REGION)) == 0
    run(store.commit([DeleteActivity(one.arn)]))
    assert run(store.activity_count(ACCOUNT, REGION)) == 1


def test_only_executions_that_run_are_open(store, run):
    assert run(store.open_count()) == 0
    run(store.commit([started(1, lanes=[lane(0)]), started(2, lanes=[lane(0)]), started(3, status="SUCCEEDED")]))
    assert run(store.open_count()) == 2
    run(store.commit([advanced(1, 2, status="FAILED", all_lanes_ended=True)]))
    assert run(store.open_count()) == 1
