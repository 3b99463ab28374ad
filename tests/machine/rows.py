"""A model of a store for one execution: its rows, changed by turns, and an execution read from them again."""

from msgspec.structs import replace

from stepwell.language.document import Document
from stepwell.machine.data import ACTIVITY, ENDED, GATHERING, JOB, TASK, TOKEN, Execution
from stepwell.machine.history import EventTuple, decode_chunk, parameters_of, role_of
from stepwell.machine.snapshot import restore_counters, restore_lane, restore_variables
from stepwell.runtime.residents import new_execution
from stepwell.storage.records import ExecutionRecord, LaneRecord, RevisionRecord, Turn

ROLE = "arn:aws:iam::111111111111:role/test"
MACHINE = "arn:aws:states:us-east-1:111111111111:stateMachine:machine"
EXECUTION = "arn:aws:states:us-east-1:111111111111:execution:machine:run"


REVISION = RevisionRecord(1, MACHINE, None, "{}", ROLE, {}, {}, None, 0)
"""What the executions of these tests were started from."""


def new_record(text: str, started: int) -> ExecutionRecord:
    """Return the row of an execution that has not started yet."""
    return ExecutionRecord(1, EXECUTION, MACHINE, "run", 1, "RUNNING", text, started)


def execution_of(record: ExecutionRecord) -> Execution:
    """Return an execution as its row says that it started."""
    return new_execution(record, REVISION)


class Rows:
    """The rows of one execution."""

    def __init__(self, record: ExecutionRecord) -> None:
        self.record = record
        self.lanes: dict[int, LaneRecord] = {}
        self.events: list[EventTuple] = []

    def commit(self, turn: Turn) -> None:
        """Take a turn whole; hold it to what a store relies on."""
        assert turn.redriven == (self.record.redrive != turn.execution.redrive)
        assert self.record.status == "RUNNING" or turn.redriven, "a turn after the end"
        assert turn.execution.version == self.record.version + 1, "a turn that starts from another version"
        assert turn.new == (self.record.version == 0)
        if turn.chunk is not None:
            chunk = decode_chunk(turn.chunk)
            assert turn.first_event == len(self.events) + 1, "the history has a gap"
            assert turn.last_event == len(self.events) + len(chunk)
            self.events += chunk
        self.record = turn.execution
        if turn.execution.status == "SUCCEEDED":
            assert turn.all_lanes_ended or turn.new, "lanes of an execution that has succeeded"
        if turn.all_lanes_ended:
            self.lanes.clear()
        for number in turn.ended_lanes:
            del self.lanes[number]
        for row in turn.lanes:
            before = self.lanes.get(row.lane)
            assert row.frame is not None or before is not None, "an update of a row that is not there"
            resting = turn.execution.status != "RUNNING"
            rests = row.waits in {ENDED, GATHERING} and not row.ticket and row.due is None
            assert rests or not resting, "it waits after the end"
            self.lanes[row.lane] = row if row.frame is not None or before is None else replace(row, frame=before.frame)

    def read(self) -> Execution:
        """Return the execution as it rests."""
        execution = execution_of(self.record)
        restore_counters(execution, self.record.progress)
        for number, row in sorted(self.lanes.items()):
            assert row.frame is not None
            lane = restore_lane(number, row.frame, row.progress)
            lane.waits, lane.ticket, lane.due, lane.resource = row.waits, row.ticket, row.due, row.resource
            if lane.waits in {TASK, TOKEN, JOB, ACTIVITY}:
                lane.parameters = Document(parameters_of(self.events[lane.scheduled - 1]))
                lane.role_arn = role_of(self.events[lane.scheduled - 1])
            execution.lanes[number] = lane
        restore_variables(execution)
        return execution
