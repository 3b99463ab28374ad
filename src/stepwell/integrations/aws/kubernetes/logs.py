"""The logs of the pods of a job that has ended: as well as they can be had, for how it has ended stays the same."""

from typing import Any
from urllib.parse import quote

from msgspec import DecodeError

from stepwell.integrations.aws.failures import CallFailed
from stepwell.integrations.aws.jobs.job import at
from stepwell.integrations.aws.kubernetes.clusters import PREFIX, Cluster, Clusters
from stepwell.integrations.aws.kubernetes.parameters import LogOptions
from stepwell.integrations.http.answers import answer_of
from stepwell.integrations.port import Failed, TaskRequest
from stepwell.language.document import decode

MOST_PODS = 100
MAX_LIST_BYTES = 4 * 1024 * 1024
MAX_LOG_BYTES = 256 * 1024
"""No state takes more."""


async def logs_of(
    clusters: Clusters, request: TaskRequest, cluster: Cluster, job: dict[str, Any], options: LogOptions
) -> dict[str, Any]:
    """Return the logs of a job, by pod and container; what can't be had is an error and a cause in its place."""
    namespace = quote(str(at(job, "metadata.namespace")), safe="")
    pods = f"/api/v1/namespaces/{namespace}/pods"
    chosen = at(job, "spec.selector.matchLabels") or {"job-name": at(job, "metadata.name")}
    selector = ",".join(f"{name}={value}" for name, value in chosen.items())
    query = [("labelSelector", selector), ("limit", str(MOST_PODS))]
    try:
        listed = await clusters.ask(request, cluster, "GET", pods, query=query, max_bytes=MAX_LIST_BYTES)
    except CallFailed as error:
        return _told(error.failure)
    found: dict[str, Any] = {}
    for pod in at(listed, "ResponseBody.items") or ():
        name = str(at(pod, "metadata.name"))
        path = f"{pods}/{quote(name, safe='')}/log"
        containers = [str(at(each, "name")) for each in at(pod, "spec.containers") or ()]
        logs = {each: await _log(clusters, request, cluster, path, each, options) for each in containers}
        found[name] = {"containers": logs}
    return {"pods": found}


async def _log(
    clusters: Clusters, request: TaskRequest, cluster: Cluster, path: str, container: str, options: LogOptions
) -> dict[str, Any]:
    query = [("container", container), *options.parameters]
    try:
        response = await clusters.send(request, cluster, "GET", path, query=query, max_bytes=MAX_LOG_BYTES)
    except CallFailed as error:
        return _told(error.failure)
    if not 200 <= response.status < 300:
        refused = answer_of(response, PREFIX)
        assert isinstance(refused, Failed), "only 2xx is an answer"
        return _told(refused)
    text = response.body.decode("utf-8", "replace")
    return {"log": text if options.raw else _parsed(text)}


def _parsed(text: str) -> Any:
    try:
        return decode(text)
    except (DecodeError, RecursionError):
        return text


def _told(failure: Failed) -> dict[str, Any]:
    return {"error": failure.error, "cause": failure.cause}
