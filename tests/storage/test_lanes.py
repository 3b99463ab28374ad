"""How waiting lanes are found."""

from storage.samples import WORKERS, advanced, lane, started


def jobs_of(store, run):
    async def collected():
        return [job async for job in store.waiting_jobs()]

    return run(collected())


def test_lanes_are_read_in_the_order_of_their_numbers(store, run):
    lanes = [lane(number, ticket=number + 7, due=5, claimed_by="n", scheduled=3) for number in (2, 0, 10)]
    run(store.commit([started(1, lanes=lanes), started(2, lanes=[lane(0)])]))
    assert [found.lane for found in run(store.lanes(1))] == [0, 2, 10]
    assert run(store.lanes(1))[1] == lanes[0]
    assert run(store.lanes(3)) == []


def test_a_lane_keeps_its_frame_where_none_is_given(store, run):
    for number, frame in enumerate((b"small", b"large" * 1000, b"")):
        run(store.commit([started(number + 1, lanes=[lane(1, frame=frame)])]))
        run(store.commit([advanced(number + 1, 2, lanes=[lane(1, frame=None, progress=b"new", ticket=2)])]))
        assert run(store.lanes(number + 1)) == [lane(1, frame=frame, progress=b"new", ticket=2)]


def test_a_frame_may_grow_and_shrink(store, run):
    run(store.commit([started(1, lanes=[lane(0, frame=None)])]))
    assert run(store.lanes(1)) == [lane(0, frame=None)]
    for version, frame in enumerate((b"a", b"b" * 5000, b"c", b"", b"d" * 5000, b"e" * 6000), 2):
        run(store.commit([advanced(1, version, lanes=[lane(0, frame=frame)])]))
        assert run(store.lanes(1)) == [lane(0, frame=frame)]


def test_a_lane_that_ends_and_comes_again_has_no_old_frame(store, run):
    large = b"x" * 5000
    run(store.commit([started(1, lanes=[lane(0, frame=large), lane(1, frame=large), lane(2)])]))
    run(store.commit([advanced(1, 2, ended_lanes=[0, 7]), advanced(1, 3, lanes=[lane(0, frame=b"")])]))
    assert run(store.lanes(1)) == [lane(0, frame=b""), lane(1, frame=large), lane(2)]
    run(store.commit([advanced(1, 4, all_lanes_ended=True), advanced(1, 5, lanes=[lane(1, frame=None)])]))
    assert run(store.lanes(1)) == [lane(1, frame=None)]


def test_lanes_that_have_ended_are_found_no_more(store, run):
    waiting = [
        lane(0, due=1),
        lane(1, "activity", resource=WORKERS, due=2),
        lane(2, "job", resource="j"),
        lane(3, "turn"),
    ]
    run(store.commit([started(1, lanes=waiting), started(2, lanes=waiting)]))
    run(store.commit([advanced(1, 2, all_lanes_ended=True), advanced(2, 2, ended_lanes=[0, 1, 2, 3])]))
    assert run(store.lanes(1)) == run(store.lanes(2)) == []
    assert run(store.due(10, 10)) == []
    assert run(store.claimable("n", (0, 0), 10)) == []
    assert run(store.activity_tasks(WORKERS, 10)) == []
    assert jobs_of(store, run) == []


def test_lanes_of_a_turn_that_ends_all_are_not_kept(store, run):
    run(store.commit([started(1, lanes=[lane(0)])]))
    run(store.commit([advanced(1, 2, lanes=[lane(1)], all_lanes_ended=True)]))
    assert run(store.lanes(1)) == []


def test_what_falls_due_comes_earliest_first(store, run):
    run(store.commit([started(1, lanes=[lane(0, due=30), lane(1, due=10, ticket=4), lane(2)])]))
    run(store.commit([started(2, lanes=[lane(0, due=20), lane(1, due=10)])]))
    expected = [(10, 1, 1, 4), (10, 2, 1, 1), (20, 2, 0, 1), (30, 1, 0, 1)]
    assert run(store.due(30, 10)) == expected
    assert run(store.due(29, 10)) == expected[:3]
    assert run(store.due(30, 2)) == expected[:2]
    assert run(store.due(9, 10)) == []


def test_a_wait_that_changes_falls_due_as_it_is_now(store, run):
    run(store.commit([started(1, lanes=[lane(0, due=10)])]))
    for version, (due, ticket) in enumerate(((20, 2), (10, 2), (10, 3), (20, 3), (10, 3)), 2):
        run(store.commit([advanced(1, version, lanes=[lane(0, due=due, ticket=ticket)])]))
        assert run(store.due(100, 10)) == [(due, 1, 0, ticket)]
    run(store.commit([advanced(1, 7, lanes=[lane(0, due=None)])]))
    assert run(store.due(100, 10)) == []


def test_moments_that_change_often_are_still_found(store, run):
    run(store.commit([started(1, lanes=[lane(0, due=1), lane(1, due=5)])]))
    for version in range(2, 1_500):
        run(store.commit([advanced(1, version, lanes=[lane(0, due=version, frame=None)])]))
    assert run(store.due(10_000, 10)) == [(5, 1, 1, 1), (1499, 1, 0, 1)]


def test_tasks_and_turns_of_other_nodes_can_be_claimed(store, run):
    run(
        store.commit(
            [
                started(1, lanes=[lane(0, claimed_by="mine"), lane(1, claimed_by="other"), lane(2, "turn")]),
                started(2, lanes=[lane(0, "timer"), lane(1, "token", claimed_by="other"), lane(5)]),
            ]
        )
    )
    assert run(store.claimable("mine", (0, 0), 10)) == [(1, 1), (1, 2), (2, 5)]
    assert run(store.claimable("mine", (1, 1), 10)) == [(1, 2), (2, 5)]
    assert run(store.claimable("mine", (0, 0), 2)) == [(1, 1), (1, 2)]
    assert run(store.claimable("new", (0, 0), 10)) == [(1, 0), (1, 1), (1, 2), (2, 5)]


def test_a_lane_that_was_claimed_is_not_claimable_by_the_same_node(store, run):
    run(store.commit([started(1, lanes=[lane(0)])]))
    run(store.commit([advanced(1, 2, lanes=[lane(0, claimed_by="mine")])]))
    assert run(store.claimable("mine", (0, 0), 10)) == []


def test_workers_get_the_task_that_has_waited_longest(store, run):
    tasks = [lane(number, "activity", resource=WORKERS, scheduled=9 - number, ticket=number) for number in range(3)]
    run(store.commit([started(1, lanes=[*tasks, lane(7, "activity", resource="other")])]))
    run(store.commit([started(2, lanes=[lane(0, "activity", resource=WORKERS, scheduled=7)])]))
    assert run(store.activity_tasks(WORKERS, 10)) == [(1, 2, 2), (2, 0, 1), (1, 1, 1), (1, 0, 0)]
    assert run(store.activity_tasks(WORKERS, 1)) == [(1, 2, 2)]
    run(store.commit([advanced(1, 2, lanes=[lane(2, "token", frame=None, ticket=2)])]))
    assert run(store.activity_tasks(WORKERS, 10)) == [(2, 0, 1), (1, 1, 1), (1, 0, 0)]


def test_jobs_are_found_by_name_and_all_together(store, run):
    run(store.commit([started(1, lanes=[lane(0, "job", resource="b"), lane(1, "job", resource="a", ticket=3)])]))
    run(store.commit([started(2, lanes=[lane(0, "job", resource="b"), lane(1, "children")])]))
    assert run(store.jobs("b")) == [(1, 0, 1), (2, 0, 1)]
    assert run(store.jobs("c")) == []
    assert jobs_of(store, run) == [(1, 1, 3, "a"), (1, 0, 1, "b"), (2, 0, 1, "b")]


def test_any_number_of_waiting_jobs_is_yielded(store, run):
    run(store.commit([started(1, lanes=[lane(number, "job", resource="j") for number in range(1_100)])]))
    assert [found[1] for found in jobs_of(store, run)] == list(range(1_100))
