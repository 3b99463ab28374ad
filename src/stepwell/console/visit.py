"""One visit in full: its data from stage to stage, its attempts, what it waits for."""

import json
from typing import Any

from stepwell.api.server import Server
from stepwell.console.beside import outside
from stepwell.console.catching import caught_by, next_of
from stepwell.console.execution import visit_of
from stepwell.console.finding import Found, find
from stepwell.console.flow import TOKEN, Run, Visited, stages_of, stages_outside
from stepwell.console.request import Asked
from stepwell.console.stories import Stories, events_of
from stepwell.console.story import Story
from stepwell.console.visits import ABORTED, CAUGHT, FAILED, RETRYING, RUNNING, SUCCEEDED, TIMED_OUT, Line, Visit
from stepwell.console.waits import lanes_of, wait_of
from stepwell.language.document import decode, to_text
from stepwell.language.evaluation import Overdrawn
from stepwell.language.source import read
from stepwell.machine.history import EventTuple, show, type_of
from stepwell.runtime.evaluators import INLINE_STEPS
from stepwell.runtime.evaluators.pool import Evaluators

MOST_RESULTS = 1_000
"""Of how many iterations the results are gathered once more."""

MOST_EVENTS = 5_000
"""So many events of a visit are read: a Map's iterations are events of it, too."""

_STARTS = ("Scheduled", "StateStarted")


class Visits:
    """Answers the call about one visit."""

    def __init__(self, server: Server, stories: Stories, evaluators: Evaluators) -> None:
        self._server = server
        self._stories = stories
        self._evaluators = evaluators

    async def visit(self, asked: Asked) -> dict[str, Any]:
        """Return a visit in full."""
        found = await find(self._server, asked.scope, asked.required("arn"))
        story = await self._stories.of(found)
        return await self.described(found, story, visit_of(story, asked))

    async def described(self, found: Found, story: Story, visit: Visit) -> dict[str, Any]:
        """Return what is known of a visit."""
        revision = await self._server.registry.revision(found.record.revision)
        source = read(revision.definition)
        events = await events_of(found.store, found.record.key, visit.events[:MOST_EVENTS])
        entered, last = _details(events[visit.number]), events.get(visit.exit)
        variables = await self.variables(found, visit)
        attempts = _attempts(visit, events)
        wait, token = await self._wait(found, visit)
        known = _known(attempts, visit.state.value)
        if visit.state.type in {"Parallel", "Map"} and "result" not in known:
            known |= await self._gathered(found, visit)
        visited = Visited(
            found.record.arn,
            found.record.state_machine_arn,
            revision.role_arn,
            found.record.input,
            found.record.started,
        )
        language = source.value.get("QueryLanguage", "JSONPath")
        run = Run(visited, visit.state, language, entered["input"], variables, visit.entered, len(attempts), known)
        try:
            stages = stages_of(run, INLINE_STEPS)
        except Overdrawn:
            stages = await outside(self._evaluators, stages_outside, run)
        following = next_of(story, visit)
        exit_ = _details(last) if last is not None and type_of(last).endswith("StateExited") else {}
        answer = {
            **_heading(visit),
            "input": entered["input"],
            "output": exit_.get("output"),
            "variables": to_text(variables),
            "assigned": exit_.get("assignedVariables"),
            "next": None if following is None else following.state.path,
            **_trouble(found, visit, attempts),
            "caughtBy": caught_by(story, visit),
            "stages": stages,
            "attempts": attempts,
            "wait": wait,
            "definition": json.dumps(visit.state.value, indent=2, ensure_ascii=False),
            "line": source.position(_pointer(visit.state.path), key=True).line,
            "iterations": _counts(visit),
        }
        return answer if token is None else _without(answer, token)

    async def variables(self, found: Found, visit: Visit) -> dict[str, Any]:
        """Return the variables that a visit sees when it is entered."""
        chain: list[tuple[Line, int]] = []
        line: Line | None = visit.line
        until = visit.number
        while line is not None:
            chain.append((line, until))
            until = line.within.number if line.within is not None else 0
            line = None if line.within is None else line.within.line
        wanted = [number for line, until in reversed(chain) for number in line.assigned if number < until]
        events = await events_of(found.store, found.record.key, wanted)
        variables: dict[str, Any] = {}
        for number in wanted:
            assigned = _details(events[number]).get("assignedVariables") or {}
            variables |= {name: decode(text) for name, text in assigned.items()}
        return variables

    async def _wait(self, found: Found, visit: Visit) -> tuple[dict[str, Any] | None, str | None]:
        """Return what a visit waits for, and the token of its task, if it has one."""
        if not visit.open or found.record.status != "RUNNING":
            return None, None
        for lane in await lanes_of(found.store, found.record.key):
            if lane.entered == visit.number:
                token = None
                if lane.ticket and found.store is self._server.engine.store:
                    token = self._server.engine.task_token(found.record, lane.number, lane.ticket)
                return wait_of(visit, lane), token
        return None, None

    async def _gathered(self, found: Found, visit: Visit) -> dict[str, str]:
        """Return the result of a Parallel or a Map that has succeeded: its branches' outputs, in their order."""
        if visit.status != SUCCEEDED or len(visit.lines) > MOST_RESULTS:
            return {}
        lines = [line for _, line in sorted(visit.lines.items())]
        if any(line.status != SUCCEEDED or line.now is None for line in lines):
            return {}
        ends = [line.now.exit for line in lines if line.now is not None]
        events = await events_of(found.store, found.record.key, ends)
        return {"result": f"[{','.join(_details(events[end])['output'] for end in ends)}]"}


def _details(event: EventTuple) -> dict[str, Any]:
    shown = show(0, event)
    return next((value for value in shown.values() if isinstance(value, dict)), {})


def _heading(visit: Visit) -> dict[str, Any]:
    within = visit.line.within
    return {
        "visit": visit.number,
        "state": visit.state.path,
        "name": visit.state.name,
        "type": visit.state.type,
        "status": visit.status,
        "entered": visit.entered,
        "exited": visit.exited,
        "iteration": visit.iteration(),
        "within": 0 if within is None else within.number,
        "index": visit.line.index,
    }


def _attempts(visit: Visit, events: dict[int, EventTuple]) -> list[dict[str, Any]]:
    """Return what was tried, one after the other."""
    attempts: list[dict[str, Any]] = []
    for number in sorted(events):
        event = events[number]
        kind, at, details = type_of(event), event[2], _details(event)
        if kind.endswith(_STARTS):
            attempts.append(_attempt(len(attempts), number, at, details))
            continue
        if not attempts or kind.startswith("MapIteration"):
            continue
        attempt = attempts[-1]
        if kind.endswith("Started"):
            attempt["started"], attempt["worker"] = at, details.get("workerName")
        elif kind.endswith("Submitted"):
            attempt["submitted"] = details.get("output")
        elif kind.endswith("Succeeded"):
            attempt["ended"], attempt["status"], attempt["result"] = at, SUCCEEDED, details.get("output")
        elif kind.endswith(("Failed", "TimedOut", "StateAborted")) and attempt["ended"] is None:
            attempt["ended"], attempt["status"] = at, _ended_by(kind)
            attempt["error"], attempt["cause"] = details.get("error"), details.get("cause")
    return attempts if visit.state.type in {"Task", "Parallel", "Map"} else []


def _ended_by(kind: str) -> str:
    return TIMED_OUT if kind.endswith("TimedOut") else ABORTED if kind.endswith("Aborted") else FAILED


def _attempt(number: int, event: int, at: int, details: dict[str, Any]) -> dict[str, Any]:
    return {
        "number": number,
        "scheduled": at,
        "started": None,
        "ended": None,
        "status": RUNNING,
        "parameters": details.get("parameters", details.get("input")),
        "result": None,
        "error": None,
        "cause": None,
        "submitted": None,
        "worker": None,
        "event": event,
    }


def _known(attempts: list[dict[str, Any]], state: dict[str, Any]) -> dict[str, str]:
    """Return the stages that history holds."""
    known: dict[str, str] = {}
    if attempts and attempts[-1]["parameters"] is not None:
        known["afterArguments" if "Arguments" in state else "afterParameters"] = attempts[-1]["parameters"]
    if attempts and attempts[-1]["result"] is not None:
        known["result"] = attempts[-1]["result"]
    return known


def _trouble(found: Found, visit: Visit, attempts: list[dict[str, Any]]) -> dict[str, Any]:
    """Return what went wrong last."""
    if visit.status not in {FAILED, RETRYING, CAUGHT, TIMED_OUT}:
        return {"error": None, "cause": None}
    failed = [attempt for attempt in attempts if attempt["error"] is not None]
    if failed:
        return {"error": failed[-1]["error"], "cause": failed[-1]["cause"]}
    # History has the cause of a state that calls nothing only where the execution failed of it.
    ended_it = found.record.error == visit.error
    return {"error": visit.error, "cause": found.record.cause if ended_it else visit.state.value.get("Cause")}


def _counts(visit: Visit) -> dict[str, Any] | None:
    if visit.state.type not in {"Map", "Parallel"}:
        return None
    statuses = [line.status for line in visit.lines.values()]
    return {
        "length": visit.length if visit.state.type == "Map" else len(visit.state.scopes),
        "started": len(statuses),
        **{name: statuses.count(name.upper()) for name in ("succeeded", "failed", "aborted", "running")},
    }


def _pointer(path: str) -> tuple[str | int, ...]:
    """Return the steps of a JSON pointer."""
    steps: list[str | int] = []
    for step in path.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        steps.append(int(name) if steps and steps[-1] == "Branches" and name.isdigit() else name)
    return tuple(steps)


def _without(answer: dict[str, Any], token: str) -> dict[str, Any]:
    """Return an answer without a task token that is still good, wherever it stands."""
    text = to_text(answer)
    cleaned: dict[str, Any] = decode(text.replace(token, TOKEN)) if token in text else answer
    return cleaned
