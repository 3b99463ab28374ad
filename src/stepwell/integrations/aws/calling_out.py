"""What can go wrong with a call over HTTP that is no call of a service's API, told as Step Functions tells it."""

from collections.abc import Iterator
from contextlib import contextmanager

from stepwell.aws import AwsUnreachable, RoleNotAssumed
from stepwell.integrations.aws import failures
from stepwell.integrations.aws.failures import CallFailed
from stepwell.integrations.port import Failed, TaskRequest
from stepwell.outbound import Failed as NotAnswered
from stepwell.outbound import Refused, TooLarge


@contextmanager
def calling_out(request: TaskRequest, prefix: str) -> Iterator[None]:
    """Make `CallFailed` of what `Outbound` and `AwsCalls` raise."""
    no_answer = f"{prefix}SdkClientException"
    try:
        yield
    except Refused as error:
        raise CallFailed(Failed(failures.RUNTIME, str(error))) from error
    except TooLarge as error:
        raise CallFailed(failures.too_large(request)) from error
    except RoleNotAssumed as error:
        raise CallFailed(failures.role_not_assumed(request)) from error
    except AwsUnreachable as error:
        raise CallFailed(Failed(no_answer, str(error))) from error
    except NotAnswered as error:
        raise CallFailed(Failed(no_answer, str(error))) from AwsUnreachable(str(error))
