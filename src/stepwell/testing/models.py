"""The models of AWS's services, as botocore brings them along: read when they are first asked for.

Reading one takes some milliseconds (of the largest, some hundred), so whoever must not wait asks in a thread.
"""

import re
from functools import lru_cache
from importlib import import_module
from typing import Any

from stepwell.language.resources import BOTOCORE_NAMES, SYNC, SYNC_2, Resource

KEPT_MODELS = 16
KEPT_SHAPES = 256

# Optimized integrations whose name is not botocore's.
_OPTIMIZED_NAMES = {"states": "stepfunctions", "elasticmapreduce": "emr"}
# Those that are not one operation of one service: their results are of their own.
_OF_THEIR_OWN = {("apigateway", "invoke"), ("http", "invoke"), ("eks", "call"), ("eks", "runJob")}
_OPERATIONS = {
    ("bedrock", "invokeModel"): ("bedrock-runtime", "InvokeModel"),
    ("elasticmapreduce", "createCluster"): ("emr", "RunJobFlow"),
    ("elasticmapreduce", "terminateCluster"): ("emr", "TerminateJobFlows"),
    ("elasticmapreduce", "addStep"): ("emr", "AddJobFlowSteps"),
}
# What answers for a job that has ended, where the shape of that answer is the task's result.
_ENDS = {("states", "startExecution"): ("stepfunctions", "DescribeExecution")}


def result_shape(resource: Resource) -> Any | None:
    """Return botocore's shape of what a Task of this resource has for its result; None where nothing is known."""
    if resource.kind != "service":
        return None
    service, action = resource.service, resource.action
    if resource.pattern in {SYNC, SYNC_2}:
        found = _ENDS.get((service, action))
        return None if found is None else _output_shape(*found)
    if resource.pattern or (service, action) in _OF_THEIR_OWN:
        return None  # what a task token brings is anybody's
    operation = action[0].upper() + action[1:]
    if service.startswith("aws-sdk:"):
        key = service.removeprefix("aws-sdk:")
        return _output_shape(BOTOCORE_NAMES.get(key, key), operation)
    return _output_shape(*_OPERATIONS.get((service, action), (_OPTIMIZED_NAMES.get(service, service), operation)))


@lru_cache(KEPT_SHAPES)
def _output_shape(service: str, operation: str) -> Any | None:
    name = _names().get(_flat(service))
    model = None if name is None else _model(name)
    if model is None:
        return None
    known = {_flat(existing): existing for existing in model.operation_names}.get(_flat(operation))
    return None if known is None else model.operation_model(known).output_shape


@lru_cache(1)
def _loader() -> Any:
    return import_module("botocore.loaders").create_loader()  # read only where it is needed


@lru_cache(1)
def _names() -> dict[str, str]:
    return {_flat(name): name for name in _loader().list_available_services("service-2")}


@lru_cache(KEPT_MODELS)
def _model(name: str) -> Any:
    return import_module("botocore.model").ServiceModel(_loader().load_service_model(name, "service-2"), name)


def _flat(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
