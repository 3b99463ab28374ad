"""An engine in a world that a test holds in its hand: the clock, the disk, and whatever a Task calls."""

import asyncio
import contextlib
import json

from stepwell.integrations.port import Failed, Submitted, Succeeded
from stepwell.integrations.registry import Integrations
from stepwell.language.document import Document
from stepwell.runtime.arns import Scope
from stepwell.runtime.clock import SystemEntropy
from stepwell.runtime.engine import Engine
from stepwell.runtime.registry import Registry
from stepwell.runtime.revisions import Settings
from stepwell.storage.memory import MemoryStore
from stepwell.storage.port import StoreError

HERE = Scope("123456789012", "us-east-1")
ROLE = "arn:aws:iam::123456789012:role/r"
WORK = HERE.activity_arn("work")
FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:f"
WITH_TOKEN = "arn:aws:states:::lambda:invoke.waitForTaskToken"
START = 1_767_225_600_000
SECOND, DAY = 1_000, 86_400_000
PATIENCE = 10
"""Seconds after which what a test waits for will not come."""
STILL = 30
"""So many rounds of the event loop without any work, and nothing goes on any more."""


class FakeClock:
    """Stands still until a test moves it."""

    def __init__(self):
        self.time = START

    def now(self):
        return self.time


class Disk:
    """A store whose writes a test can hold up, or let fail; what it does itself it has from the store within."""

    def __init__(self, store):
        self._store = store
        self.failures = []
        """What the next commits raise, one each; None lets one through."""
        self.read_failures = {}
        """By the name of a method: what its next calls raise."""
        self.calls = {}
        """How often each method was called."""
        self.batches = []
        """The writes of all commits that were tried."""
        self.free = asyncio.Event()
        self.free.set()
        """Cleared: commits wait."""

    async def commit(self, writes):
        self.batches.append(list(writes))
        await self.free.wait()
        failure = self.failures.pop(0) if self.failures else None
        if failure is not None:
            raise failure
        return await self._store.commit(writes)

    def __getattr__(self, name):
        self.calls[name] = self.calls.get(name, 0) + 1
        failures = self.read_failures.get(name)
        if failures:
            raise failures.pop(0)
        return getattr(self._store, name)


FULL = StoreError("the disk is full")


class Asked:
    """One call of an integration, which a test answers."""

    def __init__(self, request, job=None):
        self.request = request
        self.job = job
        self.cancelled = False
        self._answer = asyncio.get_running_loop().create_future()

    def succeed(self, value=None):
        self._answer.set_result(Succeeded(Document(None, value)))

    def fail(self, error="Bad", cause=None):
        self._answer.set_result(Failed(error, cause))

    def submit(self, job=None):
        self._answer.set_result(Submitted(Document(None, {}), job))

    def breaks(self, bug):
        self._answer.set_exception(bug)

    async def wait(self):
        try:
            return await self._answer
        except asyncio.CancelledError:
            self.cancelled = True
            raise


class Outside:
    """What tasks call: every call waits until the test answers it."""

    def __init__(self):
        self.calls = []
        self.watched = []
        self.stopped = []

    async def call(self, request):
        self.calls.append(Asked(request))
        return await self.calls[-1].wait()

    async def watch(self, request, job):
        self.watched.append(Asked(request, job))
        return await self.watched[-1].wait()

    async def stop(self, request, job):
        self.stopped.append(job)


class World:
    """One store, and the engines that come and go over it."""

    def __init__(self, store=None):
        self.clock = FakeClock()
        self.disk = Disk(store or MemoryStore())
        self.outside = Outside()
        self.integrations = Integrations({"function": self.outside, "lambda": self.outside, "states": self.outside})
        self.engines = []
        self.evaluators = None
        """Where engines that begin from now on take turns that are long; None: where they take all others."""

    @property
    def engine(self):
        return self.engines[-1]

    @property
    def shell(self):
        return self.engine._shell

    async def begin(self):
        """Start a new engine over the store."""
        self.engines.append(
            Engine(self.disk, self.integrations, self.clock, SystemEntropy(), evaluators=self.evaluators)
        )
        self.registry = Registry(self.engine)
        self.connect()
        await self.engine.start()

    def connect(self):
        """Make a new engine known to what it will call."""

    async def restart(self):
        await self.engine.close()
        await self.begin()
        await self.quiet()

    async def crash(self):
        """End an engine as a power failure does: what is not on the disk is gone."""
        shell = self.shell
        shell.background.closed = True
        loops = [task for task in (shell.committer._task, shell.timers._task) if task is not None]
        tasks = [*loops, *shell.handover._leases.values(), *shell.background.tasks]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        shell.committer._pending.clear()
        shell.committer._idle.set()
        self.disk.free.set()
        self.disk.failures.clear()

    async def quiet(self):
        """Let all go on that can go on at this moment."""
        still = 0
        async with asyncio.timeout(PATIENCE):
            while still < STILL:
                await asyncio.sleep(0)
                still += 1
                if self.disk.free.is_set():
                    await self.shell.committer._idle.wait()
                    if self.shell.background.tasks:
                        still = 0

    async def pass_time(self, milliseconds):
        """Move the clock, and let fall due what does."""
        self.clock.time += milliseconds
        self.shell.timers.look()
        await self.quiet()

    async def machine(self, states, name="m", **more):
        """Create a state machine that starts at the first of these states."""
        definition = json.dumps({"StartAt": next(iter(states)), "States": states, **more})
        return await self.registry.create_state_machine(
            HERE, name, "STANDARD", Settings(definition=definition, role_arn=ROLE), None
        )

    async def activity(self):
        return await self.registry.activities.create(HERE, "work", None, None)

    async def run(self, machine, given="{}", name=None):
        """Start an execution, and let it go as far as it can."""
        record = await self.engine.start_execution(machine, name=name, input=given)
        await self.quiet()
        return record

    async def of(self, record):
        """Return the row of an execution as it is now."""
        return await self.disk.execution_by_key(record.key)

    async def status(self, record):
        return (await self.of(record)).status

    async def ended(self, record):
        return await asyncio.wait_for(self.engine.ended(record.arn), PATIENCE)

    async def events(self, record):
        """Return the types of all events of an execution."""
        row = await self.of(record)
        history = await self.engine.history(row, 1, self.engine.last_event(row))
        assert [event["id"] for event in history] == list(range(1, len(history) + 1))
        return [event["type"] for event in history]

    async def poll(self):
        return await asyncio.wait_for(self.engine.poll_activity(WORK, "w"), PATIENCE)

    def token_of(self, asked):
        """Return the task token that a call was given as its whole payload's `t`."""
        return asked.request.parameters.value["Payload"]["t"]


def play(scenario, store=None, kind=World):
    """Run a scenario in a world of its own, and return what it returns."""

    async def all_of_it():
        world = kind(store)
        await world.disk.open()
        await world.begin()
        try:
            return await scenario(world)
        finally:
            world.disk.free.set()
            for engine in world.engines:
                with contextlib.suppress(asyncio.CancelledError):
                    await engine.close()
            await world.disk.close()

    return asyncio.run(all_of_it())


def task(resource=FUNCTION, **more):
    """Return a Task state that ends, or goes on with `Next`."""
    state = {"Type": "Task", "Resource": resource, **more}
    return state if "Next" in state else {**state, "End": True}


def token_task(**more):
    """Return a Task state that gives its token away."""
    return task(WITH_TOKEN, Parameters={"FunctionName": "f", "Payload": {"t.$": "$$.Task.Token"}}, **more)


def branches(*states):
    """Return a Parallel state with a branch for each of these states."""
    return {
        "Type": "Parallel",
        "Branches": [{"StartAt": f"B{number}", "States": {f"B{number}": state}} for number, state in enumerate(states)],
        "End": True,
    }
