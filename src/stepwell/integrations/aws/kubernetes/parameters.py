"""What a task asks of a cluster, read from its parameters."""

import base64
import binascii
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from msgspec import DecodeError

from stepwell.integrations.aws.calls import parameters_of
from stepwell.integrations.aws.fields import Fields
from stepwell.integrations.aws.jobs.job import TASK_ANNOTATION
from stepwell.integrations.aws.kubernetes.clusters import Cluster, Query
from stepwell.integrations.port import TaskRequest
from stepwell.language.document import decode, encode

METHODS = frozenset({"GET", "POST", "PUT", "DELETE", "HEAD", "PATCH"})
DEFAULT_NAMESPACE = "default"
LONGEST_NAME = 63
_CLUSTER = {"ClusterName", "CertificateAuthority", "Endpoint"}
_CALL = _CLUSTER | {"Method", "Path", "QueryParameters", "RequestBody"}
_RUN = _CLUSTER | {"Namespace", "Job", "LogOptions"}
_LOG_OPTIONS = {"RetrieveLogs", "RawLogs", "LogParameters"}


@dataclass(frozen=True, slots=True)
class Call:
    """What `eks:call` asks for."""

    cluster: Cluster
    method: str
    path: str
    query: Query
    body: bytes | None
    content_type: str


@dataclass(frozen=True, slots=True)
class LogOptions:
    """What `eks:runJob.sync` wants of the logs of its job."""

    wanted: bool
    raw: bool
    parameters: Query


@dataclass(frozen=True, slots=True)
class Run:
    """What `eks:runJob` asks for."""

    cluster: Cluster
    namespace: str
    name: str
    job: dict[str, Any]
    """The Job, with its name and with what it is known by."""
    logs: LogOptions


def read_call(request: TaskRequest) -> Call:
    """Return what a task of `eks:call` asks for. Raise `CallFailed`."""
    given = parameters_of(request)
    fields = Fields(request, given, _CALL)
    body = given.get("RequestBody")
    method = fields.one_of("Method", METHODS)
    return Call(
        _cluster(fields),
        method,
        fields.text("Path"),
        fields.pairs("QueryParameters"),
        None if body is None else body.encode("utf-8", "replace") if isinstance(body, str) else encode(body),
        _content_type(method, body),
    )


def read_run(request: TaskRequest) -> Run:
    """Return what a task of `eks:runJob` asks for. Raise `CallFailed`."""
    given = parameters_of(request)
    fields = Fields(request, given, _RUN)
    cluster, job = _cluster(fields), _json(given.get("Job"))
    if job is None:
        fields.text("Job")  # says that it is missing
    metadata = (job.get("metadata") or {}) if isinstance(job, dict) else None
    annotations = (metadata.get("annotations") or {}) if isinstance(metadata, dict) else None
    if not isinstance(metadata, dict) or not isinstance(annotations, dict):
        raise fields.invalid("Job")
    name = metadata.get("name") or _name(metadata.get("generateName"), request.idempotency_key)
    marked = metadata | {"name": name, "annotations": annotations | {TASK_ANNOTATION: request.idempotency_key}}
    namespace = fields.text("Namespace") if given.get("Namespace") else DEFAULT_NAMESPACE
    if not isinstance(name, str):
        raise fields.invalid("Job")
    return Run(cluster, namespace, name, job | {"metadata": marked}, _log_options(request, given, fields))


def _cluster(fields: Fields) -> Cluster:
    name, endpoint, encoded = (fields.text(field) for field in ("ClusterName", "Endpoint", "CertificateAuthority"))
    url = endpoint if "://" in endpoint else f"https://{endpoint}"
    if urlsplit(url).scheme != "https":  # the token is not for others to read
        raise fields.invalid("Endpoint")
    try:
        return Cluster(name, url, base64.b64decode(encoded, validate=True).decode("ascii"))
    except (binascii.Error, ValueError):
        raise fields.invalid("CertificateAuthority") from None


def _log_options(request: TaskRequest, given: dict[str, Any], fields: Fields) -> LogOptions:
    options = given.get("LogOptions") or {}
    if not isinstance(options, dict):
        raise fields.invalid("LogOptions")
    within = Fields(request, options, _LOG_OPTIONS)
    return LogOptions(
        options.get("RetrieveLogs") is True, options.get("RawLogs") is True, within.pairs("LogParameters")
    )


def _json(given: Any) -> Any:
    """Return a value that may also be given as its text."""
    try:
        return decode(given) if isinstance(given, str) else given
    except (DecodeError, RecursionError):
        return given


def _name(beginning: Any, key: str) -> str:
    """Return the name of a Job that has none: the same when the task is handed over again."""
    room = LONGEST_NAME - len(key)
    return (beginning[:room] if isinstance(beginning, str) and beginning else "job-") + key


def _content_type(method: str, body: Any) -> str:
    if method != "PATCH":
        return "application/json"
    kind = "json-patch" if isinstance(_json(body), list) else "merge-patch"
    return f"application/{kind}+json"
