"""What the `Resource` of a Task names: a function, an activity, or an action of a service with a pattern.

`arn:{partition}:lambda:{region}:{account}:function:{name}[:{qualifier}]`
`arn:{partition}:states:{region}:{account}:activity:{name}`
`arn:{partition}:states:{region?}:{account?}:{service}:{action}[.sync|.sync:2|.waitForTaskToken]`
`arn:{partition}:states:{region?}:{account?}:aws-sdk:{service}:{action}[.waitForTaskToken]`
"""

import re
from dataclasses import dataclass

REQUEST_RESPONSE, SYNC, SYNC_2, WAIT_FOR_TASK_TOKEN = "", "sync", "sync:2", "waitForTaskToken"
_PATTERNS = (SYNC_2, SYNC, WAIT_FOR_TASK_TOKEN)
_ARN = re.compile(
    r"arn:(?P<partition>aws[a-z-]*):(?P<service>[a-z-]+):(?P<region>[^:]*):(?P<account>[^:]*):(?P<rest>.+)", re.DOTALL
)

# The optimized integrations: service -> action -> patterns beside request/response ("s" sync, "w" waitForTaskToken).
OPTIMIZED: dict[str, dict[str, str]] = {
    "lambda": {"invoke": "w"},
    "dynamodb": {"getItem": "", "putItem": "", "updateItem": "", "deleteItem": ""},
    "sns": {"publish": "w"},
    "sqs": {"sendMessage": "w"},
    "events": {"putEvents": "w"},
    "states": {"startExecution": "sw"},
    "athena": {"startQueryExecution": "s", "stopQueryExecution": "", "getQueryExecution": "", "getQueryResults": ""},
    "apigateway": {"invoke": "w"},
    "http": {"invoke": ""},
    "bedrock": {"invokeModel": "w", "createModelCustomizationJob": "s"},
    "batch": {"submitJob": "s"},
    "ecs": {"runTask": "sw"},
    "glue": {"startJobRun": "s"},
    "databrew": {"startJobRun": "s"},
    "mediaconvert": {"createJob": "s"},
    "sagemaker": {
        "createEndpoint": "", "createEndpointConfig": "", "createModel": "", "updateEndpoint": "",
        "createTrainingJob": "s", "createTransformJob": "s", "createProcessingJob": "s", "createLabelingJob": "s",
        "createHyperParameterTuningJob": "s",
    },
    "codebuild": {
        "startBuild": "s", "stopBuild": "", "batchDeleteBuilds": "", "batchGetReports": "", "startBuildBatch": "s",
        "stopBuildBatch": "", "retryBuildBatch": "", "deleteBuildBatch": "",
    },
    "elasticmapreduce": {
        "createCluster": "s", "terminateCluster": "s", "addStep": "s", "cancelStep": "",
        "setClusterTerminationProtection": "", "modifyInstanceFleetByName": "", "modifyInstanceGroupByName": "",
    },
    "eks": {
        "call": "w", "runJob": "sw", "createCluster": "s", "deleteCluster": "s", "createNodegroup": "s",
        "deleteNodegroup": "s", "createFargateProfile": "s", "deleteFargateProfile": "s",
    },
    "emr-containers": {"createVirtualCluster": "", "deleteVirtualCluster": "s", "startJobRun": "s"},
    "emr-serverless": {
        "createApplication": "s", "startApplication": "s", "stopApplication": "s", "deleteApplication": "s",
        "startJobRun": "s", "cancelJobRun": "s",
    },
}  # fmt: skip

# The services of AWS SDK integrations whose name in botocore, without hyphens, is not the key that resources have.
BOTOCORE_NAMES = {
    "applicationdiscovery": "discovery",
    "cloudwatchlogs": "logs",
    "cognitoidentityprovider": "cognito-idp",
    "costandusagereport": "cur",
    "costexplorer": "ce",
    "databasemigration": "dms",
    "directory": "ds",
    "directoryservicedata": "ds-data",
    "elasticloadbalancing": "elb",
    "elasticloadbalancingv2": "elbv2",
    "elasticsearch": "es",
    "eventbridge": "events",
    "iotdataplane": "iot-data",
    "iotjobsdataplane": "iot-jobs-data",
    "lexmodelbuilding": "lex-models",
    "lexmodelsv2": "lexv2-models",
    "lexruntimev2": "lexv2-runtime",
    "marketplacemetering": "meteringmarketplace",
    "migrationhub": "mgh",
    "serverlessapplicationrepository": "serverlessrepo",
    "sfn": "stepfunctions",
    "simpledb": "sdb",
}


class UnknownResource(ValueError):
    """The text names nothing that a Task could call."""


@dataclass(frozen=True, slots=True)
class Resource:
    """What a Task calls. `kind` is "function", "activity" or "service"."""

    arn: str
    kind: str
    service: str
    """`lambda`, `activity`, the service of an optimized integration, or `aws-sdk:{service}`: history's resourceType."""
    action: str
    """The function's name (with its qualifier), the activity's name, or the service's action."""
    pattern: str = REQUEST_RESPONSE
    region: str = ""
    account: str = ""

    @property
    def label(self) -> str:
        """The action with its pattern, as history's `resource` has it: `invoke.waitForTaskToken`."""
        return f"{self.action}.{self.pattern}" if self.pattern else self.action


def parse_resource(arn: str) -> Resource:
    """Return what an ARN names; raise `UnknownResource` where it names nothing."""
    match = _ARN.fullmatch(arn)
    if match is None:
        raise UnknownResource(arn)
    service, region, account, rest = match["service"], match["region"], match["account"], match["rest"]
    if service == "lambda" and rest.startswith("function:") and len(rest) > len("function:"):
        return Resource(arn, "function", "lambda", rest.removeprefix("function:"), region=region, account=account)
    if service != "states":
        raise UnknownResource(arn)
    if rest.startswith("activity:") and len(rest) > len("activity:"):
        return Resource(arn, "activity", "activity", rest.removeprefix("activity:"), region=region, account=account)
    return _service(arn, rest, region, account)


def _service(arn: str, rest: str, region: str, account: str) -> Resource:
    pattern = next((known for known in _PATTERNS if rest.endswith(f".{known}")), REQUEST_RESPONSE)
    named = rest.removesuffix(f".{pattern}") if pattern else rest
    service, _, action = named.rpartition(":")
    if service.startswith("aws-sdk:"):
        known = re.fullmatch(r"aws-sdk:[a-z0-9]+", service) and re.fullmatch(r"[a-z][a-zA-Z0-9]*", action)
        if not known or pattern in {SYNC, SYNC_2}:
            raise UnknownResource(arn)
    else:
        patterns = OPTIMIZED.get(service, {}).get(action)
        if patterns is None or (pattern and pattern[0] not in patterns):
            raise UnknownResource(arn)
        if pattern == SYNC_2 and service != "states":
            raise UnknownResource(arn)
    return Resource(arn, "service", service, action, pattern, region, account)
