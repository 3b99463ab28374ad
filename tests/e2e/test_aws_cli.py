"""The AWS CLI, as it comes, pointed at the server by what `stepwell env` prints."""

import json
import shlex
import subprocess

import pytest

from e2e.definitions import HELLO, LONG_WAIT, callback, states, work
from e2e.server import BIN, ROLE, STEPWELL, clean_environment, eventually

CLI_SECONDS = 60.0


class CliRefused(Exception):
    """What the CLI says on stderr when the service refused."""


@pytest.fixture(scope="module")
def aws(server, tmp_path_factory):
    """Run `aws stepfunctions …` and return what it prints as JSON: `aws("list-activities")`."""
    environment = environment_by_stepwell_env(server) | {"HOME": str(tmp_path_factory.mktemp("home")), "AWS_PAGER": ""}

    def run(*arguments):
        command = [BIN / "aws", "stepfunctions", *arguments, "--output", "json"]
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=CLI_SECONDS, check=False
        )
        if done.returncode:
            raise CliRefused(done.stderr.strip())
        return json.loads(done.stdout) if done.stdout.strip() else None

    return run


def environment_by_stepwell_env(server):
    """Return the environment after `eval "$(stepwell env --port PORT)"`."""
    plain = clean_environment()
    printed = subprocess.run(
        [STEPWELL, "env", "--port", server.url.rpartition(":")[2]],
        env=plain,
        capture_output=True,
        text=True,
        check=True,
    )
    exports = [shlex.split(line) for line in printed.stdout.splitlines()]
    assert all(words[0] == "export" and len(words) == 2 for words in exports)
    return plain | dict(words[1].split("=", 1) for words in exports)


@pytest.fixture
def machine(aws, fresh):
    """Create a state machine by the CLI, and return its ARN."""

    def create(definition, *more):
        return aws(
            *("create-state-machine", "--name", fresh("cli"), "--role-arn", ROLE),
            *("--definition", json.dumps(definition), *more),
        )["stateMachineArn"]

    return create


def start(aws, machine, *more):
    return aws("start-execution", "--state-machine-arn", machine, *more)["executionArn"]


def ended(aws, execution):
    return eventually(
        lambda: aws("describe-execution", "--execution-arn", execution), lambda found: found["status"] != "RUNNING"
    )


def test_the_cli_creates_starts_and_describes(aws, machine):
    arn = machine(HELLO)
    described = aws("describe-state-machine", "--state-machine-arn", arn)
    assert json.loads(described["definition"]) == HELLO
    execution = start(aws, arn, "--name", "first", "--input", '{"who": "cli"}')
    assert execution == arn.replace(":stateMachine:", ":execution:") + ":first"
    found = ended(aws, execution)
    assert (found["status"], json.loads(found["output"])) == ("SUCCEEDED", {"hello": "world"})


def test_the_cli_reads_history_and_lists_page_by_page(aws, machine):
    arn = machine(HELLO)
    executions = [start(aws, arn) for _ in range(3)]
    ended(aws, executions[-1])
    listed = aws("list-executions", "--state-machine-arn", arn, "--page-size", "1")
    assert [found["executionArn"] for found in listed["executions"]] == executions[::-1]
    part = aws("list-executions", "--state-machine-arn", arn, "--page-size", "1", "--max-items", "2")
    rest = aws("list-executions", "--state-machine-arn", arn, "--starting-token", part["NextToken"])
    assert [found["executionArn"] for page in (part, rest) for found in page["executions"]] == executions[::-1]
    history = aws("get-execution-history", "--execution-arn", executions[-1], "--page-size", "2")
    assert [event["id"] for event in history["events"]] == [1, 2, 3, 4]
    backwards = aws("get-execution-history", "--execution-arn", executions[-1], "--reverse-order")
    assert backwards["events"] == history["events"][::-1]


def test_the_cli_stops_an_execution(aws, machine):
    execution = start(aws, machine(LONG_WAIT))
    assert "stopDate" in aws("stop-execution", "--execution-arn", execution, "--error", "Cli", "--cause", "by hand")
    found = ended(aws, execution)
    assert (found["status"], found["error"], found["cause"]) == ("ABORTED", "Cli", "by hand")


@pytest.mark.parametrize("answer", ["success", "failure"])
def test_the_cli_answers_a_callback(aws, machine, answer):
    execution = start(aws, machine(states(Ask=callback(HeartbeatSeconds=60))))
    history = eventually(
        lambda: aws("get-execution-history", "--execution-arn", execution)["events"],
        lambda events: events[-1]["type"] == "TaskSubmitted",
    )
    (scheduled,) = [event for event in history if event["type"] == "TaskScheduled"]
    token = json.loads(scheduled["taskScheduledEventDetails"]["parameters"])["Payload"]["token"]
    aws("send-task-heartbeat", "--task-token", token)
    if answer == "success":
        aws("send-task-success", "--task-token", token, "--task-output", '{"ok": true}')
        assert json.loads(ended(aws, execution)["output"]) == {"ok": True}
    else:
        aws("send-task-failure", "--task-token", token, "--error", "No", "--cause", "because")
        assert ended(aws, execution)["error"] == "No"


def test_the_cli_polls_an_activity(aws, machine, fresh):
    activity = aws("create-activity", "--name", fresh("cli"))["activityArn"]
    execution = start(aws, machine(states(Work=work(activity))), "--input", '{"n": 1}')
    polled = aws("get-activity-task", "--activity-arn", activity, "--worker-name", "cli")
    assert json.loads(polled["input"]) == {"n": 1}
    aws("send-task-success", "--task-token", polled["taskToken"], "--task-output", "2")
    assert ended(aws, execution)["output"] == "2"


def test_the_cli_tags(aws, machine):
    arn = machine(HELLO, "--tags", "key=team,value=a")
    aws("tag-resource", "--resource-arn", arn, "--tags", "key=cost,value=7")
    aws("untag-resource", "--resource-arn", arn, "--tag-keys", "team")
    assert aws("list-tags-for-resource", "--resource-arn", arn) == {"tags": [{"key": "cost", "value": "7"}]}


def test_the_cli_shows_a_refusal_in_the_words_of_aws(aws):
    missing = "arn:aws:states:us-east-1:123456789012:stateMachine:not-there"
    with pytest.raises(CliRefused, match=r"\(StateMachineDoesNotExist\).*State Machine Does Not Exist: '.*not-there'"):
        aws("describe-state-machine", "--state-machine-arn", missing)
