"""`eks:call` and `eks:runJob`: one call of a cluster; a Job that is created, waited for, and deleted when stopped."""

import asyncio
from collections import defaultdict
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from stepwell.integrations.aws.failures import CAUSE_LIMIT, TASK_FAILED, CallFailed, failed
from stepwell.integrations.aws.jobs.asking import (
    FIRST_PAUSE_SECONDS,
    MOST_AT_ONCE,
    Sleep,
    after_trouble,
    code_of,
    insistently,
    may_have_taken_effect,
)
from stepwell.integrations.aws.jobs.integration import STOP_ATTEMPTS, SUBMIT_ATTEMPTS
from stepwell.integrations.aws.jobs.job import ROLE, TASK_ANNOTATION, at, unmarked
from stepwell.integrations.aws.jobs.watching import Seen, watch_for_end
from stepwell.integrations.aws.kubernetes.clusters import Cluster, Clusters
from stepwell.integrations.aws.kubernetes.logs import logs_of
from stepwell.integrations.aws.kubernetes.parameters import Run, read_call, read_run
from stepwell.integrations.port import Answer, Failed, JobIntegration, Submitted, Succeeded, TaskRequest
from stepwell.language.document import Document, decode, encode, to_text
from stepwell.language.resources import SYNC, WAIT_FOR_TASK_TOKEN

CALL, RUN_JOB = "call", "runJob"
_ALREADY_EXISTS, _NOT_FOUND = "409", "404"
_ENDS = {"Complete": True, "Failed": False}


class KubernetesIntegration:
    """Serves what `eks` asks of clusters. What it asks of AWS goes to `others`."""

    def __init__(self, clusters: Clusters, others: JobIntegration, sleep: Sleep = asyncio.sleep) -> None:
        self._clusters = clusters
        self._others = others
        self._sleep = sleep
        self._looking: dict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(MOST_AT_ONCE))

    async def call(self, request: TaskRequest) -> Answer:
        """Call a cluster, or create a Job."""
        action, pattern = request.resource.action, request.resource.pattern
        if action not in {CALL, RUN_JOB}:
            return await self._others.call(request)
        job = None
        try:
            if action == CALL:
                asked = read_call(request)
                more = {"query": asked.query, "body": asked.body, "content_type": asked.content_type}
                output = await self._clusters.ask(request, asked.cluster, asked.method, asked.path, **more)
            else:
                run = read_run(request)
                output = await self._create(request, run, SUBMIT_ATTEMPTS if pattern == SYNC else 1)
                if not isinstance(uid := at(output, "ResponseBody.metadata.uid"), str):
                    said = f"The cluster {run.cluster.name} took the request, but its answer names no Job: "
                    return failed(TASK_FAILED, said + to_text(output))
                job = to_text(_reference(request, run, uid))
        except CallFailed as error:
            return error.failure
        if pattern == SYNC:
            return Submitted(Document(None, output), job)
        return (
            Submitted(Document(None, output)) if pattern == WAIT_FOR_TASK_TOKEN else Succeeded(Document(None, output))
        )

    async def _create(self, request: TaskRequest, run: Run, attempts: int) -> dict[str, Any]:
        """Create a Job, or find it where this task has created it before. Raise `CallFailed`."""
        pause = FIRST_PAUSE_SECONDS
        for left in reversed(range(attempts)):
            try:
                path, body = _path(run.namespace), encode(run.job)
                return _shown(await self._clusters.ask(request, run.cluster, "POST", path, body=body))
            except CallFailed as error:
                if code_of(error) == _ALREADY_EXISTS and (found := await self._ours(request, run)) is not None:
                    return found
                if not (left and may_have_taken_effect(error)):
                    raise
                pause = after_trouble(request, f"creating the Job {run.name}", error, pause)
            await self._sleep(pause)
        raise AssertionError("the last attempt returns or raises")

    async def _ours(self, request: TaskRequest, run: Run) -> dict[str, Any] | None:
        """Return the Job of this name as its creation was answered, if it is of this very task."""
        path = _path(run.namespace, run.name)
        try:
            found = await insistently(
                lambda: self._clusters.ask(request, run.cluster, "GET", path),
                *(
                    request,
                    f"finding the Job {run.name}",
                    None if request.redelivered else SUBMIT_ATTEMPTS,
                    self._sleep,
                ),
            )
        except CallFailed as error:
            if code_of(error) == _NOT_FOUND:
                return None
            raise
        mark = (at(found, "ResponseBody.metadata.annotations") or {}).get(TASK_ANNOTATION)
        created = {"StatusCode": 201, "StatusText": "Created"}
        return _shown(found | created) if mark == request.idempotency_key else None

    async def watch(self, request: TaskRequest, job: str) -> Succeeded | Failed:
        """Ask for a Job until it has ended; then for its logs, where they are wanted."""
        if request.resource.action != RUN_JOB:
            return await self._others.watch(request, job)
        cluster, path, reference = _referred(job)
        options = read_run(request).logs
        asked = replace(request, role_arn=reference.get(ROLE))

        async def look() -> Seen:
            async with self._looking[cluster.endpoint]:
                found = unmarked((await self._clusters.ask(asked, cluster, "GET", path))["ResponseBody"])
                if at(found, "metadata.uid") != reference["Uid"]:
                    return Seen(trouble=failed(TASK_FAILED, f"The Job {reference['Name']} was created, and is gone."))
                went_well = _outcome(found)
                if went_well is None:
                    return Seen()
                logs = {"logs": await logs_of(self._clusters, asked, cluster, found, options)} if options.wanted else {}
            return Seen(Succeeded(Document(None, found | logs)) if went_well else _failed(found, logs))

        return await watch_for_end(request, f"the Job {reference['Name']}", look, self._sleep)

    async def stop(self, request: TaskRequest, job: str) -> None:
        """Delete a Job, with its pods, unless it is gone."""
        if request.resource.action != RUN_JOB:
            return await self._others.stop(request, job)
        cluster, path, reference = _referred(job)
        asked = replace(request, role_arn=reference.get(ROLE))
        body = encode({"propagationPolicy": "Background", "preconditions": {"uid": reference["Uid"]}})
        try:
            await insistently(
                lambda: self._clusters.ask(asked, cluster, "DELETE", path, body=body),
                *(asked, f"deleting the Job {reference['Name']}", STOP_ATTEMPTS, self._sleep),
            )
        except CallFailed as error:
            if code_of(error) not in {_NOT_FOUND, _ALREADY_EXISTS}:  # a conflict: another Job has the name by now
                raise


def _path(namespace: str, name: str = "") -> str:
    jobs = f"/apis/batch/v1/namespaces/{quote(namespace, safe='')}/jobs"
    return f"{jobs}/{quote(name, safe='')}" if name else jobs


def _shown(output: dict[str, Any]) -> dict[str, Any]:
    return output | {"ResponseBody": unmarked(output["ResponseBody"])}


def _reference(request: TaskRequest, run: Run, uid: str) -> dict[str, str]:
    cluster = {"ClusterName": run.cluster.name, "Endpoint": run.cluster.endpoint, "Authority": run.cluster.authority}
    role = {} if request.role_arn is None else {ROLE: request.role_arn}
    return cluster | {"Namespace": run.namespace, "Name": run.name, "Uid": uid} | role


def _referred(job: str) -> tuple[Cluster, str, dict[str, str]]:
    reference = decode(job)
    cluster = Cluster(reference["ClusterName"], reference["Endpoint"], reference["Authority"])
    return cluster, _path(reference["Namespace"], reference["Name"]), reference


def _outcome(job: Any) -> bool | None:
    """Return whether a Job has ended well, or None while it goes on."""
    conditions = at(job, "status.conditions") or ()
    ends = [_ENDS[each["type"]] for each in conditions if each.get("type") in _ENDS and each.get("status") == "True"]
    return ends[0] if ends else None


def _failed(job: dict[str, Any], logs: dict[str, Any]) -> Failed:
    """Return the failure of a Job; its cause is JSON still where the logs are too long for it."""
    whole = to_text(job | logs)
    return failed(TASK_FAILED, whole if len(whole) <= CAUSE_LIMIT else to_text(job))
