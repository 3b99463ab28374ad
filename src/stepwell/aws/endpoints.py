"""Where the environment says that a service is."""

from collections.abc import Mapping

EVERY_SERVICE = "AWS_ENDPOINT_URL"
IGNORED = "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"


def endpoint_of(environ: Mapping[str, str], *names: str) -> str | None:
    """Return the endpoint that the variables of AWS's SDKs name for a service, or None where they name nothing.

    The names of the service are tried in their order: `CloudWatch Logs` is AWS_ENDPOINT_URL_CLOUDWATCH_LOGS.
    """
    if environ.get(IGNORED, "").lower() == "true":
        return None
    suffixes = (name.upper().replace(" ", "_").replace("-", "_") for name in names)
    variables = (*(f"{EVERY_SERVICE}_{suffix}" for suffix in suffixes), EVERY_SERVICE)
    return next((environ[variable] for variable in variables if environ.get(variable)), None)
