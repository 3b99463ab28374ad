"""`bedrock:invokeModel`: a model's answer as JSON; what it reads and writes may rest in Amazon S3."""

from typing import Any

from msgspec import DecodeError

from stepwell.integrations.aws.calls import ServiceCalls, parameters_of
from stepwell.integrations.aws.dialects import Service
from stepwell.integrations.aws.failures import CallFailed, wrong_parameters
from stepwell.integrations.port import TaskRequest
from stepwell.language.document import decode

RUNTIME = Service("bedrock-runtime", "Bedrock", "BedrockRuntime")
_S3 = Service("s3", "S3", "S3")
_JSON = "application/json"
_SCHEME = "s3://"


async def invoke_model(calls: ServiceCalls, request: TaskRequest, _: Service) -> dict[str, Any]:
    """Invoke a model. With Input, its body is an object of Amazon S3; with Output, its answer becomes one."""
    given = dict(parameters_of(request))
    source, target = (
        _place(given.pop("Input", None), "Input", request),
        _place(given.pop("Output", None), "Output", request),
    )
    given = {"ContentType": _JSON} | given
    if source is not None:
        given["Body"] = (await calls.ask(request, _S3, "GetObject", source)).output["Body"]
    output = (await calls.ask(request, RUNTIME, "InvokeModel", given)).output
    body = output.get("Body", "")
    if target is not None:
        await calls.ask(request, _S3, "PutObject", target | {"Body": body, "ContentType": output.get("ContentType")})
        return output | {"Body": f"{_SCHEME}{target['Bucket']}/{target['Key']}"}
    return output | {"Body": _parsed(body)}


def _place(given: Any, name: str, request: TaskRequest) -> dict[str, str] | None:
    if given is None:
        return None
    uri = given.get("S3Uri") if isinstance(given, dict) else None
    bucket, _, key = uri.removeprefix(_SCHEME).partition("/") if isinstance(uri, str) else ("", "", "")
    if not (isinstance(uri, str) and uri.startswith(_SCHEME) and bucket and key):
        raise CallFailed(wrong_parameters(request, f"The value of the field '{name}' has an invalid format"))
    return {"Bucket": bucket, "Key": key}


def _parsed(body: str) -> Any:
    try:
        return decode(body)
    except (DecodeError, RecursionError):
        return body
