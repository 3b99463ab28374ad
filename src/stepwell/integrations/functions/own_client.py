"""A runtime interface client in pure Python, for systems that awslambdaric has no build for.

It does what a handler can observe of awslambdaric: the context, the JSON, the shape of errors, what is printed.
"""

import decimal
import http.client
import importlib
import json
import os
import sys
import time
import traceback
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, NoReturn

Handler = Callable[[Any, "Context"], Any]
_CLIENT_FIELDS = ("installation_id", "app_title", "app_version_name", "app_version_code", "app_package_name")


class Fault(Exception):
    """A fault around the handler, under the name that Lambda has for it."""

    def __init__(self, kind: str, message: str, trace: list[str] | None = None) -> None:
        super().__init__(message)
        self.kind = kind
        self.trace = trace or []


class Context:
    """What a handler is told about its invocation."""

    def __init__(self, request_id: str, headers: http.client.HTTPMessage) -> None:
        self.aws_request_id = request_id
        self.invoked_function_arn = headers.get("Lambda-Runtime-Invoked-Function-Arn")
        self.function_name = os.environ.get("AWS_LAMBDA_FUNCTION_NAME")
        self.function_version = os.environ.get("AWS_LAMBDA_FUNCTION_VERSION")
        self.memory_limit_in_mb = os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
        self.log_group_name = os.environ.get("AWS_LAMBDA_LOG_GROUP_NAME")
        self.log_stream_name = os.environ.get("AWS_LAMBDA_LOG_STREAM_NAME")
        self.tenant_id = headers.get("Lambda-Runtime-Aws-Tenant-Id")
        self.identity = SimpleNamespace(cognito_identity_id=None, cognito_identity_pool_id=None)
        self.client_context = _client_context(headers.get("Lambda-Runtime-Client-Context"))
        self._deadline = int(headers.get("Lambda-Runtime-Deadline-Ms", "0"))

    def get_remaining_time_in_millis(self) -> int:
        """Return how long the handler may still take."""
        return max(0, self._deadline - int(time.time() * 1000))

    def log(self, text: object) -> None:
        """Print a text as it is."""
        sys.stdout.write(str(text))


def run(handler: str, address: str) -> NoReturn:
    """Serve the handler until the Runtime API is gone."""
    host, _, token = address.partition("/")
    base = f"/{token}/2018-06-01/runtime"
    api = http.client.HTTPConnection(host)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(line_buffering=True, write_through=True)  # type: ignore[union-attr]
    try:
        function = _find(handler)
    except Exception as error:  # noqa: BLE001 (whatever a module raises when it is imported is the function's error)
        _post(api, f"{base}/init/error", _failure(error, ""))
        sys.exit(1)
    while True:
        _serve_one(api, base, function)


def _serve_one(api: http.client.HTTPConnection, base: str, function: Handler) -> None:
    api.request("GET", f"{base}/invocation/next")
    response = api.getresponse()
    event = response.read()
    request_id = response.headers["Lambda-Runtime-Aws-Request-Id"]
    os.environ["_X_AMZN_TRACE_ID"] = response.headers.get("Lambda-Runtime-Trace-Id", "")
    try:
        payload, kind = _call(function, event, Context(request_id, response.headers)), "response"
    except Exception as error:  # noqa: BLE001 (whatever a handler raises is the function's error)
        payload, kind = _failure(error, request_id), "error"
    _post(api, f"{base}/invocation/{request_id}/{kind}", payload)


def _call(function: Handler, event: bytes, context: Context) -> bytes:
    try:
        value = json.loads(event)
    except ValueError as error:
        raise Fault("Runtime.UnmarshalError", f"Unable to unmarshal input: {error}") from error
    result = function(value, context)
    if isinstance(result, bytes):
        return result
    try:
        return json.dumps(result, ensure_ascii=sys.version_info < (3, 12), default=_encode_decimal).encode()
    except (TypeError, ValueError) as error:
        raise Fault("Runtime.MarshalError", f"Unable to marshal response: {error}") from error


def _encode_decimal(value: object) -> float:
    if isinstance(value, decimal.Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")


def _post(api: http.client.HTTPConnection, path: str, payload: bytes) -> None:
    api.request("POST", path, payload)
    api.getresponse().read()


def _find(handler: str) -> Handler:
    module_name, _, name = handler.rpartition(".")
    try:
        module = importlib.import_module(module_name.replace("/", "."))
    except ImportError as error:
        raise Fault("Runtime.ImportModuleError", f"Unable to import module '{module_name}': {error}") from error
    except SyntaxError as error:
        trace = [f'  File "{error.filename}" Line {error.lineno}\n    {error.text}']
        raise Fault("Runtime.UserCodeSyntaxError", f"Syntax error in module '{module_name}': {error}", trace) from error
    found: Handler | None = getattr(module, name, None)
    if found is None:
        raise Fault("Runtime.HandlerNotFound", f"Handler '{name}' missing on module '{module_name}'")
    return found


def _failure(error: Exception, request_id: str) -> bytes:
    if isinstance(error, Fault):
        kind, trace = error.kind, error.trace
    else:
        frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename != __file__]
        kind, trace = type(error).__name__, traceback.format_list(frames)
    print(f"[ERROR] {kind}: {error}", "Traceback (most recent call last):", *trace, sep="\n")
    failure = {"errorMessage": str(error), "errorType": kind, "requestId": request_id, "stackTrace": trace}
    return json.dumps(failure, ensure_ascii=sys.version_info < (3, 12)).encode()


def _client_context(header: str | None) -> SimpleNamespace | None:
    if not header:
        return None
    given = json.loads(header)
    context = SimpleNamespace(**{name: given.get(name) for name in ("custom", "env", "client")})
    if context.client is not None:
        context.client = SimpleNamespace(**{name: context.client.get(name) for name in _CLIENT_FIELDS})
    return context
