"""Forking: a new execution that begins with any state of an old one, with an input and variables of one's choice.

It belongs to the same state machine, and follows a revision of its own, which is never the state machine's current one.
"""

from typing import Any

import msgspec

from stepwell.api.errors import ApiError
from stepwell.api.operations.executions import check_input, not_runnable
from stepwell.api.server import Server, seconds
from stepwell.console.definitions import indented
from stepwell.console.deriving import derived
from stepwell.console.finding import Found, find
from stepwell.console.outline import find_state, outline_of
from stepwell.console.request import Asked, invalid
from stepwell.console.stories import Stories, events_of
from stepwell.console.story import Story
from stepwell.console.visit import Visits
from stepwell.console.visits import Visit
from stepwell.language.compiler import NotRunnable
from stepwell.language.document import decode
from stepwell.language.source import read
from stepwell.runtime.arns import check_name
from stepwell.runtime.revisions import refuse_invalid


class Forks:
    """Answers the call that forks."""

    def __init__(self, server: Server, stories: Stories, visits: Visits) -> None:
        self._server = server
        self._stories = stories
        self._visits = visits

    async def fork(self, asked: Asked) -> dict[str, Any]:
        """Start a fork, or say what it would be."""
        found = await find(self._server, asked.scope, asked.member("executionArn"))
        text, warnings, given = await self._derived(found, asked)
        answer: dict[str, Any] = {"definition": text, "input": given, "warnings": warnings}
        if asked.body.get("dryRun") is True:
            return answer
        name = asked.optional_member("name")
        if name is not None:
            check_name(name)
        express = found.store is self._server.express.store
        engine = self._server.express if express else self._server.engine
        machine, revision = await self._server.registry.derive(asked.scope, found.record.state_machine_arn, text)
        try:
            record = await engine.start_execution(machine, name=name, input=given, revision=revision.key)
        except NotRunnable as problem:
            raise not_runnable(problem) from None
        return {"executionArn": record.arn, "startDate": seconds(record.started), **answer}

    async def _derived(self, found: Found, asked: Asked) -> tuple[str, list[str], str]:
        """Return the definition, what is worth a warning, and the input."""
        path = asked.member("state")
        definition = asked.optional_member("definition")
        if definition is None:
            definition = (await self._server.registry.revision(found.record.revision)).definition
        else:
            kind = "EXPRESS" if found.store is self._server.express.store else "STANDARD"
            refuse_invalid(await self._server.registry.diagnose(definition, kind))
        outline = outline_of(definition)
        place = find_state(outline, path)
        if place is None:
            raise invalid("state", f"is no state of the definition: {path[:200]}")
        scope, state = place
        story = await self._stories.of(found)
        visit = _visit(story, path, asked)
        variables = _variables(asked)
        if variables is None:
            variables = {} if visit is None else await self._visits.variables(found, visit)
        given = asked.optional_member("input")
        if given is None:
            given = await self._input(found, visit)
        check_input(given)
        value, warnings = derived(read(definition).value, scope, state.name, variables)
        return indented(value), warnings, given

    async def _input(self, found: Found, visit: Visit | None) -> str:
        if visit is None:
            raise invalid("input", "is missing: the state was never entered")
        events = await events_of(found.store, found.record.key, [visit.number])
        text: str = events[visit.number][4]
        return text


def _visit(story: Story, path: str, asked: Asked) -> Visit | None:
    """Return the visit that the fork takes what isn't given from: the one that is named, or the state's last."""
    number = asked.body.get("visit")
    if number is not None:
        visit = story.visits.get(number) if isinstance(number, int) else None
        if visit is None or visit.state.path != path:
            raise invalid("visit", "is no visit of that state")
        return visit
    return next((visit for visit in reversed(story.visits.values()) if visit.state.path == path), None)


def _variables(asked: Asked) -> dict[str, Any] | None:
    text = asked.optional_member("variables")
    if text is None:
        return None
    try:
        value = decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise ApiError("ValidationException", "variables must be a JSON object")
    return value
