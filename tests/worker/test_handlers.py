"""What a handler's end becomes, and what can be a handler."""

import functools
import json
from decimal import Decimal

import pytest

from stepwell.worker import TaskFailed, Worker
from stepwell.worker.answers import MAX_CAUSE_CHARACTERS, MAX_OUTPUT_BYTES, Failure, Success, failure, success
from stepwell.worker.handler import Handler
from stepwell.worker.run import LONGEST_PAUSE_SECONDS, pauses

ARN = "arn:aws:states:us-east-1:123456789012:activity:a"


class CardDeclined(Exception):
    pass


def raised(error):
    try:
        raise error
    except type(error) as caught:
        return failure(caught)


@pytest.mark.parametrize(
    ("value", "text"), [(None, "null"), ({"é": 1}, '{"é": 1}'), (Decimal("1.5"), "1.5"), (Decimal(2), "2")]
)
def test_a_result_becomes_json(value, text):
    assert success(value) == Success(text)


@pytest.mark.parametrize("value", [object(), float("nan"), {1, 2}])
def test_a_result_that_json_can_not_say_fails_the_task_as_in_lambda(value):
    failed = success(value)
    assert failed.error == "Runtime.MarshalError"
    assert json.loads(failed.cause)["errorMessage"].startswith("Unable to marshal response: ")


def test_a_result_that_recurs_fails_the_task():
    value = []
    value.append(value)
    assert success(value).error == "Runtime.MarshalError"


def test_a_result_that_is_too_large_fails_the_task_with_the_name_that_step_functions_has_for_it():
    assert isinstance(success("x" * (MAX_OUTPUT_BYTES - 2)), Success)
    assert success("x" * (MAX_OUTPUT_BYTES - 1)).error == "States.DataLimitExceeded"


def test_an_exception_is_an_error_as_in_lambda():
    failed = raised(CardDeclined("no money"))
    cause = json.loads(failed.cause)
    assert failed.error == "CardDeclined"
    assert (cause["errorMessage"], cause["errorType"]) == ("no money", "CardDeclined")
    assert "in raised" in cause["stackTrace"][-1]


def test_a_handler_may_name_its_error():
    assert raised(TaskFailed("Billing.Down", "maintenance")) == Failure("Billing.Down", "maintenance")


def test_a_cause_is_never_longer_than_step_functions_takes():
    def deep(levels):
        if levels == 0:
            raise CardDeclined("é" * 100_000)
        and_deeper(levels - 1)

    def and_deeper(levels):  # two in turn: a traceback shows one that calls itself only three times
        deep(levels)

    with pytest.raises(CardDeclined) as caught:
        deep(300)
    failed = failure(caught.value)
    assert len(failed.cause) <= MAX_CAUSE_CHARACTERS
    assert json.loads(failed.cause)["stackTrace"]


class Callable:
    async def __call__(self, given):
        return given


async def coroutine(given, task):
    return given


@pytest.mark.parametrize(
    ("function", "is_async"),
    [
        (lambda given: given, False),
        (lambda given, task: given, False),
        (lambda given, strict=True: given, False),
        (coroutine, True),
        (functools.partial(coroutine, task=None), True),
        (Callable(), True),
    ],
)
def test_what_can_be_a_handler(function, is_async):
    assert Handler(function).is_async == is_async


@pytest.mark.parametrize("function", [lambda: None, lambda a, b, c: None, 3])
def test_what_can_not_be_a_handler_is_refused_at_once(function):
    with pytest.raises(TypeError):
        Worker().activity(ARN)(function)


@pytest.mark.parametrize(
    "arn", ["resize", "arn:aws:states:us-east-1:123456789012:stateMachine:a", ARN.replace("states", "lambda")]
)
def test_what_is_no_activity_is_refused_at_once(arn):
    with pytest.raises(ValueError, match="is no ARN of an activity"):
        Worker().activity(arn)


def test_a_worker_has_one_function_for_an_activity_and_one_account():
    worker = Worker()
    worker.activity(ARN)(lambda given: given)
    with pytest.raises(ValueError, match="has a function already"):
        worker.activity(ARN)
    with pytest.raises(ValueError, match="another account or region"):
        worker.activity(ARN.replace("us-east-1", "eu-central-1"))


def test_a_decorated_function_stays_what_it_was():
    assert Worker().activity(ARN)(coroutine) is coroutine


@pytest.mark.parametrize("settings", [{"concurrency": 0}, {"concurrency": 1001}, {"heartbeat_seconds": 0}])
def test_settings_that_make_no_sense_are_refused(settings):
    with pytest.raises(ValueError):
        Worker(**settings)


def test_pauses_grow_to_a_bound_and_differ():
    found = [pause for pause, _ in zip(pauses(), range(50), strict=False)]
    assert found[0] < 1
    assert LONGEST_PAUSE_SECONDS / 2 <= min(found[10:]) < max(found) <= LONGEST_PAUSE_SECONDS
