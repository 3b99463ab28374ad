"""Amazon EMR as Step Functions names it: clusters and steps where EMR's API has job flows, and one thing at a time."""

from collections.abc import Awaitable, Callable
from typing import Any

from stepwell.integrations.aws.calls import ServiceCalls, parameters_of, result_of
from stepwell.integrations.aws.dialects import Service
from stepwell.integrations.aws.failures import CallFailed, failed
from stepwell.integrations.port import TaskRequest

MOST_PAGES = 20
Adapter = Callable[[ServiceCalls, TaskRequest, Service], Awaitable[dict[str, Any]]]


Change = Callable[[dict[str, Any]], dict[str, Any]]


def _renamed(before: str, after: str) -> Change:
    return lambda values: {after if name == before else name: value for name, value in values.items()}


def _listed(one: str, many: str) -> Change:
    return lambda values: {
        many if name == one else name: [value] if name == one else value for name, value in values.items()
    }


def _first(many: str, one: str) -> Change:
    def change(values: dict[str, Any]) -> dict[str, Any]:
        kept = {name: value for name, value in values.items() if name != many}
        return {one: values[many][0], **kept} if values.get(many) else kept

    return change


def _calling(operation: str, *asked: Change, answered: Change | None = None) -> Adapter:
    """Return what calls an operation of EMR's API, after some changes, and changes its answer."""

    async def adapter(calls: ServiceCalls, request: TaskRequest, service: Service) -> dict[str, Any]:
        parameters = parameters_of(request)
        for change in asked:
            parameters = change(parameters)
        result = result_of(service, await calls.ask(request, service, operation, parameters))
        return result if answered is None else answered(result)

    return adapter


async def _modify_fleet(calls: ServiceCalls, request: TaskRequest, service: Service) -> dict[str, Any]:
    given = parameters_of(request)
    fleet = given.get("InstanceFleet") or {}
    name = await _id_of(calls, request, service, "InstanceFleet")
    asked = {"ClusterId": given.get("ClusterId"), "InstanceFleet": {**fleet, "InstanceFleetId": name}}
    return result_of(service, await calls.ask(request, service, "ModifyInstanceFleet", asked))


async def _modify_group(calls: ServiceCalls, request: TaskRequest, service: Service) -> dict[str, Any]:
    given = parameters_of(request)
    group = given.get("InstanceGroup") or {}
    name = await _id_of(calls, request, service, "InstanceGroup")
    asked = {"ClusterId": given.get("ClusterId"), "InstanceGroups": [{**group, "InstanceGroupId": name}]}
    return result_of(service, await calls.ask(request, service, "ModifyInstanceGroups", asked))


async def _id_of(calls: ServiceCalls, request: TaskRequest, service: Service, noun: str) -> str:
    """Return the identifier of the cluster's instance fleet, or group, that is named. Raise `CallFailed`."""
    given = parameters_of(request)
    cluster, name = given.get("ClusterId"), given.get(f"{noun}Name")
    asked: dict[str, Any] = {"ClusterId": cluster}
    for _ in range(MOST_PAGES):
        page = (await calls.ask(request, service, f"List{noun}s", asked)).output
        found = next((str(item["Id"]) for item in page.get(f"{noun}s", ()) if item.get("Name") == name), None)
        if found is not None:
            return found
        if not page.get("Marker"):
            break
        asked["Marker"] = page["Marker"]
    words = f"The cluster {cluster} has nothing that its {noun}Name '{name}' names."
    raise CallFailed(failed(f"{service.prefix}.InvalidRequestException", words))


_TO_JOB_FLOWS = _listed("ClusterId", "JobFlowIds")

EMR_ADAPTERS: dict[str, Adapter] = {
    "elasticmapreduce:createCluster": _calling("RunJobFlow", answered=_renamed("JobFlowId", "ClusterId")),
    "elasticmapreduce:terminateCluster": _calling("TerminateJobFlows", _TO_JOB_FLOWS),
    "elasticmapreduce:setClusterTerminationProtection": _calling("SetTerminationProtection", _TO_JOB_FLOWS),
    "elasticmapreduce:addStep": _calling(
        *("AddJobFlowSteps", _listed("Step", "Steps"), _renamed("ClusterId", "JobFlowId")),
        answered=_first("StepIds", "StepId"),
    ),
    "elasticmapreduce:cancelStep": _calling(
        *("CancelSteps", _listed("StepId", "StepIds")), answered=_first("CancelStepsInfoList", "CancelStepsInfo")
    ),
    "elasticmapreduce:modifyInstanceFleetByName": _modify_fleet,
    "elasticmapreduce:modifyInstanceGroupByName": _modify_group,
}
