"""Running one state for a test: what the trial needs of the world, it gets here. Nothing of a test is stored.

A call goes to the same integration that a real execution would use, with a role of nothing but a name; a pause is one
of real time. A test that takes longer than five minutes has timed out.
"""

import asyncio
import uuid
from collections.abc import Container

from stepwell.integrations.port import Exchange, Failed, Succeeded, TaskRequest
from stepwell.integrations.registry import Integrations
from stepwell.language.evaluation import Entropy
from stepwell.machine.limits import Limits
from stepwell.runtime.arns import Scope
from stepwell.runtime.clock import Clock
from stepwell.testing.request import TRACE, StateTest
from stepwell.testing.trial import Need, Outcome, Trial

LONGEST_TEST_SECONDS = 300.0


class StateTests:
    """Runs tests of states with the integrations of this server."""

    def __init__(self, integrations: Integrations, clock: Clock, entropy: Entropy, limits: Limits) -> None:
        self._integrations = integrations
        self._clock = clock
        self._entropy = entropy
        self._limits = limits

    async def run(self, test: StateTest, scope: Scope) -> Outcome:
        """Run the state to its outcome. Raise `TestRefused`, or `NotRunnable` where this version can't run it."""
        machine = scope.state_machine_arn(str(uuid.uuid4()))
        arn = f"{machine.replace(':stateMachine:', ':express:', 1)}:{uuid.uuid4()}"
        moment = _TestMoment(self._clock.now(), self._entropy, self._limits, scope.region)
        trial = Trial(test, arn, machine, moment)
        need = trial.begin()
        exchange = None if need is None else await self._meet(trial, need, scope, arn, test)
        outcome = trial.outcome()
        if exchange is not None and test.level == TRACE and outcome.inspection is not None:
            outcome.inspection.update(request=exchange.request, response=exchange.response)
        return outcome

    async def _meet(self, trial: Trial, need: Need, scope: Scope, arn: str, test: StateTest) -> Exchange | None:
        """Bring the trial what it needs; return what went over HTTP, where the integration says."""
        seconds = LONGEST_TEST_SECONDS
        if need.until is not None:
            seconds = min(max(need.until - self._clock.now(), 0) / 1000, seconds)
        if need.call is None:
            await asyncio.sleep(seconds)
            if seconds < LONGEST_TEST_SECONDS:
                trial.pass_by()
            else:
                trial.time_out()
            return None
        assert need.parameters is not None
        request = TaskRequest(
            resource=need.call.resource,
            parameters=need.parameters,
            account=scope.account,
            region=scope.region,
            execution_arn=arn,
            idempotency_key=str(uuid.uuid4()),
            timeout_seconds=seconds,
            state_name=need.call.name,
            role_arn=need.role_arn,
            execution_role_arn=test.role_arn or "",
            reveal_secrets=test.reveal_secrets,
        )
        integration = self._integrations.find(request.resource)
        try:
            answer = await asyncio.wait_for(integration.call(request), seconds)
        except TimeoutError:
            trial.time_out()
            return None
        if isinstance(answer, Failed):
            trial.fail(answer.error, answer.cause)
        else:
            trial.succeed(answer.output)
        return answer.exchange if isinstance(answer, Failed | Succeeded) else None


class _Everything:
    """Contains whatever is asked for: in a test, every activity exists."""

    def __contains__(self, _: object) -> bool:
        return True


class _TestMoment:
    """The world of a test; its task tokens are of no use outside."""

    def __init__(self, now: int, entropy: Entropy, limits: Limits, region: str) -> None:
        self.now = now
        self.entropy = entropy
        self.limits = limits
        self.region = region
        self.activities: Container[str] = _Everything()
        self._token = uuid.uuid4().hex

    def token(self, _lane: int, _ticket: int) -> str:
        """Return the task token of the test."""
        return self._token
