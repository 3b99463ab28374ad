"""What is promised of deliveries: none is lost, none starts anything twice, and each comes to an end."""

import json

import pytest

from runtime import world as worlds
from runtime.world import DAY, FULL, HERE, SECOND, START, World, task
from stepwell.api.pagination import Pages
from stepwell.api.server import Server
from stepwell.app.local_api import LocalApi
from stepwell.integrations.port import Succeeded
from stepwell.integrations.registry import Integrations
from stepwell.integrations.step_functions import StepFunctionsIntegration
from stepwell.language.document import Document
from stepwell.runtime.bus import outbox
from stepwell.runtime.bus.bus import Announcements, EventBus
from stepwell.runtime.bus.rules import DEFAULT_BUS
from stepwell.runtime.clock import SystemEntropy
from stepwell.runtime.connections import Connections
from stepwell.runtime.express import Express
from stepwell.runtime.vault import Vault
from stepwell.storage.memory import MemoryStore

WATCHED, TARGET = HERE.state_machine_arn("watched"), HERE.state_machine_arn("target")
FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:f"
QUEUE = "arn:aws:sqs:us-east-1:123456789012:dead"
ENDS = {"S": {"Type": "Succeed"}}
SUCCEEDED = json.dumps({"detail": {"stateMachineArn": [WATCHED], "status": ["SUCCEEDED"]}})
MINUTE, HOUR = 60 * SECOND, 3_600 * SECOND


class Bussed(World):
    """A world with an event bus; functions and queues answer as the test says."""

    forward = None

    def __init__(self, store):
        super().__init__(store)
        self.api = LocalApi()
        starts = StepFunctionsIntegration(self.api)
        self.integrations = Integrations(
            {
                "function": self.outside,
                "lambda": self.outside,
                "sqs": self.outside,
                "aws-sdk": self.outside,
                "states": starts,
            }
        )

    async def begin(self):
        await super().begin()
        await self.bus.load()
        self.bus.start()

    def connect(self):
        self.bus = EventBus(self.engine, self.integrations, self.clock, self.forward)
        self.engine.announce_to(self.bus)
        pages, connections = Pages(self.disk.secret, self.engine.now), Connections(self.engine, Vault(bytes))
        express = Express(
            MemoryStore(), self.engine.definitions, self.engine.next_key, self.integrations, self.clock, SystemEntropy()
        )
        self.api.connect(self.engine, Server(self.engine, express, self.registry, pages, connections, self.bus))

    async def restart(self):
        await self.bus.close()
        await super().restart()

    async def crash(self):
        await self.bus.close()
        await super().crash()

    async def look(self):
        self.bus.look()
        self.bus.alarms.look()
        await self.quiet()

    async def pass_time(self, milliseconds):
        self.clock.time += milliseconds
        await self.look()

    async def rule(self, name="r", target=TARGET, pattern='{"source": ["a"]}', schedule=None, **more):
        given = {"EventPattern": pattern} if schedule is None else {"ScheduleExpression": schedule}
        await self.bus.rules.put(HERE, DEFAULT_BUS, name, given)
        await self.bus.rules.put_targets(HERE, DEFAULT_BUS, name, [{"Id": "1", "Arn": target, **more}])

    async def put(self, **entry):
        entry = {"Source": "a", "DetailType": "T", "Detail": "{}", **entry}
        answer = await self.bus.put_events(HERE, [entry])
        await self.quiet()
        return answer["Entries"][0]["EventId"]

    async def inputs(self, machine=TARGET):
        found = await self.disk.executions(machine, None, 1_000, None)
        return [json.loads((await self.disk.execution_by_key(each.key)).input) for each in reversed(found)]

    async def left(self):
        return await self.disk.deliveries(1_000)


def play(scenario, store=None):
    async def with_bus(world):
        try:
            return await scenario(world)
        finally:
            await world.bus.close()

    return worlds.play(with_bus, store, Bussed)


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch):
    monkeypatch.setattr(outbox, "RETRY_SECONDS", 0)


def test_a_delivery_is_on_the_disk_with_the_turn_that_caused_it(store):
    async def scenario(world):
        watched = await world.machine({"T": task()}, "watched")
        await world.machine(ENDS, "target")
        await world.rule(pattern=SUCCEEDED)
        await world.run(watched, name="e")
        assert await world.left() == []
        await world.bus.close()  # it is committed, and nobody delivers it
        world.outside.calls[0].succeed({})
        await world.quiet()
        kept = await world.left()
        await world.crash()
        await world.begin()
        await world.quiet()
        return kept, await world.inputs(), await world.left()

    kept, inputs, left = play(scenario, store)
    assert len(kept) == 1
    assert [event["detail"]["name"] for event in inputs] == ["e"]
    assert left == []


def test_a_delivery_that_comes_again_starts_nothing_again(store):
    async def scenario(world):
        await world.machine(ENDS, "target")
        await world.rule()
        await world.bus.outbox.close()
        await world.put()
        kept = await world.left()
        await world.restart()
        once = await world.inputs()
        await world.engine.write(outbox.PutDeliveries(kept))  # as after a crash before its end was noted
        await world.look()
        return once, await world.inputs(), await world.left()

    once, twice, left = play(scenario, store)
    assert len(once) == 1
    assert once == twice
    assert left == []


def test_a_start_that_is_not_committed_announces_nothing():
    async def scenario(world):
        watched = await world.machine(ENDS, "watched")
        await world.machine(ENDS, "target")
        await world.rule(pattern='{"detail": {"name": ["e"]}}')
        world.disk.failures.append(FULL)
        with pytest.raises(type(FULL)):
            await world.engine.start_execution(watched, name="e", input="{}")
        await world.look()
        return await world.inputs(), await world.left()

    assert play(scenario) == ([], [])


def test_without_a_rule_that_may_match_no_turn_is_looked_at():
    async def scenario(world):
        found = [world.bus.announces]
        await world.rule(pattern='{"source": ["a"]}')
        found.append(world.bus.announces)
        await world.rule("schedule", schedule="rate(1 minute)")
        found.append(world.bus.announces)
        await world.rule("states", pattern='{"source": [{"prefix": "aws."}]}')
        found.append(world.bus.announces)
        await world.bus.rules.set_state(HERE, DEFAULT_BUS, "states", "DISABLED")
        return [*found, world.bus.announces]

    assert play(scenario) == [False, False, False, True, False]


def test_a_failed_delivery_is_tried_again_after_pauses_that_grow():
    async def scenario(world):
        await world.rule(target=QUEUE)
        await world.put()
        pauses = []
        for number in range(4):
            world.outside.calls[number].fail("SQS.SdkClientException", "unreachable")
            await world.quiet()
            (left,) = await world.left()
            assert left.attempts == number + 1
            pauses.append(left.due - world.clock.time)
            await world.pass_time(left.due - world.clock.time - 1)
            assert len(world.outside.calls) == number + 1
            await world.pass_time(1)
        world.outside.calls[-1].succeed({})
        await world.quiet()
        return pauses, await world.left()

    pauses, left = play(scenario)
    for number, pause in enumerate(pauses):
        assert 500 <= pause / 2**number <= 1_000
    assert left == []


def test_what_cannot_be_delivered_goes_to_the_dead_letters_with_the_reason():
    async def scenario(world):
        policy = {"MaximumRetryAttempts": 1}
        await world.rule(target=QUEUE + "-full", RetryPolicy=policy, DeadLetterConfig={"Arn": QUEUE}, Input='"x"')
        await world.put()
        for _ in range(2):
            world.outside.calls[-1].fail("SQS.OverLimitException", "too many")
            await world.quiet()
            await world.pass_time(HOUR)
        dead = world.outside.calls[-1].request.parameters.value
        world.outside.calls[-1].succeed({})
        await world.quiet()
        return len(world.outside.calls), dead, await world.left()

    calls, dead, left = play(scenario)
    assert (calls, left) == (3, [])
    assert dead["QueueUrl"].endswith("/123456789012/dead")
    assert dead["MessageBody"] == '"x"'
    attributes = {name: each["StringValue"] for name, each in dead["MessageAttributes"].items()}
    assert attributes["ERROR_CODE"] == "SQS.OverLimitException"
    assert attributes["RETRY_ATTEMPTS"] == "1"
    assert attributes["TARGET_ARN"] == QUEUE + "-full"


def test_a_delivery_is_given_up_after_a_day(caplog):
    async def scenario(world):
        await world.rule(target=QUEUE)
        await world.put()
        world.outside.calls[-1].fail("SQS.SdkClientException", "unreachable")
        await world.quiet()
        await world.pass_time(DAY)
        world.outside.calls[-1].fail("SQS.SdkClientException", "unreachable")
        await world.quiet()
        return await world.left()

    assert play(scenario) == []
    assert "given up after 2 attempts" in caplog.text


def test_what_will_never_be_taken_is_given_up_at_once(caplog):
    async def scenario(world):
        await world.rule(target=HERE.state_machine_arn("none"))
        await world.put()
        return await world.left()

    assert play(scenario) == []
    assert "StateMachineDoesNotExist" in caplog.text


def test_a_function_that_fails_is_called_twice_more():
    async def scenario(world):
        await world.rule(target=FUNCTION)
        await world.put()
        while await world.left():
            world.outside.calls[-1].fail("ValueError", "bad")
            await world.quiet()
            await world.pass_time(MINUTE)
        return len(world.outside.calls)

    assert play(scenario) == 3


def test_a_slow_target_keeps_no_other_waiting():
    async def scenario(world):
        await world.machine(ENDS, "target")
        await world.rule("slow", target=FUNCTION)
        await world.rule("fast")
        for _ in range(5):
            await world.put()
        return len(await world.inputs()), len(world.outside.calls), len(await world.left())

    assert play(scenario) == (5, 5, 5)


def test_more_than_are_delivered_at_once_are_all_delivered(monkeypatch):
    monkeypatch.setattr(outbox, "AT_ONCE", 4)

    async def scenario(world):
        await world.machine(ENDS, "target")
        await world.rule()
        for _ in range(3):
            await world.bus.put_events(HERE, [{"Source": "a", "DetailType": "T", "Detail": "{}"}] * 10)
        while await world.left():
            await world.quiet()
        return len(await world.inputs())

    assert play(scenario) == 30


def test_a_rule_fires_by_its_schedule(store):
    async def scenario(world):
        await world.machine(ENDS, "target")
        await world.rule(schedule="rate(5 minutes)")
        for _ in range(11):
            await world.pass_time(MINUTE)
        return await world.inputs()

    first, second = play(scenario, store)
    assert (first["detail-type"], first["source"], first["detail"]) == ("Scheduled Event", "aws.events", {})
    assert [event["time"] for event in (first, second)] == ["2026-01-01T00:05:00Z", "2026-01-01T00:10:00Z"]
    assert first["resources"] == ["arn:aws:events:us-east-1:123456789012:rule/r"]


def test_a_firing_starts_one_execution_across_crashes(store):
    async def scenario(world):
        await world.machine(ENDS, "target")
        await world.rule(schedule="cron(0/10 * * * ? *)")
        world.disk.failures.append(FULL)  # it fires, and that can't be written
        await world.pass_time(10 * MINUTE)
        await world.crash()
        await world.begin()
        await world.look()
        once = await world.inputs()
        await world.crash()
        await world.begin()
        await world.look()
        return once, await world.inputs()

    once, twice = play(scenario, store)
    assert [event["time"] for event in once] == ["2026-01-01T00:10:00Z"]
    assert once == twice


@pytest.mark.parametrize(
    ("down", "fired"), [(35 * MINUTE, ["2026-01-01T00:30:00Z"]), (3 * DAY, ["2026-01-04T00:00:00Z"])]
)
def test_of_what_was_missed_the_last_fires(down, fired):
    async def scenario(world):
        await world.machine(ENDS, "target")
        await world.rule(schedule="cron(0/10 * * * ? *)")
        await world.bus.close()
        world.clock.time += down
        await world.restart()
        return await world.inputs()

    assert [event["time"] for event in play(scenario)] == fired


def test_what_was_missed_long_ago_does_not_fire():
    async def scenario(world):
        await world.machine(ENDS, "target")
        await world.rule(schedule="cron(0 12 1 * ? *)")
        await world.bus.close()
        world.clock.time = START + 3 * DAY
        await world.restart()
        missed = await world.inputs()
        await world.pass_time(29 * DAY)
        return missed, [event["time"] for event in await world.inputs()]

    assert play(scenario) == ([], ["2026-02-01T12:00:00Z"])


def test_a_disabled_rule_neither_fires_nor_makes_up_for_it():
    async def scenario(world):
        await world.machine(ENDS, "target")
        await world.rule(schedule="rate(1 minute)")
        await world.bus.rules.set_state(HERE, DEFAULT_BUS, "r", "DISABLED")
        await world.pass_time(10 * MINUTE)
        await world.bus.rules.set_state(HERE, DEFAULT_BUS, "r", "ENABLED")
        await world.look()
        before = len(await world.inputs())
        await world.pass_time(MINUTE)
        return before, len(await world.inputs())

    assert play(scenario) == (0, 1)


def test_a_deleted_rule_does_not_fire():
    async def scenario(world):
        await world.machine(ENDS, "target")
        await world.rule(schedule="rate(1 minute)")
        await world.bus.rules.remove_targets(HERE, DEFAULT_BUS, "r", ["1"])
        await world.bus.rules.delete(HERE, DEFAULT_BUS, "r")
        await world.pass_time(HOUR)
        return await world.inputs()

    assert play(scenario) == []


@pytest.mark.parametrize(
    ("given", "output", "included"),
    [
        (10, 10, (True, True)),
        (200_000, 100_000, (False, True)),
        (10, 254_000, (True, False)),
        (100_000, 100_000, (True, True)),
    ],
)
def test_an_event_holds_so_much_data_and_no_more(given, output, included):
    async def scenario(world):
        await world.machine(ENDS, "target")
        watched = await world.machine({"T": task()}, "watched")
        await world.rule(pattern=SUCCEEDED)
        await world.run(watched, json.dumps("x" * given))
        world.outside.calls[0].succeed("y" * output)
        await world.quiet()
        (event,) = await world.inputs()
        return event["detail"]

    detail = play(scenario)
    assert (detail["inputDetails"]["included"], detail["outputDetails"]["included"]) == included
    assert (detail["input"] is not None, detail["output"] is not None) == included


def test_changes_of_status_are_forwarded_to_eventbridge_at_aws_until_it_takes_them():
    async def scenario(world):
        world.forward = Announcements("stepwell.states")
        await world.restart()
        watched = await world.machine({"T": task()}, "watched")
        record = await world.run(watched, name="e")
        asked = world.outside.calls[-1]
        asked._answer.set_result(Succeeded(Document(None, {"FailedEntryCount": 1, "Entries": [{"ErrorCode": "X"}]})))
        await world.quiet()
        await world.pass_time(SECOND)
        again = world.outside.calls[-1]
        again._answer.set_result(Succeeded(Document(None, {"FailedEntryCount": 0, "Entries": [{"EventId": "1"}]})))
        await world.quiet()
        return record.arn, asked.request, again.request, await world.left()

    arn, first, second, left = play(scenario)
    assert (first.resource.service, first.resource.action) == ("aws-sdk:eventbridge", "putEvents")
    assert first.parameters == second.parameters
    (entry,) = first.parameters.value["Entries"]
    assert (entry["Source"], entry["DetailType"]) == ("stepwell.states", "Step Functions Execution Status Change")
    assert entry["Resources"] == [arn]
    assert json.loads(entry["Detail"])["status"] == "RUNNING"
    assert left == []
