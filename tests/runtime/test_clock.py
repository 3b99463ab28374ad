"""Time, and the identifiers that are made of it."""

import uuid

from stepwell.runtime import clock as clock_module
from stepwell.runtime.clock import SystemClock, time_ordered_uuid

NOW = 1_767_225_600_000


def test_a_time_ordered_uuid_is_of_version_7_and_says_when():
    made = [uuid.UUID(time_ordered_uuid(NOW)) for _ in range(100)]
    assert {(one.version, one.variant, one.int >> 80) for one in made} == {(7, uuid.RFC_4122, NOW)}
    assert len(set(made)) == 100
    assert time_ordered_uuid(NOW) < time_ordered_uuid(NOW + 1)


def test_all_of_a_uuid_that_may_be_is_left_to_chance(monkeypatch):
    monkeypatch.setattr(clock_module.random, "getrandbits", lambda bits: (1 << bits) - 1)
    assert time_ordered_uuid(NOW) == "019b76da-a800-7fff-bfff-ffffffffffff"
    monkeypatch.setattr(clock_module.random, "getrandbits", lambda bits: 0)
    assert time_ordered_uuid(NOW) == "019b76da-a800-7000-8000-000000000000"


def test_the_clock_never_runs_backwards(monkeypatch):
    times = iter([2_000_000, 1_000_000, 3_000_000])
    monkeypatch.setattr(clock_module.time, "time_ns", lambda: next(times))
    clock = SystemClock()
    assert [clock.now() for _ in range(3)] == [2, 2, 3]
