"""`stepwell run`: one execution, in memory, with what it needs around it."""

from collections.abc import Callable
from typing import Any

from stepwell.api.identity import DEFAULT_ACCOUNT, DEFAULT_REGION
from stepwell.app.composition import listen, running
from stepwell.app.serving import http_server, url_of
from stepwell.language.compiler import NotRunnable
from stepwell.language.source import json_problem
from stepwell.language.validation import diagnose
from stepwell.machine.history import show
from stepwell.machine.step import Step
from stepwell.runtime.arns import Scope
from stepwell.runtime.errors import RuntimeRefusal
from stepwell.runtime.residents import Resident
from stepwell.runtime.revisions import Settings as Revised
from stepwell.settings import Settings
from stepwell.storage.memory import MemoryStore
from stepwell.storage.records import ExecutionRecord

ROLE = f"arn:aws:iam::{DEFAULT_ACCOUNT}:role/stepwell"

Watcher = Callable[[dict[str, Any], float], None]


class NotStarted(Exception):
    """The execution can't be started; the message says why."""


async def run_once(definition: str, source: str, name: str, settings: Settings, watch: Watcher) -> ExecutionRecord:
    """Run one execution to its end. `watch` is called with each event of it, and the seconds since its start."""
    _check(definition, source)
    bound = listen("127.0.0.1", 0)
    async with running(MemoryStore(), settings, url_of(bound)) as parts, http_server(parts, bound):
        scope = Scope(DEFAULT_ACCOUNT, DEFAULT_REGION)
        try:
            state_machine = await parts.registry.create_state_machine(
                scope, "run", "STANDARD", Revised(definition=definition, role_arn=ROLE), None
            )
        except (RuntimeRefusal, NotRunnable) as refusal:
            raise NotStarted(str(refusal)) from None
        began = parts.engine.now()

        def follow(resident: Resident, step: Step) -> None:
            if resident.record.state_machine_arn == state_machine.arn:
                for number, event in enumerate(step.events, step.first_event):
                    watch(show(number, event), (event[2] - began) / 1000)

        parts.engine.watch(follow)
        started = await parts.engine.start_execution(state_machine, name=name, input=source)
        ended = await parts.engine.ended(started.arn)
        assert ended is not None
        return ended


def _check(definition: str, source: str) -> None:
    problem = json_problem(source)
    if problem is not None:
        raise NotStarted(f"the input is not JSON: {problem}")
    errors = diagnose(definition).errors
    if errors:
        raise NotStarted("\n".join(f"line {found.line}, column {found.column}: {found.message}" for found in errors))
