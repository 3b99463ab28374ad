"""Looking for executions across state machines: the same answers from both stores."""

import pytest

from stepwell.storage import search as module
from stepwell.storage.port import PutStateMachine
from stepwell.storage.search import ExecutionSearch
from stepwell.storage.sqlite.queries import text
from storage.samples import ACCOUNT, ORDERS, REGION, RETURNS, STATES, advanced, lane, revision, started, state_machine

BASE = 1_700_000_000_000
LONG = "x" * 5_000


@pytest.fixture
def filled(store, run):
    """Ten executions of two state machines, the keys as the clock makes them."""
    writes = []
    for number in range(10):
        machine = "Orders" if number % 2 else "Returns"
        status = ["RUNNING", "SUCCEEDED", "FAILED"][number % 3]
        key = BASE + number
        writes.append(
            started(
                key, f"Run-{number}", arn=f"{STATES}:execution:{machine}:Run-{number}", started=key, status=status,
                state_machine_arn=f"{STATES}:stateMachine:{machine}",
                input=f'{{"n": {number}, "Ü": "50% _x"}}' + LONG * (number == 4),
                state_machine_version_arn=f"{ORDERS}:1" if number == 3 else None,
                error="Bad.Thing" if status == "FAILED" else None,
            )
        )  # fmt: skip
    run(store.commit(writes))
    return store


def names(run, store, limit=100, before=None, **search):
    page = run(store.searches.executions(ExecutionSearch(ACCOUNT, REGION, **search), limit, before))
    return [int(record.name.partition("-")[2]) for record in page.executions], page.following


def test_all_are_found_newest_first(filled, run):
    assert names(run, filled) == ([9, 8, 7, 6, 5, 4, 3, 2, 1, 0], None)


def test_pages_follow_each_other(filled, run):
    first, following = names(run, filled, limit=4)
    assert (first, following) == ([9, 8, 7, 6], BASE + 6)
    assert names(run, filled, 4, following) == ([5, 4, 3, 2], BASE + 2)
    assert names(run, filled, 4, BASE + 2) == ([1, 0], None)


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ({"statuses": ("FAILED",)}, [8, 5, 2]),
        ({"statuses": ("FAILED", "RUNNING")}, [9, 8, 6, 5, 3, 2, 0]),
        ({"statuses": ("ABORTED",)}, []),
        ({"arn": RETURNS}, [8, 6, 4, 2, 0]),
        ({"arn": RETURNS, "statuses": ("FAILED",)}, [8, 2]),
        ({"arn": f"{ORDERS}:1"}, [3]),
        ({"arn": f"{ORDERS}:live"}, []),
        ({"name": "rUN-7"}, [7]),
        ({"name": "%"}, []),
        ({"name": "_"}, []),
        ({"text": '"N": 4'}, [4]),
        ({"text": "bad.thing"}, [8, 5, 2]),
        ({"text": "50% _X"}, [9, 8, 7, 6, 5, 4, 3, 2, 1, 0]),
        ({"text": "ü"}, []),
        ({"since": BASE + 7}, [9, 8, 7]),
        ({"until": BASE + 2}, [2, 1, 0]),
        ({"since": BASE + 3, "until": BASE + 4, "statuses": ("RUNNING", "SUCCEEDED")}, [4, 3]),
    ],
)
def test_what_is_asked_for_is_found(filled, run, search, found):
    assert names(run, filled, **search) == (found, None)


def test_another_account_or_region_has_none(filled, run):
    for account, region in (("210987654321", REGION), (ACCOUNT, "us-east-1")):
        for statuses in ((), ("FAILED",)):
            page = run(filled.searches.executions(ExecutionSearch(account, region, statuses=statuses), 10, None))
            assert page == ([], None)


def test_a_page_looks_at_so_many_and_no_more(filled, run, monkeypatch):
    for searches in ("memory", "sqlite"):
        monkeypatch.setattr(f"stepwell.storage.{searches}.searches.MOST_EXAMINED", 3)
    assert names(run, filled, name="Run-0") == ([], BASE + 7)
    assert names(run, filled, name="Run-0", statuses=("RUNNING", "FAILED")) == ([], BASE + 6)
    counts, complete = run(filled.searches.tally(ACCOUNT, REGION, BASE, 5))
    assert (sum(tally.executions for tally in counts), complete) == (3, False)


def test_found_executions_come_without_what_is_large(filled, run):
    page = run(filled.searches.executions(ExecutionSearch(ACCOUNT, REGION, name="Run-4"), 1, None))
    (record,) = page.executions
    assert (record.input, record.output, record.progress) == ("", None, b"")
    assert (record.status, record.started, record.arn) == ("SUCCEEDED", BASE + 4, f"{STATES}:execution:Returns:Run-4")


def test_executions_are_counted_by_time_and_status(filled, run):
    counts, complete = run(filled.searches.tally(ACCOUNT, REGION, BASE + 5, 5))
    assert [tuple(tally) for tally in counts] == [
        (BASE + 5, "FAILED", 2), (BASE + 5, "RUNNING", 2), (BASE + 5, "SUCCEEDED", 1),
    ]  # fmt: skip
    assert complete
    assert run(filled.searches.tally("210987654321", REGION, BASE, 5)) == ([], True)


def test_lanes_that_wait_for_a_token_are_listed(store, run):
    lanes = [lane(0, "children"), lane(1, "token", ticket=7, scheduled=70), lane(2, "token", ticket=8, scheduled=80)]
    run(store.commit([started(5, lanes=lanes), started(6, lanes=[lane(0, "token", ticket=3, scheduled=30)])]))
    found = run(store.searches.tokens((0, 0), 10))
    assert [tuple(each) for each in found] == [(5, 1, 7, 70), (5, 2, 8, 80), (6, 0, 3, 30)]
    assert run(store.searches.tokens((5, 1), 1)) == found[1:2]
    assert run(store.searches.token_count(2)) == 2
    run(store.commit([advanced(5, 2, lanes=[lane(1, "timer", ticket=9)], ended_lanes=[2])]))
    assert [each.execution for each in run(store.searches.tokens((0, 0), 10))] == [6]


def test_accounts_and_regions_with_state_machines_are_listed(store, run):
    other = f"{STATES}:stateMachine:Other"
    run(
        store.commit(
            [PutStateMachine(state_machine(n, arn), revision(n, arn), new=True) for n, arn in ((1, ORDERS), (2, other))]
        )
    )
    assert run(store.searches.scopes()) == [(ACCOUNT, REGION, 2)]


def test_the_bounds_are_those_of_the_port():
    assert module.MOST_EXAMINED <= 10_000
    assert module.MOST_SECONDS <= 1


@pytest.mark.parametrize(
    ("column", "index"),
    [
        ("machine", "executions_listed (machine=? AND status=?"),
        ("state_machine_version", "executions_of_version (state_machine_version=? AND status=?"),
        ("state_machine_alias", "executions_of_alias (state_machine_alias=? AND status=?"),
    ],
)
def test_a_search_by_status_reads_by_the_index_of_it(sqlite_store, column, index):
    statement = text("searched_by").replace("$column", column)
    steps = [step[3] for step in sqlite_store._reader.execute(f"EXPLAIN QUERY PLAN {statement}", [None] * 9)]
    assert index in steps[0]
    assert not any("TEMP B-TREE" in step for step in steps)


def test_tokens_are_found_by_their_index(sqlite_store):
    for name, parameters in (("waiting_tokens", (0, 0, 9)), ("token_count", (9,))):
        plan = sqlite_store._reader.execute(f"EXPLAIN QUERY PLAN {text(name)}", parameters)
        assert any("lanes_of_token" in step[3] for step in plan)
