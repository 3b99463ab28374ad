"""Handlers: a function of the input, or of the input and the task; in a thread of its own, or on the loop."""

import asyncio
import contextlib
import contextvars
import inspect
import logging
import threading
from collections.abc import Callable
from typing import Any

from stepwell.worker.answers import Answer, failure, success
from stepwell.worker.errors import TaskFailed
from stepwell.worker.task import Task

log = logging.getLogger("stepwell.worker")


class Handler:
    """What does the tasks of an activity. Raise `TypeError` for what can't be called so."""

    def __init__(self, function: Callable[..., Any]) -> None:
        if not callable(function):
            raise TypeError(f"{function!r} is no function")
        self._function = function
        self._takes_task = _required(function) == 2
        self.is_async = inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(
            getattr(function, "__call__", None)  # noqa: B004 (an object whose __call__ is a coroutine function)
        )

    def start(self, task: Task) -> asyncio.Future[Answer]:
        """Begin a task; the future is its answer."""
        return asyncio.create_task(self._on_the_loop(task)) if self.is_async else self._in_a_thread(task)

    def _call(self, task: Task) -> Any:
        return self._function(task.input, task) if self._takes_task else self._function(task.input)

    async def _on_the_loop(self, task: Task) -> Answer:
        try:
            return success(await self._call(task))
        except asyncio.CancelledError as error:
            if task.cancelled:
                raise
            return _failed(error)
        except (Exception, SystemExit) as error:  # noqa: BLE001 (whatever a handler raises is the task's error)
            return _failed(error)

    def _in_a_thread(self, task: Task) -> asyncio.Future[Answer]:
        """Run in a thread that doesn't keep the process from ending."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Answer] = loop.create_future()
        context = contextvars.copy_context()

        def run() -> None:
            try:
                answer = success(context.run(self._call, task))
            except BaseException as error:  # noqa: BLE001 (SystemExit too: it ends a thread without a word)
                answer = _failed(error)
            with contextlib.suppress(RuntimeError):  # the loop has ended before the handler did
                loop.call_soon_threadsafe(_settle, future, answer)

        threading.Thread(target=run, name=f"task of {task.activity_arn.rpartition(':')[2]}", daemon=True).start()
        return future


def _failed(error: BaseException) -> Answer:
    if not isinstance(error, TaskFailed):
        log.warning("a handler raised", exc_info=error)
    return failure(error)


def _settle(future: asyncio.Future[Answer], answer: Answer) -> None:
    if not future.done():
        future.set_result(answer)


def _required(function: Callable[..., Any]) -> int:
    """Return how many arguments a function wants: one or two."""
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    wanted = [
        parameter
        for parameter in inspect.signature(function).parameters.values()
        if parameter.default is inspect.Parameter.empty and parameter.kind in kinds
    ]
    if len(wanted) not in {1, 2}:
        raise TypeError(
            f"{function!r} wants {len(wanted)} arguments: a handler takes the input, or the input and the task"
        )
    return len(wanted)
