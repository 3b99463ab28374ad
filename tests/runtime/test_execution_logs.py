"""Which events of an execution are logged at which level, and what a line of the log says."""

import asyncio
import json

import pytest

from stepwell.integrations.registry import Integrations
from stepwell.logs.port import LogGroup
from stepwell.machine import history
from stepwell.runtime import execution_logs as module
from stepwell.runtime.arns import Scope
from stepwell.runtime.clock import SystemClock, SystemEntropy
from stepwell.runtime.configuration import InvalidLoggingConfiguration
from stepwell.runtime.engine import Engine
from stepwell.runtime.execution_logs import ExecutionLogs
from stepwell.runtime.express import Express
from stepwell.runtime.registry import Registry
from stepwell.runtime.revisions import Settings
from stepwell.storage.memory import MemoryStore

HERE = Scope("123456789012", "us-east-1")
ROLE = "arn:aws:iam::123456789012:role/r"
GROUP = "arn:aws:logs:us-east-1:123456789012:log-group:/aws/vendedlogs/states/g:*"
PASS = {"P": {"Type": "Pass", "Result": {"a": 1}, "Next": "F"}, "F": {"Type": "Fail", "Error": "E", "Cause": "C"}}


class Kept:
    """A sink that keeps lines, or breaks."""

    def __init__(self, breaks=False):
        self.lines = []
        self.places = set()
        self._breaks = breaks

    def append(self, group, state_machine, lines):
        if self._breaks:
            raise RuntimeError("a bug")
        self.places.add((group, state_machine))
        self.lines += [json.loads(line.text) for line in lines]


def logging(level, *, data, groups=(GROUP,)):
    destinations = [{"cloudWatchLogsLogGroup": {"logGroupArn": group}} for group in groups]
    return {"level": level, "includeExecutionData": data, "destinations": destinations}


def run(level, *, data=True, kind="EXPRESS", synchronous=False, source="{}", sink=None):
    """Run an execution that passes and then fails; return its record and its log."""
    sink = sink or Kept()

    async def within():
        engine = Engine(MemoryStore(), Integrations({}), SystemClock(), SystemEntropy())
        express = Express(
            MemoryStore(), engine.definitions, engine.next_key, Integrations({}), SystemClock(), SystemEntropy()
        )
        for each in (engine, express):
            each.watch(ExecutionLogs(sink).on_turn)
        await engine.start()
        await express.start()
        definition = json.dumps({"StartAt": "P", "States": PASS})
        settings = Settings(definition=definition, role_arn=ROLE, logging=logging(level, data=data))
        machine = await Registry(engine).create_state_machine(HERE, "m", kind, settings, None)
        of = engine if kind == "STANDARD" else express
        record = await (of.run if synchronous else of.start_execution)(machine, name="n", input=source)
        if kind == "STANDARD":
            record = await engine.ended(record.arn)
        await express.close()
        await engine.close()
        return record

    return asyncio.run(within()), sink


def types(sink):
    return [line["type"] for line in sink.lines]


@pytest.mark.parametrize("kind", ["STANDARD", "EXPRESS"])
def test_the_level_picks_the_events(kind):
    everything = ["ExecutionStarted", "PassStateEntered", "PassStateExited", "FailStateEntered", "ExecutionFailed"]
    assert types(run("ALL", kind=kind)[1]) == everything
    assert types(run("ERROR", kind=kind)[1]) == ["FailStateEntered", "ExecutionFailed"]
    assert types(run("FATAL", kind=kind)[1]) == ["ExecutionFailed"]
    assert types(run("OFF", kind=kind)[1]) == []


def test_a_line_has_the_members_of_aws():
    record, sink = run("ALL")
    line = sink.lines[1]
    assert line.pop("event_timestamp").isdigit()
    assert line == {
        "id": "2",
        "type": "PassStateEntered",
        "details": {"name": "P", "input": "{}", "inputDetails": {"truncated": False}},
        "previous_event_id": "0",
        "execution_arn": record.arn,
        "redrive_count": "0",
    }
    assert sink.places == {(LogGroup("123456789012", "us-east-1", "/aws/vendedlogs/states/g"), "m")}


def test_only_an_execution_that_is_waited_for_logs_no_redrive_count():
    assert all("redrive_count" not in line for line in run("ALL", synchronous=True)[1].lines)
    assert all(line["redrive_count"] == "0" for line in run("ALL", kind="STANDARD")[1].lines)


def test_data_is_left_out_unless_it_is_wished():
    details = [line["details"] for line in run("ALL", data=False)[1].lines]
    assert details == [{"roleArn": ROLE}, {"name": "P"}, {"name": "P"}, {"name": "F"}, {"error": "E", "cause": "C"}]


def test_what_is_too_large_is_logged_without_its_data_and_says_so(monkeypatch):
    monkeypatch.setattr(module, "LINE_BYTES", 1_000)
    first = run("ALL", source=json.dumps("x" * 1_000))[1].lines[0]
    assert first["details"] == {"roleArn": ROLE, "inputDetails": {"truncated": True}}


def test_an_execution_goes_on_when_its_log_breaks():
    record, _ = run("ALL", sink=Kept(breaks=True))
    assert (record.status, record.error) == ("FAILED", "E")


def test_every_event_that_tells_of_trouble_is_one_for_the_level_error():
    telling = {name for name in history.KIND if name.endswith(("Failed", "TimedOut", "Aborted"))}
    logged = {name for name, kind in history.KIND.items() if kind in module._KINDS["ERROR"]}
    assert logged == telling | {"FailStateEntered"}


def created(log_problem, **settings):
    async def within():
        engine = Engine(MemoryStore(), Integrations({}), SystemClock(), SystemEntropy())
        await engine.start()
        try:
            registry = Registry(engine, log_problem)
            definition = json.dumps({"StartAt": "P", "States": PASS})
            plain = Settings(definition=definition, role_arn=ROLE)
            arn = (await registry.create_state_machine(HERE, "plain", "STANDARD", plain, None)).arn
            with pytest.raises(InvalidLoggingConfiguration) as on_update:
                await registry.update_state_machine(HERE, arn, Settings(**settings))
            full = Settings(definition=definition, role_arn=ROLE, **settings)
            with pytest.raises(InvalidLoggingConfiguration) as on_creation:
                await registry.create_state_machine(HERE, "m", "STANDARD", full, None)
            return {str(on_update.value), str(on_creation.value)}
        finally:
            await engine.close()

    return asyncio.run(within())


def test_a_destination_that_is_not_there_is_refused():
    async def problem(arn):
        assert arn == GROUP
        return "Log Destination not found."

    told = created(problem, logging=logging("ALL", data=True))
    assert told == {"Invalid Logging Configuration: Log Destination not found."}


def test_there_must_be_one_destination_and_it_must_name_a_group():
    told = "Invalid Logging Configuration: Must specify exactly one Log Destination."
    assert created(None, logging=logging("ALL", data=True, groups=(GROUP, GROUP))) == {told}
    assert created(None, logging={"level": "ALL", "destinations": [{}]}) == {told}
