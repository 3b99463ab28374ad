"""The inbox: tasks that wait for a person or a worker, and their answers.

A task token never leaves the server: whoever answers names the execution, the lane and the ticket, and the server makes
the token. Where the ticket is no longer the lane's, the task has been answered, and nothing is changed.
"""

from typing import Any

from stepwell.api.server import Server
from stepwell.console.finding import Found, find, item
from stepwell.console.flow import TOKEN
from stepwell.console.request import Asked, invalid
from stepwell.console.stories import Stories, events_of
from stepwell.console.waits import lanes_of, wait_of
from stepwell.machine.data import Lane
from stepwell.machine.history import EventTuple, parameters_of, show
from stepwell.runtime.arns import Scope

DEFAULT_TASKS, MOST_TASKS = 100, 500
MOST_LOOKED_AT = 2_000
"""Waiting lanes of all accounts that one page looks at."""

_KINDS = ("token", "activity")


class Inbox:
    """Answers calls about tasks that wait."""

    def __init__(self, server: Server, stories: Stories) -> None:
        self._server = server
        self._stories = stories

    async def tasks(self, asked: Asked) -> dict[str, Any]:
        """Return tasks that wait."""
        limit = asked.number("limit", DEFAULT_TASKS, MOST_TASKS)
        if asked.choice("kind", _KINDS, "token") == "activity":
            return {"tasks": await self._of_activities(asked.scope, limit), "next": None}
        after = _position(asked.text("next"))
        tasks: list[dict[str, Any]] = []
        lanes = await self._server.engine.store.searches.tokens(after, MOST_LOOKED_AT)
        for waiting in lanes:
            if len(tasks) == limit:
                break
            after = (waiting.execution, waiting.lane)
            task = await self._task(asked.scope, waiting.execution, waiting.lane, waiting.ticket)
            if task is not None:
                tasks.append(task)
        done = len(lanes) < MOST_LOOKED_AT and (not lanes or after == (lanes[-1].execution, lanes[-1].lane))
        return {"tasks": tasks, "next": None if done else f"{after[0]}.{after[1]}"}

    async def _of_activities(self, scope: Scope, limit: int) -> list[dict[str, Any]]:
        store = self._server.engine.store
        tasks: list[dict[str, Any]] = []
        for activity in await store.activities(scope.account, scope.region, limit, None):
            for execution, lane, ticket in await store.activity_tasks(activity.arn, limit - len(tasks)):
                task = await self._task(scope, execution, lane, ticket)
                if task is not None:
                    tasks.append(task)
        return tasks

    async def _task(self, scope: Scope, execution: int, number: int, ticket: int) -> dict[str, Any] | None:
        """Return a task as it is shown, unless it is another account's, or has been answered."""
        engine = self._server.engine
        record = await engine.store.execution_by_key(execution)
        if record is None or record.arn.split(":")[3:5] != [scope.region, scope.account]:
            return None
        lane = next((each for each in await lanes_of(engine.store, execution) if each.number == number), None)
        if lane is None or lane.ticket != ticket:
            return None
        story = await self._stories.of(Found(record, engine.store))
        visit = story.visits.get(lane.entered)
        if visit is None:
            return None
        events = await events_of(engine.store, execution, [lane.entered, lane.scheduled])
        wait = wait_of(visit, lane)
        token = engine.task_token(record, number, ticket)
        return {
            "executionArn": record.arn,
            "execution": item(record),
            "visit": visit.number,
            "state": visit.state.path,
            "name": visit.state.name,
            "kind": wait["kind"],
            "lane": number,
            "ticket": ticket,
            "since": wait["since"],
            "until": wait["until"],
            "input": lane.input.text.replace(token, TOKEN),
            "parameters": _parameters(events, lane).replace(token, TOKEN),
            "resource": visit.state.value.get("Resource"),
            "heartbeat": lane.heartbeat_seconds,
            "iteration": wait["iteration"],
            "comment": visit.state.value.get("Comment"),
        }

    async def answer(self, asked: Asked) -> dict[str, Any]:
        """Complete a task, or let it fail."""
        engine = self._server.engine
        found = await find(self._server, asked.scope, asked.member("executionArn"))
        if found.store is not engine.store:
            raise invalid("executionArn", "is of an Express execution, which has no task tokens")
        token = engine.task_token(found.record, _number(asked, "lane"), _number(asked, "ticket"))
        error, cause = asked.optional_member("error"), asked.optional_member("cause")
        output = asked.optional_member("output")
        account = asked.scope.account
        if output is not None and error is None and cause is None:
            await engine.complete_task(token, output, account=account)
        elif output is None:
            await engine.fail_task(token, error, cause, account=account)
        else:
            raise invalid("output", "can't be there beside an error")
        return {}


def _parameters(events: dict[int, EventTuple], lane: Lane) -> str:
    event = events.get(lane.scheduled)
    if event is None or not show(0, event)["type"].endswith("Scheduled"):
        return "null"
    return parameters_of(event)


def _position(text: str | None) -> tuple[int, int]:
    if text is None:
        return 0, -1
    execution, _, lane = text.partition(".")
    if not (execution.isdigit() and lane.isdigit()):
        raise invalid("next", "is none of ours")
    return int(execution), int(lane)


def _number(asked: Asked, name: str) -> int:
    value = asked.body.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 1 << 62:
        raise invalid(name, "is no number")
    return value
