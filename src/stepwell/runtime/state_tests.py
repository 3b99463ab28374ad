"""Running one state for a test: what the trial needs of the world, it gets here. Nothing of a test is stored.

A call goes to the same integration that a real execution would use, with a role of nothing but a name; a pause is one
of real time. A test that takes longer than five minutes has timed out.
"""

import asyncio
import uuid
from collections.abc import Container
from functools import partial
from typing import Any, cast

from stepwell.integrations.port import Exchange, Failed, Succeeded, TaskRequest
from stepwell.integrations.registry import Integrations
from stepwell.language.diagnostics import aws_text
from stepwell.language.evaluation import Allowance, Entropy, Overdrawn
from stepwell.machine.limits import Limits
from stepwell.runtime.arns import Scope
from stepwell.runtime.clock import Clock, SeededEntropy
from stepwell.runtime.evaluators import INLINE_STEPS, LONGEST_INLINE_DEFINITION, OUTSIDE_STEPS
from stepwell.runtime.evaluators.diagnoses import CallProblems
from stepwell.runtime.evaluators.jobs import read_state_test, run_state_test
from stepwell.runtime.evaluators.pool import Evaluators, Exceeded
from stepwell.testing.refusal import INVALID_DEFINITION, TestRefused
from stepwell.testing.request import TRACE, StateTest, read_test
from stepwell.testing.trial import Need, Outcome, Reply, run_test

LONGEST_TEST_SECONDS = 300.0


class StateTests:
    """Runs tests of states with the integrations of this server."""

    def __init__(
        self,
        integrations: Integrations,
        clock: Clock,
        entropy: Entropy,
        limits: Limits,
        evaluators: Evaluators | None = None,
        call_problems: CallProblems | None = None,
    ) -> None:
        self._integrations = integrations
        self._clock = clock
        self._entropy = entropy
        self._limits = limits
        self._evaluators = evaluators
        self._call_problems = call_problems

    async def run(self, request: dict[str, Any], scope: Scope) -> Outcome:
        """Run the state that a request is about to its outcome.

        Raise `TestRefused`, or `NotRunnable` where this version can't run it.
        """
        problems = await self._call_problems(request["definition"]) if self._call_problems else ()
        if problems:
            raise TestRefused(aws_text(problems), INVALID_DEFINITION)
        test = await self._read(request)
        machine = scope.state_machine_arn(str(uuid.uuid4()))
        arn = f"{machine.replace(':stateMachine:', ':express:', 1)}:{uuid.uuid4()}"
        moment = _TestMoment(self._clock.now(), self._entropy.uuid(), self._limits, scope.region)
        run = partial(self._run, test, arn, machine, moment)
        found, exchange = await run(None), None
        if isinstance(found, Need):
            reply, exchange = await self._meet(found, scope, arn, test)
            found = await run(reply)
        assert isinstance(found, Outcome)
        if exchange is not None and test.level == TRACE and found.inspection is not None:
            found.inspection.update(request=exchange.request, response=exchange.response)
        return found

    async def _read(self, request: dict[str, Any]) -> StateTest:
        """Read the request, which may take the model of a service, and checks the definition."""
        if self._evaluators is None or len(request["definition"]) <= LONGEST_INLINE_DEFINITION:
            return await asyncio.to_thread(read_test, request)
        return cast(StateTest, _unless_refused(await self._evaluators.do(read_state_test, request)))

    async def _run(
        self, test: StateTest, arn: str, machine: str, moment: "_TestMoment", reply: Reply | None
    ) -> Need | Outcome:
        """Run the test here, or where that takes too long in a process."""
        if self._evaluators is None:
            return run_test(test, arn, machine, moment.begun(OUTSIDE_STEPS, last=True), reply)
        try:
            return run_test(test, arn, machine, moment.begun(INLINE_STEPS), reply)
        except Overdrawn:
            pass
        outside = moment.begun(OUTSIDE_STEPS, last=True)
        try:
            found = await self._evaluators.do(run_state_test, test, arn, machine, outside, reply)
        except Exceeded:
            return run_test(test, arn, machine, moment.begun(INLINE_STEPS, last=True), reply)
        return cast(Need | Outcome, _unless_refused(found))

    async def _meet(self, need: Need, scope: Scope, arn: str, test: StateTest) -> tuple[Reply, Exchange | None]:
        """Bring the test what it needs, with what went over HTTP, where the integration says."""
        seconds = LONGEST_TEST_SECONDS
        if need.until is not None:
            seconds = min(max(need.until - self._clock.now(), 0) / 1000, seconds)
        if need.resource is None:
            await asyncio.sleep(seconds)
            return Reply("pass_by" if seconds < LONGEST_TEST_SECONDS else "time_out"), None
        assert need.parameters is not None
        request = TaskRequest(
            resource=need.resource,
            parameters=need.parameters,
            account=scope.account,
            region=scope.region,
            execution_arn=arn,
            idempotency_key=str(uuid.uuid4()),
            timeout_seconds=seconds,
            state_name=need.state_name,
            role_arn=need.role_arn,
            execution_role_arn=test.role_arn or "",
            reveal_secrets=test.reveal_secrets,
        )
        integration = self._integrations.find(request.resource)
        try:
            answer = await asyncio.wait_for(integration.call(request), seconds)
        except TimeoutError:
            return Reply("time_out"), None
        if isinstance(answer, Failed):
            reply = Reply("fail", (answer.error, answer.cause))
        else:
            reply = Reply("succeed", (answer.output,))
        return reply, answer.exchange if isinstance(answer, Failed | Succeeded) else None


def _unless_refused(found: Any) -> Any:
    if isinstance(found, TestRefused):
        raise found
    return found


class _Everything:
    """Contains whatever is asked for: in a test, every activity exists."""

    def __contains__(self, _: object) -> bool:
        return True


class _TestMoment:
    """The world of a test; its task tokens are of no use outside."""

    def __init__(self, now: int, seed: str, limits: Limits, region: str) -> None:
        self.now = now
        self._seed = seed
        self.begun(0)
        self.limits = limits
        self.region = region
        self.activities: Container[str] = _Everything()
        self._token = uuid.uuid4().hex

    def begun(self, steps: int, *, last: bool = False) -> "_TestMoment":
        """Return this, with the chance of the test from its beginning, and so many steps."""
        self.entropy: Entropy = SeededEntropy(self._seed)
        self.allowance = Allowance(steps, last=last)
        return self

    def token(self, _lane: int, _ticket: int) -> str:
        """Return the task token of the test."""
        return self._token
