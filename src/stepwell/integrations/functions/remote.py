"""Functions that are elsewhere: the API of AWS Lambda, or of something that speaks it."""

from base64 import b64decode
from collections.abc import Mapping
from typing import Any

from stepwell.aws import AnswerTooLarge, AwsCalls, AwsError, AwsUnreachable, NoCredentials
from stepwell.integrations.functions.outcomes import RESPONSE_LIMIT, Invocation, InvokeRefused


class LambdaUnreachable(Exception):
    """The API could not be reached, or the call could not even be made."""


class NoLambda(Exception):
    """There is no API that could be asked: neither an endpoint nor credentials."""


class RemoteFunctions:
    """Invokes functions by the API of Lambda."""

    def __init__(self, aws: AwsCalls) -> None:
        self._aws = aws

    async def invoke(
        self, account: str, region: str, parameters: Mapping[str, Any], role_arn: str | None = None
    ) -> Invocation:
        """Invoke once, without retries: those are the state's. `parameters` are those of Lambda's Invoke.

        Raise `InvokeRefused` where Lambda answers with an error, `LambdaUnreachable` where nothing answers, `NoLambda`
        where there is nothing to ask.
        """
        try:
            reply = await self._aws.call(
                "lambda", "Invoke", parameters, account=account, region=region, role_arn=role_arn
            )
        except AwsError as error:
            code = error.code or "AWSLambdaException"
            raise InvokeRefused(code, error.message, error.status, error.request_id) from error
        except NoCredentials as error:
            raise NoLambda(str(error)) from error
        except AnswerTooLarge as error:
            raise LambdaUnreachable(f"The function's answer is larger than {RESPONSE_LIMIT} bytes.") from error
        except AwsUnreachable as error:
            raise LambdaUnreachable(str(error)) from error
        output = reply.output
        return Invocation(
            output.get("Payload", b""),
            "FunctionError" in output,
            output.get("ExecutedVersion", ""),
            reply.request_id,
            status=output["StatusCode"],
            headers=reply.headers,
            log_tail=b64decode(output.get("LogResult", "")),
        )
