"""What the runtime refuses, each named after the error of AWS that it becomes on the wire."""


class RuntimeRefusal(Exception):
    """A request that can't be met as things are."""


class ExecutionAlreadyExists(RuntimeRefusal):
    """Another execution has the name. `arn` is its ARN."""

    def __init__(self, arn: str) -> None:
        super().__init__(arn)
        self.arn = arn


class UnknownTestCase(RuntimeRefusal):
    """The file of mocked responses has no such test case for the state machine."""

    def __init__(self, state_machine: str, test_case: str) -> None:
        super().__init__(
            f"The file of mocked responses has no test case '{test_case}' for the state machine '{state_machine}'. "
            "Add it to StateMachines in the file that SFN_MOCK_CONFIG names, and restart the server."
        )


class UnusableSecretKey(RuntimeRefusal):
    """There is no key to seal secrets with, or to open them; it says where it was looked for, and what to do."""


class InvalidToken(RuntimeRefusal):
    """The text is no task token of this installation."""


class InvalidOutput(RuntimeRefusal):
    """The result of a task is no JSON; it says why, in the words of AWS."""


class TaskDoesNotExist(RuntimeRefusal):
    """The execution of the task is gone."""


class TaskTimedOut(RuntimeRefusal):
    """The task is closed: answered, timed out, or its execution has ended."""


class ActivityWorkerLimitExceeded(RuntimeRefusal):
    """As many workers as are allowed poll the activity already."""


class ExecutionLimitExceeded(RuntimeRefusal):
    """As many executions as are allowed run already."""


class ExecutionNotRedrivable(RuntimeRefusal):
    """The execution can't be redriven; it says why, in AWS's words."""
