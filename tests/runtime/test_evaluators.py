"""The processes of the evaluators: what they promise whoever gives them a job, and what they leave behind."""

import asyncio
import os
import signal
import sys
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from stepwell.runtime.evaluators import pool
from stepwell.runtime.evaluators.diagnoses import diagnosing
from stepwell.runtime.evaluators.pool import Broken, Evaluators, Exceeded
from stepwell.runtime.evaluators.process import KEPT_BYTES, NICENESS
from stepwell.storage.port import StoreError

PATIENCE = 20
OWN_PID = "__import__('os').getpid()"
SPIN = "[None for _ in iter(int, 1)]"


@asynccontextmanager
async def evaluators():
    made = Evaluators()
    try:
        async with asyncio.timeout(PATIENCE):
            yield made
    finally:
        await made.close()


async def until(holds):
    async with asyncio.timeout(PATIENCE):
        while not holds():
            await asyncio.sleep(0.01)


def is_there(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def do(*jobs):
    """Return what becomes of jobs that are given to new evaluators one after the other."""

    async def body():
        found = []
        async with evaluators() as made:
            for job in jobs:
                try:
                    found.append(await made.do(eval, job))
                except (Broken, Exceeded) as problem:
                    found.append(problem)
        return found

    return asyncio.run(body())


def test_a_job_gives_what_its_function_returns():
    assert do("2 + 2", "[1, {'a': None}]") == [4, [1, {"a": None}]]


def test_jobs_that_follow_each_other_share_a_process_that_leaves_the_processor_to_the_server():
    one, other, nice = do(OWN_PID, OWN_PID, "__import__('os').nice(0)")
    assert one == other != os.getpid()
    assert nice == min(os.nice(0) + NICENESS, 19)


def test_as_many_processes_run_as_are_allowed():
    async def body():
        async with evaluators() as made:
            jobs = [made.do(eval, f"__import__('time').sleep(0.2), {OWN_PID}") for _ in range(6)]
            return {pid for _, pid in await asyncio.gather(*jobs)}

    assert len(asyncio.run(body())) == pool.PROCESSES


def test_a_process_is_kept_however_large_the_server_is():
    large = bytearray(KEPT_BYTES + 2**20)
    one, other = do(OWN_PID, OWN_PID)
    assert len(large) > KEPT_BYTES
    assert one == other


def test_a_bug_in_a_job_is_told_with_its_place():
    (bug,) = do("1 / 0")
    assert str(bug) == "ZeroDivisionError('division by zero')"
    assert "Traceback" in bug.__notes__[0]


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere no limit of the address space holds")
def test_a_job_that_takes_too_much_memory_is_told_so_and_the_next_has_a_process_of_its_own():
    before, exceeded, after = do(OWN_PID, "bytearray(10**9)", OWN_PID)
    assert isinstance(exceeded, Exceeded)
    assert before != after


def test_a_job_that_takes_too_much_time_is_told_so():
    limit = "__import__('resource').setrlimit(__import__('resource').RLIMIT_CPU, (1, 100))"
    exceeded, after = do(f"{limit}, {SPIN}", "1")
    assert isinstance(exceeded, Exceeded)
    assert after == 1


def test_a_job_whose_process_dies_is_given_to_another(tmp_path):
    died = tmp_path / "died"
    job = f"(p := __import__('pathlib').Path({str(died)!r})).exists() or (p.touch(), __import__('os').abort())"
    assert do(job) == [True]


def test_the_answer_to_a_job_that_nobody_waits_for_is_nobody_elses():
    async def body():
        async with evaluators() as made:
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(made.do(eval, "__import__('time').sleep(0.3) or 'old'"), 0.1)
            return await made.do(eval, "'new'")

    assert asyncio.run(body()) == "new"


def test_a_process_that_has_nothing_to_do_is_ended(monkeypatch):
    monkeypatch.setattr(pool, "IDLE_SECONDS", 0.01)

    async def body():
        async with evaluators() as made:
            first = await made.do(eval, OWN_PID)
            await until(lambda: not is_there(first))
            assert await made.do(eval, OWN_PID) != first

    asyncio.run(body())


def test_none_is_left_when_they_are_closed():
    async def body():
        made = Evaluators()
        pids = await asyncio.gather(*(made.do(eval, OWN_PID) for _ in range(2)))
        spinning = asyncio.ensure_future(made.do(eval, SPIN))
        await asyncio.sleep(0)
        spinning.cancel()
        await asyncio.gather(spinning, return_exceptions=True)
        await made.close()
        return pids

    assert not [pid for pid in asyncio.run(body()) if is_there(pid)]


def test_where_too_many_wait_no_more_is_taken(monkeypatch):
    monkeypatch.setattr(pool, "MOST_WAITING", 0)

    async def body():
        async with evaluators() as made:
            with pytest.raises(StoreError, match="try again later"):
                await made.do(eval, "1")

    asyncio.run(body())


def test_a_process_that_can_not_be_started_is_the_fault_of_no_job(monkeypatch):
    monkeypatch.setattr(sys, "executable", str(Path(__file__).with_name("nothing")))

    async def body():
        async with evaluators() as made:
            with pytest.raises(StoreError, match="can't be started"):
                await made.do(eval, "1")

    asyncio.run(body())


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere it ends after its job")
def test_none_outlives_a_server_that_is_killed():
    program = f"""
import asyncio, os
from stepwell.runtime.evaluators.pool import Evaluators
async def body():
    evaluators = Evaluators()
    print(await evaluators.do(eval, {OWN_PID!r}), flush=True)
    await evaluators.do(eval, {SPIN!r})
asyncio.run(body())
"""

    async def body():
        pipe = asyncio.subprocess.PIPE
        server = await asyncio.create_subprocess_exec(sys.executable, "-c", program, stdout=pipe)
        pid = int(await server.stdout.readline())
        assert is_there(pid)
        server.send_signal(signal.SIGKILL)
        await server.wait()
        await until(lambda: not is_there(pid))

    asyncio.run(body())


def test_a_long_definition_is_checked_in_a_process_with_the_same_result():
    states = ", ".join(f'"P{number}": {{"Type": "Pass", "Next": "Nowhere"}}' for number in range(200))
    definition = f'{{"StartAt": "P0", "States": {{{states}}}}}'

    async def body():
        async with evaluators() as made:
            found = await diagnosing(made)(definition, "STANDARD")
            assert len(made._idle) == 1
            assert found == await diagnosing(made)(definition, "STANDARD")
            return found

    found = asyncio.run(body())
    assert {diagnostic.code for diagnostic in found} == {"MISSING_TRANSITION_TARGET", "MISSING_END_STATE"}
    assert found[0].line == 1
