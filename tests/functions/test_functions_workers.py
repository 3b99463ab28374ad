"""How workers are started, shared, replaced and ended."""

import asyncio
import json
import logging
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from functions.waiting import ended, written
from stepwell.integrations.functions import FunctionsClosed, InvokeRefused, pool, sources, worker

CLIENTS = pytest.mark.parametrize("own_client", [False, True], ids=["awslambdaric", "own client"])


async def pid_of(functions, name="f"):
    return int((await functions.invoke(name, b"{}")).payload)


def test_a_warm_worker_is_used_again(serving):
    async def play():
        async with serving(f="sample.pid") as functions:
            return {await pid_of(functions) for _ in range(20)}

    assert len(asyncio.run(play())) == 1


def test_no_more_workers_run_than_the_function_may_have(serving, declare):
    async def play():
        async with serving(f=declare("sample.pid", concurrency=2)) as functions:
            return await asyncio.gather(*(pid_of(functions) for _ in range(50)))

    assert 1 <= len(set(asyncio.run(play()))) <= 2


def test_invocations_run_side_by_side_up_to_the_concurrency(serving, declare, tmp_path):
    event = json.dumps({"folder": str(tmp_path), "count": 3}).encode()

    async def play():
        async with serving(f=declare("sample.meet", concurrency=3)) as functions:
            return await asyncio.gather(*(functions.invoke("f", event) for _ in range(3)))

    assert [answer.payload for answer in asyncio.run(play())] == [b"3"] * 3


def test_who_waits_longest_is_served_first(serving, declare):
    order = []

    async def one(functions, number):
        await functions.invoke("f", b"{}")
        order.append(number)

    async def play():
        async with serving(f=declare("sample.echo", concurrency=1)) as functions:
            await asyncio.gather(*(one(functions, number) for number in range(20)))

    asyncio.run(play())
    assert order == list(range(20))


def test_a_queue_that_is_too_long_is_refused_as_lambda_refuses(serving, declare, monkeypatch):
    monkeypatch.setattr(pool, "MAX_WAITING", 2)

    async def play():
        async with serving(f=declare("sample.echo", concurrency=1)) as functions:
            return await asyncio.gather(*(functions.invoke("f", b"1") for _ in range(3)), return_exceptions=True)

    *answered, refused = asyncio.run(play())
    assert [answer.payload for answer in answered] == [b"1", b"1"]
    assert isinstance(refused, InvokeRefused)
    assert refused.code == "TooManyRequestsException"
    assert refused.cause.startswith("Rate Exceeded. (Service: AWSLambda; Status Code: 429; Error Code: TooManyReq")


def test_a_payload_over_the_limit_is_refused(serving):
    async def play():
        async with serving(f="sample.echo") as functions:
            await functions.invoke("f", b"1" * (6 * 1024 * 1024 + 1))

    with pytest.raises(InvokeRefused, match="RequestTooLargeException: Request must be smaller than 6291456 bytes"):
        asyncio.run(play())


def test_a_cancelled_invocation_frees_its_worker(serving, declare, tmp_path):
    event = json.dumps({"file": str(tmp_path / "pid"), "seconds": 60}).encode()

    async def play():
        async with serving(f=declare("sample.sleep", concurrency=1)) as functions:
            running = asyncio.create_task(functions.invoke("f", event))
            pid = int(await written(tmp_path / "pid"))
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            quick = json.dumps({"file": str(tmp_path / "other"), "seconds": 0}).encode()
            return running.cancelled(), await ended(pid), (await functions.invoke("f", quick)).error

    assert asyncio.run(play()) == (True, True, False)


def test_a_cancelled_invocation_that_waits_is_never_run(serving, declare, tmp_path):
    def event(name, seconds):
        return json.dumps({"file": str(tmp_path / name), "seconds": seconds}).encode()

    async def play():
        async with serving(f=declare("sample.sleep", concurrency=1)) as functions:
            first = asyncio.create_task(functions.invoke("f", event("first", 0.1)))
            await written(tmp_path / "first")
            second = asyncio.create_task(functions.invoke("f", event("second", 0)))
            await asyncio.sleep(0)
            second.cancel()
            await first
            await functions.invoke("f", event("third", 0))

    asyncio.run(play())
    assert not (tmp_path / "second").exists()
    assert (tmp_path / "third").exists()


def test_an_idle_worker_that_is_killed_is_replaced(serving):
    async def play():
        async with serving(f="sample.pid") as functions:
            first = await pid_of(functions)
            os.kill(first, signal.SIGKILL)
            assert await ended(first)
            answers = [(await functions.invoke("f", b"{}")).payload for _ in range(2)]
            return first, answers

    first, (at_once, later) = asyncio.run(play())
    assert at_once != str(first).encode()
    assert int(later) != first, "one call at most meets the worker before its end is known"


def test_edited_code_is_used_by_the_next_invocation(serving, declare, tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "CHECK_SECONDS", 0)
    code = tmp_path / "edited.py"

    async def play():
        async with serving(f=declare("edited.handler", path=str(tmp_path))) as functions:
            answers = []
            for number in range(4):
                # The same length each time, and within one second.
                code.write_text(f"def handler(event, context):\n    return {number}\n")
                answers.append((await functions.invoke("f", b"{}")).payload)
            return answers

    assert asyncio.run(play()) == [b"0", b"1", b"2", b"3"]


def test_a_busy_worker_finishes_with_the_code_it_has(serving, declare, tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "CHECK_SECONDS", 0)
    text = "import pathlib, time\ndef handler(event, context):\n    pathlib.Path(event['file']).write_text('here')\n"
    text += "    while not pathlib.Path(event['until']).exists():\n        time.sleep(0.005)\n    return VERSION\n"
    (tmp_path / "slow.py").write_text(text + "VERSION = 1\n")
    until = tmp_path / "until"

    def event(name):
        return json.dumps({"file": str(tmp_path / name), "until": str(until)}).encode()

    async def play():
        async with serving(f=declare("slow.handler", path=str(tmp_path), concurrency=1)) as functions:
            old = asyncio.create_task(functions.invoke("f", event("old")))
            await written(tmp_path / "old")
            (tmp_path / "slow.py").write_text(text + "VERSION = 2\n")
            new = asyncio.create_task(functions.invoke("f", event("new")))
            await written(tmp_path / "new")
            until.touch()
            return (await old).payload, (await new).payload

    assert asyncio.run(play()) == (b"1", b"2")


def test_idle_workers_are_ended_after_some_minutes(serving):
    async def play():
        async with serving(f="sample.pid") as functions:
            pid = await pid_of(functions)
            (served,) = functions._pools.values()
            now = asyncio.get_running_loop().time()
            served.sweep(now + pool.IDLE_SECONDS - 10)
            assert await pid_of(functions) == pid
            while not served._idle:
                await asyncio.sleep(0)
            served.sweep(now + pool.IDLE_SECONDS + 10)
            return await ended(pid), await pid_of(functions) != pid

    assert asyncio.run(play()) == (True, True)


def test_what_a_handler_has_started_ends_with_it(serving, tmp_path):
    event = json.dumps({"file": str(tmp_path / "child")}).encode()

    async def play():
        async with serving(f="sample.start_a_child") as functions:
            running = asyncio.create_task(functions.invoke("f", event))
            child = int(await written(tmp_path / "child"))
            running.cancel()
            return await ended(child)

    assert asyncio.run(play())


def test_a_module_that_takes_too_long_to_import_fails_the_invocation(serving, declare, tmp_path, monkeypatch):
    monkeypatch.setattr(worker, "INIT_SECONDS", 0.3)
    (tmp_path / "slow.py").write_text("import time\ntime.sleep(60)\n")

    async def play():
        async with serving(f=declare("slow.handler", path=str(tmp_path))) as functions:
            return json.loads((await functions.invoke("f", b"{}")).payload)

    told = asyncio.run(play())
    assert told["errorType"] == "Sandbox.Timedout"
    assert told["errorMessage"].endswith("Error: Task timed out after 0.30 seconds")


def test_closing_ends_the_workers_and_tells_who_waits(serving, declare, tmp_path):
    event = json.dumps({"file": str(tmp_path / "pid"), "seconds": 60}).encode()

    async def play():
        async with serving(f=declare("sample.sleep", concurrency=1)) as functions:
            calls = [asyncio.create_task(functions.invoke("f", event)) for _ in range(2)]
            pid = int(await written(tmp_path / "pid"))
        return await ended(pid), await asyncio.gather(*calls, return_exceptions=True)

    is_ended, answers = asyncio.run(play())
    assert is_ended
    assert [type(answer) for answer in answers] == [FunctionsClosed] * 2


def test_a_function_can_not_be_invoked_before_the_start_and_after_the_close(serving):
    async def play():
        async with serving(f="sample.echo") as functions:
            assert "f" in functions
            assert "g" not in functions
        await functions.invoke("f", b"{}")

    with pytest.raises(FunctionsClosed, match="not started, or closed"):
        asyncio.run(play())


@CLIENTS
def test_workers_die_with_a_server_that_is_killed(own_client, tmp_path):
    script = f"""
import asyncio, json
from stepwell.integrations.functions import FunctionSettings, LocalFunctions
def declared(handler):
    return FunctionSettings(handler, path={str(Path(__file__).with_name("handlers"))!r})
async def main():
    functions = LocalFunctions(
        {{"busy": declared("sample.sleep"), "idle": declared("sample.pid")}},
        endpoint_url="", region="eu-west-1", account="123456789012", own_client={own_client},
    )
    await functions.start()
    idle = (await functions.invoke("idle", b"{{}}")).payload.decode()
    event = {{"file": {str(tmp_path / "busy")!r}, "seconds": 60}}
    busy = asyncio.create_task(functions.invoke("busy", json.dumps(event).encode()))
    print(idle, flush=True)
    await busy
asyncio.run(main())
"""

    async def play():
        with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) as server:
            assert server.stdout is not None
            idle = int(server.stdout.readline())
            busy = int(await written(tmp_path / "busy"))
            server.kill()
        return await ended(idle), await ended(busy)

    assert asyncio.run(play()) == (True, True)


def test_handlers_see_little_of_the_servers_environment(serving, declare, monkeypatch):
    monkeypatch.setenv("SECRET_OF_THE_SERVER", "secret")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "AWS_ENDPOINT_URL_SFN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:5000")
    settings = declare("sample.environment", environment={"STAGE": "test", "AWS_LAMBDA_FUNCTION_NAME": "x"}, memory=256)
    expected = {
        "SECRET_OF_THE_SERVER": None,
        "STAGE": "test",
        "AWS_LAMBDA_FUNCTION_NAME": "f",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
        "AWS_REGION": "eu-west-1",
        "AWS_ACCESS_KEY_ID": "123456789012",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:5000",
        "AWS_ENDPOINT_URL_SFN": "http://127.0.0.1:8083",
        "AWS_ENDPOINT_URL_EVENTBRIDGE": "http://127.0.0.1:5000",
        "LAMBDA_TASK_ROOT": settings.path,
    }

    async def play():
        async with serving(f=settings) as functions:
            return json.loads((await functions.invoke("f", json.dumps(list(expected)).encode())).payload)

    assert asyncio.run(play()) == expected


def test_credentials_of_the_server_are_passed_on_as_a_role_would_be(serving, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIATEST")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s")

    async def play():
        async with serving(f="sample.environment") as functions:
            return json.loads((await functions.invoke("f", b'["AWS_ACCESS_KEY_ID"]')).payload)

    assert asyncio.run(play()) == {"AWS_ACCESS_KEY_ID": "AKIATEST"}


@CLIENTS
def test_what_a_function_prints_is_logged_under_its_name(serving, own_client, caplog):
    async def play():
        async with serving(own_client, f="sample.print_lines") as functions:
            await functions.invoke("f", b'["one"]')
            return await functions.invoke("f", b'["two", "three"]')

    with caplog.at_level(logging.INFO, "stepwell.functions"):
        answer = asyncio.run(play())
    lines = [record.getMessage() for record in caplog.records if record.name == "stepwell.functions.f"]
    error = "and this is an error"
    assert lines == ["sample is imported", "one", error, "two", "three", error]
    assert answer.log_tail == f"two\nthree\n{error}\n".encode()


def test_a_function_that_was_posted_an_event_reports_its_failure_to_the_log(serving, declare, caplog):
    async def play():
        async with serving(f=declare("sample.fail", concurrency=1)) as functions:
            posted = functions.post("f", b"{}")
            await functions.invoke("f", b"{}")
            return posted

    with caplog.at_level(logging.ERROR, "stepwell.functions"):
        posted = asyncio.run(play())
    reported = [record.getMessage() for record in caplog.records if record.getMessage().startswith("request ")]
    assert len(reported) == 1
    assert reported[0].startswith(f"request {posted} failed: ")


def test_a_folder_that_is_gone_fails_the_invocation(serving, declare, tmp_path):
    async def play():
        async with serving(f=declare("sample.echo", path=str(tmp_path / "nowhere"))) as functions:
            return await asyncio.gather(*(functions.invoke("f", b"{}") for _ in range(3)))

    answers = asyncio.run(play())
    assert {json.loads(answer.payload)["errorType"] for answer in answers} == {"Runtime.InvalidEntrypoint"}
    assert all(answer.request_id in json.loads(answer.payload)["errorMessage"] for answer in answers)
