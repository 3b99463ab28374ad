"""What comes of an invocation: Lambda's words, whichever client runs the handler."""

import asyncio
import json
import re
import signal
import sys

import pytest

CLIENTS = pytest.mark.parametrize("own_client", [False, True], ids=["awslambdaric", "own client"])
UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}"


def invoke(serving, handler, event=None, own_client=False, times=1, **options):
    """The last of some answers to the same event."""

    async def play():
        async with serving(own_client, f=handler) as functions:
            for _ in range(times - 1):
                await functions.invoke("f", json.dumps(event).encode(), **options)
            return await functions.invoke("f", json.dumps(event).encode(), **options)

    return asyncio.run(play())


@CLIENTS
def test_a_result_is_passed_on_with_the_id_of_its_request(serving, own_client):
    answer = invoke(serving, "sample.echo", {"a": [1, None, "é"]}, own_client)
    assert json.loads(answer.payload) == {"a": [1, None, "é"]}
    assert (answer.error, answer.executed_version, answer.status) == (False, "$LATEST", 200)
    assert re.fullmatch(UUID, answer.request_id)


@CLIENTS
def test_the_context_is_that_of_lambda(serving, own_client):
    arn = "arn:aws:lambda:eu-west-1:123456789012:function:f:live"
    answer = invoke(serving, "sample.describe", {}, own_client, arn=arn, client_context='{"custom":{"a":1}}')
    told = json.loads(answer.payload)
    assert re.fullmatch(r"Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0", told.pop("trace"))
    assert 50_000 < told.pop("left") <= 60_000
    assert told == {
        "name": "f",
        "version": "$LATEST",
        "memory": "10240",
        "arn": arn,
        "group": "/aws/lambda/f",
        "request": answer.request_id,
        "custom": {"a": 1},
    }


@CLIENTS
def test_without_an_arn_the_context_has_that_of_the_server_region_and_account(serving, own_client):
    told = json.loads(invoke(serving, "sample.describe", {}, own_client).payload)
    assert told["arn"] == "arn:aws:lambda:eu-west-1:123456789012:function:f"
    assert told["custom"] is None


@CLIENTS
def test_bytes_are_passed_on_as_they_are(serving, own_client):
    assert invoke(serving, "sample.give_bytes", {}, own_client).payload == b'"HelloWorld!"'


@CLIENTS
def test_decimals_are_numbers(serving, own_client):
    assert json.loads(invoke(serving, "sample.give_decimal", {}, own_client).payload) == {"price": 1.5, "name": "Zoë"}


@CLIENTS
def test_a_result_that_is_no_json_is_an_error(serving, own_client):
    answer = invoke(serving, "sample.give_a_set", {}, own_client)
    assert answer.error
    told = json.loads(answer.payload)
    assert told["errorType"] == "Runtime.MarshalError"
    assert told["errorMessage"] == "Unable to marshal response: Object of type set is not JSON serializable"


@CLIENTS
def test_an_exception_is_told_as_awslambdaric_tells_it(serving, own_client):
    answer = invoke(serving, "sample.fail", {}, own_client)
    assert answer.error
    told = json.loads(answer.payload)
    assert list(told) == ["errorMessage", "errorType", "requestId", "stackTrace"]
    assert (told["errorMessage"], told["errorType"]) == ("no such thing", "ValueError")
    assert told["requestId"] == answer.request_id
    (frame,) = told["stackTrace"]
    assert re.fullmatch(r'  File ".*/sample\.py", line \d+, in fail\n    raise ValueError\("no such thing"\)\n', frame)


@CLIENTS
def test_an_exception_without_a_message_has_an_empty_one(serving, own_client):
    told = json.loads(invoke(serving, "sample.fail_without_a_message", {}, own_client).payload)
    assert (told["errorMessage"], told["errorType"]) == ("", "CustomException")


@CLIENTS
def test_a_worker_goes_on_after_an_exception(serving, own_client):
    async def play():
        async with serving(own_client, f="sample.leave") as functions:
            first = await functions.invoke("f", b"{}")
            second = await functions.invoke("f", b"{}")
            return first, second

    assert [json.loads(answer.payload)["errorType"] for answer in asyncio.run(play())] == ["KeyError", "KeyError"]


@CLIENTS
@pytest.mark.parametrize(
    ("handler", "kind", "message"),
    [
        (
            "imports_nothing_there.handler",
            "Runtime.ImportModuleError",
            "Unable to import module 'imports_nothing_there': No module named 'a_module_that_is_nowhere'",
        ),
        (
            "nowhere.handler",
            "Runtime.ImportModuleError",
            "Unable to import module 'nowhere': No module named 'nowhere'",
        ),
        ("sample.nothing", "Runtime.HandlerNotFound", "Handler 'nothing' missing on module 'sample'"),
    ],
)
def test_a_handler_that_can_not_be_loaded_is_told_at_each_invocation(serving, own_client, handler, kind, message):
    answer = invoke(serving, handler, {}, own_client, times=2)
    assert answer.error
    told = json.loads(answer.payload)
    assert (told["errorType"], told["errorMessage"]) == (kind, message)
    assert (told["requestId"], told["stackTrace"]) == ("", [])


@CLIENTS
def test_a_syntax_error_is_told(serving, own_client, tmp_path, declare):
    (tmp_path / "broken.py").write_text("def handler(:\n")
    answer = invoke(serving, declare("broken.handler", path=str(tmp_path)), {}, own_client)
    assert json.loads(answer.payload)["errorType"] == "Runtime.UserCodeSyntaxError"


@pytest.mark.parametrize(
    ("status", "told"),
    [(0, "Runtime exited without providing a reason"), (3, "Runtime exited with error: exit status 3")],
)
def test_a_process_that_exits_is_told_as_lambda_tells_it(serving, status, told):
    answer = invoke(serving, "sample.leave", {"status": status}, times=2)
    assert answer.error
    assert json.loads(answer.payload) == {
        "errorType": "Runtime.ExitError",
        "errorMessage": f"RequestId: {answer.request_id} Error: {told}",
    }


def test_a_process_that_exits_while_it_is_imported_fails_the_invocation(serving):
    answer = invoke(serving, "leaves_at_import.handler", {})
    assert json.loads(answer.payload)["errorMessage"].endswith("Error: Runtime exited with error: exit status 7")


@pytest.mark.parametrize(
    ("number", "name"),
    [(signal.SIGKILL, "killed"), (signal.SIGSEGV, "segmentation fault"), (signal.SIGABRT, "aborted")],
)
def test_a_process_that_is_killed_is_told_with_the_signal(serving, number, name):
    answer = invoke(serving, "sample.kill_itself", {"signal": int(number)})
    assert json.loads(answer.payload) == {
        "errorType": "Runtime.ExitError",
        "errorMessage": f"RequestId: {answer.request_id} Error: Runtime exited with error: signal: {name}",
    }


def test_a_function_that_takes_too_long_is_ended(serving, declare, tmp_path):
    event = {"file": str(tmp_path / "pid"), "seconds": 60}
    answer = invoke(serving, declare("sample.sleep", timeout=0.25), event)
    assert answer.error
    assert json.loads(answer.payload) == {
        "errorType": "Sandbox.Timedout",
        "errorMessage": f"RequestId: {answer.request_id} Error: Task timed out after 0.25 seconds",
    }


@pytest.mark.skipif(sys.platform != "linux", reason="no other system holds a process to a limit of its data")
def test_a_function_that_takes_too_much_memory_is_ended(serving, declare):
    async def play():
        async with serving(f=declare("sample.eat_memory", memory=128)) as functions:
            return [await functions.invoke("f", b'{"mib": %d}' % mib) for mib in (300, 60)]

    failed, fine = asyncio.run(play())
    assert json.loads(failed.payload) == {
        "errorType": "Runtime.OutOfMemory",
        "errorMessage": f"RequestId: {failed.request_id} Error: Runtime exited with error: signal: killed",
    }
    assert fine.payload == b"62914560"


def test_without_a_limit_a_memory_error_is_the_functions_own(serving, declare):
    told = json.loads(invoke(serving, "sample.eat_memory", {"mib": 2**40}).payload)
    assert told["errorType"] in {"MemoryError", "OverflowError"}


def test_an_answer_over_the_limit_is_an_error_and_the_worker_goes_on(serving):
    answer = invoke(serving, "sample.give_too_much", {}, times=2)
    assert answer.error
    assert json.loads(answer.payload) == {
        "errorType": "Function.ResponseSizeTooLarge",
        "errorMessage": "Response payload size exceeded maximum allowed payload size (6291556 bytes).",
    }


@CLIENTS
def test_a_handler_has_an_empty_standard_input(serving, own_client):
    assert invoke(serving, "sample.read_input", {}, own_client).payload == b'""'
