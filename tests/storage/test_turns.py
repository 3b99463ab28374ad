"""What a commit promises of executions: whole turns, in order, and no others."""

import pytest
from msgspec.structs import replace

from stepwell.storage.port import Park
from stepwell.storage.records import Turn
from storage.samples import ORDERS, RETURNS, STATES, advanced, execution, lane, started


def test_an_execution_is_read_as_it_was_committed(store, run):
    full = execution(
        7,
        input='{"ä": 1}',
        status="FAILED",
        stopped=3,
        output=None,
        error="E",
        cause="ç",
        trace_header="Root=1",
        mock_test_case="BusyOnce",
        progress=b"\0p",
        parked="{}",
    )
    assert run(store.commit([Turn(full, True)])) == [True]
    assert run(store.execution(full.arn)) == full
    assert run(store.execution_by_key(7)) == full


def test_an_execution_whose_name_is_not_the_end_of_its_arn_is_read_as_it_was(store, run):
    express = execution(1, arn=f"{STATES}:express:Orders:name:5f0e", name="name")
    assert run(store.commit([Turn(express, True)])) == [True]
    assert run(store.execution(express.arn)) == express


def test_what_does_not_exist_is_none(store, run):
    run(store.commit([started(1)]))
    assert run(store.execution(f"{STATES}:execution:Orders:other")) is None
    assert run(store.execution("nonsense")) is None
    assert run(store.execution_by_key(2)) is None


def test_an_arn_that_exists_is_refused_and_the_rest_is_written(store, run):
    assert run(store.commit([started(1, "same")])) == [True]
    assert run(store.commit([started(2), started(3, "same", lanes=[lane(0)]), started(4)])) == [True, False, True]
    assert run(store.execution_by_key(3)) is None
    assert run(store.lanes(3)) == []
    assert run(store.chunks(3, 1, 100)) == []
    assert run(store.execution_by_key(4)) == execution(4)


def test_the_first_of_two_starts_with_one_arn_in_a_batch_is_taken(store, run):
    assert run(store.commit([started(1, "same"), started(2, "same")])) == [True, False]
    assert run(store.execution(execution(1, "same").arn)).key == 1


def test_a_key_that_exists_is_refused(store, run):
    assert run(store.commit([started(1), started(1, "other")])) == [True, False]


def test_a_turn_follows_the_version_before_it_and_no_other(store, run):
    run(store.commit([started(1)]))
    assert run(store.commit([advanced(1, 3), advanced(1, 1), advanced(1, 2, progress=b"2")])) == [False, False, True]
    assert run(store.commit([advanced(1, 2, lanes=[lane(5)])])) == [False]
    assert run(store.execution_by_key(1)) == execution(1, version=2, progress=b"2")
    assert run(store.lanes(1)) == []
    assert run(store.chunks(1, 1, 100)) == [(1, 2, b"started"), (3, 4, b"advanced 2")]


def test_a_turn_of_an_execution_that_does_not_exist_is_refused(store, run):
    assert run(store.commit([advanced(1, 2), advanced(1, 1)])) == [False, False]


def test_turns_of_one_execution_follow_each_other_in_one_batch(store, run):
    assert run(store.commit([started(1), advanced(1, 2), started(2), advanced(1, 3), advanced(2, 2)])) == [True] * 5
    assert run(store.execution_by_key(1)).version == 3
    assert run(store.execution_by_key(2)).version == 2


def test_a_turn_keeps_what_the_start_has_fixed(store, run):
    first = execution(1, input='{"a": 1}', trace_header="Root=1")
    run(store.commit([Turn(first, True)]))
    end = replace(first, status="SUCCEEDED", stopped=9, output="2", version=2, input="", trace_header=None, started=0)
    assert run(store.commit([Turn(end, False)])) == [True]
    expected = replace(end, input=first.input, trace_header=first.trace_header, started=first.started)
    assert run(store.execution_by_key(1)) == expected


def test_a_large_input_and_a_large_output_are_kept(store, run):
    large = '"' + "é" * 100_000 + '"'
    run(store.commit([started(1, input=large), started(2), started(3, input=large)]))
    run(store.commit([advanced(1, 2, status="SUCCEEDED", output=large)]))
    found = run(store.execution_by_key(1))
    assert (found.input, found.output) == (large, large)
    assert run(store.execution_by_key(3)).input == large


def test_a_batch_of_any_size_is_written(store, run):
    turns = [started(key, lanes=[lane(0)]) for key in range(1, 208)]
    assert run(store.commit(turns)) == [True] * 207
    assert [item.key for item in run(store.executions(ORDERS, None, 1000, None))] == list(range(207, 0, -1))
    assert run(store.commit([])) == []


def test_nobody_changes_a_row(store, run):
    turn = started(1, lanes=[lane(0)])
    run(store.commit([turn]))
    for row in (turn.execution, turn.lanes[0], run(store.execution_by_key(1)), run(store.lanes(1))[0]):
        with pytest.raises(AttributeError, match="immutable"):
            row.progress = b"other"
    turn.lanes.clear()
    assert run(store.lanes(1)) == [lane(0)]


def test_a_chunk_that_begins_with_a_stored_event_refuses_its_turn(store, run):
    run(store.commit([started(1), advanced(1, 2)]))
    again = Turn(execution(1, version=3), False, 1, 9, b"again")
    assert run(store.commit([again, started(2)])) == [False, True]
    assert run(store.execution_by_key(1)).version == 2


def test_a_range_of_events_is_answered_with_the_chunks_that_hold_them(store, run):
    chunks = [(1, 3, b"a"), (4, 4, b"b"), (5, 9, b"c"), (10, 12, b"d")]
    run(store.commit([started(9), started(11)]))
    for version, (first, last, data) in enumerate(chunks, 1):
        assert run(store.commit([Turn(execution(10, version=version), version == 1, first, last, data)])) == [True]
    assert run(store.chunks(10, 1, 100)) == chunks
    assert run(store.chunks(10, 2, 4)) == chunks[:2]
    assert run(store.chunks(10, 7, 10)) == chunks[2:]
    assert run(store.chunks(10, 4, 4)) == chunks[1:2]
    assert run(store.chunks(10, 13, 100)) == []
    assert run(store.chunks(10, 0, 10**9)) == chunks
    assert run(store.chunks(12, 1, 100)) == []


def test_a_turn_without_events_adds_no_chunk(store, run):
    run(store.commit([started(1), Turn(execution(1, version=2), False)]))
    assert run(store.chunks(1, 1, 100)) == [(1, 2, b"started")]


def test_executions_are_listed_by_state_machine_newest_first_without_their_large_parts(store, run):
    run(store.commit([started(key, input="[1]", progress=b"p") for key in (1, 3, 2)]))
    run(store.commit([started(4, state_machine_arn=RETURNS)]))
    run(store.commit([advanced(2, 2, status="SUCCEEDED", output="1")]))
    listed = run(store.executions(ORDERS, None, 10, None))
    assert [item.key for item in listed] == [3, 2, 1]
    assert listed[1] == execution(2, status="SUCCEEDED", version=2, input="", output=None)
    assert [item.key for item in run(store.executions(ORDERS, None, 2, None))] == [3, 2]
    assert [item.key for item in run(store.executions(ORDERS, None, 2, 2))] == [1]
    assert run(store.executions(f"{ORDERS}2", None, 10, None)) == []


def test_executions_are_listed_by_status(store, run):
    statuses = ["RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"]
    run(store.commit([started(key, status=statuses[key % 5]) for key in range(1, 16)]))
    for place, status in enumerate(statuses):
        keys = [key for key in range(15, 0, -1) if key % 5 == place]
        assert [item.key for item in run(store.executions(ORDERS, status, 10, None))] == keys
        assert [item.key for item in run(store.executions(ORDERS, status, 1, keys[0]))] == keys[1:2]
    assert run(store.executions(ORDERS, "PENDING_REDRIVE", 10, None)) == []
    assert [item.key for item in run(store.executions(ORDERS, None, 7, 13))] == [12, 11, 10, 9, 8, 7, 6]


def test_parking_changes_nothing_else(store, run):
    run(store.commit([started(1, lanes=[lane(0)]), started(2)]))
    assert run(store.commit([Park(1, '{"event": 1}'), Park(9, "{}")])) == [True, False]
    assert run(store.execution_by_key(1)) == execution(1, parked='{"event": 1}')
    assert [item.key for item in run(store.parked(10))] == [1]
    assert run(store.commit([Park(1, None), advanced(1, 2)])) == [True, True]
    assert run(store.parked(10)) == []


def test_parked_executions_are_listed_whole_up_to_a_limit(store, run):
    run(store.commit([started(key, parked="{}", input="[1]") for key in (2, 1, 3)]))
    assert run(store.parked(2)) == [execution(key, parked="{}", input="[1]") for key in (1, 2)]
