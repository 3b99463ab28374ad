"""How the process of a worker is started: its command, and an environment like Lambda's."""

import os
import sys
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from stepwell.aws import endpoint_of
from stepwell.integrations.functions.declaration import FunctionSettings
from stepwell.integrations.functions.outcomes import LATEST

_BOOTSTRAP = str(Path(__file__).with_name("bootstrap.py"))
_UNLIMITED_MIB = 10_240
"""What a function without a limit is told: the most that Lambda gives."""

# What a worker gets to see of the server's environment: what Python, TLS and AWS's SDKs need, and nothing else.
_PASSED_ON = frozenset({
    "HOME", "LANG", "PATH", "PYTHONPATH", "TMPDIR", "TZ", "USER",
    "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "SSL_CERT_DIR", "SSL_CERT_FILE",
    "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy",
    "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_CONFIG_FILE",
    "AWS_SHARED_CREDENTIALS_FILE", "AWS_CA_BUNDLE",
})  # fmt: skip
_PASSED_ON_PREFIXES = ("LC_", "AWS_ENDPOINT_URL")


@dataclass(frozen=True, slots=True)
class Launch:
    """How to start a worker of one function."""

    command: tuple[str, ...]
    environment: Mapping[str, str]
    folder: str
    timeout: float
    """Seconds that one invocation may take."""
    memory_limited: bool

    def environment_for(self, runtime_api: str) -> dict[str, str]:
        """Return the environment of one worker, which finds the Runtime API at that address."""
        stream = f"{self.environment['AWS_LAMBDA_LOG_STREAM_NAME']}{uuid.uuid4().hex}"
        return {**self.environment, "AWS_LAMBDA_RUNTIME_API": runtime_api, "AWS_LAMBDA_LOG_STREAM_NAME": stream}


def plan_launch(
    name: str,
    settings: FunctionSettings,
    *,
    endpoint_url: str,
    region: str,
    account: str,
    environ: Mapping[str, str],
    own_client: bool,
) -> Launch:
    """Return how to start workers of a function. `own_client`: without awslambdaric, even where it is installed."""
    client = "own" if own_client or find_spec("awslambdaric") is None else "awslambdaric"
    command = (sys.executable, "-P", _BOOTSTRAP, settings.handler, client, str(os.getpid()), str(settings.memory or 0))
    folder = str(Path(settings.path).resolve())
    environment = {
        **_passed_on(environ, account),
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        # Of what is served here alone: the other services are where the server itself finds them.
        "AWS_ENDPOINT_URL_SFN": endpoint_url,
        "AWS_ENDPOINT_URL_EVENTBRIDGE": endpoint_of(environ, "EventBridge", "events") or endpoint_url,
        **settings.environment,
        **_lambda_environment(name, settings, folder),
    }
    return Launch(command, environment, folder, settings.timeout, settings.memory is not None)


def _passed_on(environ: Mapping[str, str], account: str) -> dict[str, str]:
    passed = {key: text for key, text in environ.items() if key in _PASSED_ON or key.startswith(_PASSED_ON_PREFIXES)}
    if "AWS_PROFILE" not in passed and "AWS_ACCESS_KEY_ID" not in passed:
        # An SDK signs nothing without credentials. On AWS a function has those of its role.
        passed |= {"AWS_ACCESS_KEY_ID": account, "AWS_SECRET_ACCESS_KEY": "local"}
    return passed


def _lambda_environment(name: str, settings: FunctionSettings, folder: str) -> dict[str, str]:
    return {
        "_HANDLER": settings.handler,
        "AWS_EXECUTION_ENV": f"AWS_Lambda_python3.{sys.version_info.minor}",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(settings.memory or _UNLIMITED_MIB),
        "AWS_LAMBDA_FUNCTION_NAME": name,
        "AWS_LAMBDA_FUNCTION_VERSION": LATEST,
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{name}",
        "AWS_LAMBDA_LOG_STREAM_NAME": f"[{LATEST}]",
        "LAMBDA_TASK_ROOT": folder,
        # As on Lambda, where the folder can't be written to. And a cached file could be older than an edit: it knows
        # its source by the second.
        "PYTHONDONTWRITEBYTECODE": "1",
    }
