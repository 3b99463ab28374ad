"""What is promised of EventBridge Scheduler's schedules: one execution for a firing, at its time in its zone."""

import json

import pytest

from runtime.test_bus import DAY, ENDS, FULL, HERE, HOUR, MINUTE, TARGET, play
from runtime.world import START
from stepwell.runtime.bus.errors import ResourceNotFoundException, ValidationException

NO_WINDOW = {"Mode": "OFF"}


async def schedule(world, expression, name="s", target=None, **more):
    given = {"Name": name, "ScheduleExpression": expression, "FlexibleTimeWindow": NO_WINDOW}
    given["Target"] = {"Arn": TARGET, "RoleArn": "r", **(target or {})}
    await world.machine(ENDS, "target")
    return await world.bus.scheduler.create(HERE, {**given, **more})


async def times(world):
    return [event["time"] for event in await world.inputs()]


def test_a_schedule_fires_at_its_local_time_before_and_after_the_clock_is_changed():
    async def scenario(world):
        await schedule(world, "cron(30 9 ? * * *)", ScheduleExpressionTimezone="Europe/Berlin")
        world.clock.time = START + 85 * DAY  # 27 March 2026, two days before
        await world.restart()
        for _ in range(4 * 24):
            await world.pass_time(HOUR)
        return await times(world)

    found = play(scenario)
    assert found[0] == "2026-03-26T08:30:00Z"  # the last that was missed
    assert found[1:] == [f"2026-03-{day}T0{hour}:30:00Z" for day, hour in ((27, 8), (28, 8), (29, 7), (30, 7))]


def test_a_firing_starts_one_execution_whatever_crashes(store):
    async def scenario(world):
        await schedule(world, "at(2026-01-01T01:00:00)", target={"Input": '{"at": "<aws.scheduler.scheduled-time>"}'})
        world.disk.failures.append(FULL)
        await world.pass_time(HOUR)
        for _ in range(2):
            await world.crash()
            await world.begin()
            await world.look()
        return await world.inputs()

    assert play(scenario, store) == [{"at": "2026-01-01T01:00:00Z"}]


def test_a_schedule_that_is_done_goes_if_it_is_told_to():
    async def scenario(world):
        await schedule(world, "at(2026-01-01T01:00:00)", "goes", ActionAfterCompletion="DELETE")
        await world.bus.scheduler.create(
            HERE,
            {
                "Name": "stays",
                "ScheduleExpression": "at(2026-01-01T01:00:00)",
                "FlexibleTimeWindow": NO_WINDOW,
                "Target": {"Arn": TARGET, "RoleArn": "r"},
            },
        )
        await world.pass_time(HOUR)
        return len(await world.inputs()), [planned.name for planned in world.bus.scheduler.of(HERE, None)]

    assert play(scenario) == (2, ["stays"])


def test_a_rate_begins_at_its_start_and_ends_with_its_end():
    async def scenario(world):
        bounds = {"StartDate": (START + 10 * MINUTE) / 1000, "EndDate": (START + 20 * MINUTE) / 1000}
        await schedule(world, "rate(5 minutes)", **bounds)
        for _ in range(30):
            await world.pass_time(MINUTE)
        return await times(world)

    assert play(scenario) == [f"2026-01-01T00:{minute}:00Z" for minute in (10, 15, 20)]


def test_a_rate_without_a_start_begins_at_once():
    async def scenario(world):
        await schedule(world, "rate(1 hour)")
        await world.look()
        return await times(world)

    assert play(scenario) == ["2026-01-01T00:00:00Z"]


def test_within_a_window_a_firing_comes_at_one_moment_of_it():
    async def scenario(world):
        window = {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 30}
        await schedule(world, "at(2026-01-01T01:00:00)", FlexibleTimeWindow=window)
        await world.pass_time(HOUR)
        (waiting,) = await world.left()
        await world.pass_time(waiting.due - world.clock.time - 1)
        before = len(await world.inputs())
        await world.pass_time(1)
        return before, len(await world.inputs()), waiting.due - START - HOUR

    before, after, later = play(scenario)
    assert (before, after) == (0, 1)
    assert 0 < later < 30 * MINUTE


def test_without_an_input_the_target_is_given_schedulers_own_event():
    async def scenario(world):
        planned = await schedule(world, "at(2026-01-01T01:00:00)")
        await world.pass_time(HOUR)
        return planned.arn, await world.inputs()

    arn, (event,) = play(scenario)
    assert (event["source"], event["detail-type"], event["detail"]) == ("aws.scheduler", "Scheduled Event", "{}")
    assert event["resources"] == [arn]


def test_a_universal_target_is_any_action_of_any_service():
    async def scenario(world):
        text = json.dumps({"QueueUrl": "u", "MessageBody": "<aws.scheduler.schedule-arn>"})
        world.integrations._served["aws-sdk"] = world.outside
        target = {"Arn": "arn:aws:scheduler:::aws-sdk:sqs:sendMessage", "Input": text}
        planned = await schedule(world, "at(2026-01-01T01:00:00)", target=target)
        await world.pass_time(HOUR)
        (asked,) = world.outside.calls
        return asked.request.resource.service, asked.request.parameters.value, planned.arn

    service, parameters, arn = play(scenario)
    assert service == "aws-sdk:sqs"
    assert parameters == {"QueueUrl": "u", "MessageBody": arn}


def test_an_update_replaces_all_of_a_schedule():
    async def scenario(world):
        await schedule(world, "rate(1 hour)", StartDate=(START + HOUR) / 1000, Description="d")
        given = {
            "Name": "s",
            "ScheduleExpression": "rate(2 hours)",
            "FlexibleTimeWindow": NO_WINDOW,
            "State": "DISABLED",
        }
        await world.bus.scheduler.update(HERE, {**given, "Target": {"Arn": TARGET, "RoleArn": "r"}})
        await world.pass_time(DAY)
        return world.bus.scheduler.get(HERE, "default", "s").given, await world.inputs()

    given, inputs = play(scenario)
    assert given.keys() == {"ScheduleExpression", "FlexibleTimeWindow", "State", "Target"}
    assert inputs == []


def test_a_group_goes_with_its_schedules():
    async def scenario(world):
        await world.bus.scheduler.create_group(HERE, "g", {})
        await schedule(world, "rate(1 hour)", GroupName="g", StartDate=(START + HOUR) / 1000)
        await world.bus.scheduler.delete_group(HERE, "g")
        await world.pass_time(DAY)
        with pytest.raises(ResourceNotFoundException):
            world.bus.scheduler.group(HERE, "g")
        return await world.inputs()

    assert play(scenario) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"ScheduleExpression": "rate(10 secs)"},
        {"ScheduleExpressionTimezone": "Mars/Olympus", "ScheduleExpression": "cron(0 0 * * ? *)"},
        {"FlexibleTimeWindow": {"Mode": "FLEXIBLE"}},
        {"StartDate": 20, "EndDate": 10},
        {"Target": {"Arn": "arn:aws:ec2:us-east-1:123456789012:instance/i", "RoleArn": "r"}},
    ],
)
def test_what_is_no_schedule_is_refused(wrong):
    async def scenario(world):
        with pytest.raises(ValidationException):
            await schedule(world, **{"expression": "rate(1 hour)", **wrong})
        return world.bus.scheduler.of(HERE, None)

    assert play(scenario) == []
