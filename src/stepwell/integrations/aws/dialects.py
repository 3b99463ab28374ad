"""How the services speak within a state: AWS SDK integrations in one way, optimized integrations in an older one."""

from dataclasses import dataclass
from typing import Any

from stepwell.integrations.aws.names import capitalised, member
from stepwell.integrations.aws.shapes import epoch_ms, from_members, iso


@dataclass(frozen=True, slots=True)
class Service:
    """A service as states know it."""

    name: str
    """As botocore has it: `sqs`, `events`."""
    prefix: str
    """What its errors begin with."""
    title: str = ""
    """What errors call it (SDK for Java, version 2): as a rule the prefix."""
    older_name: str = ""
    """What errors call it in an optimized integration: `AmazonSQS` (version 1). Empty for the newer ones."""
    older_exception: str = ""
    """The class of errors that the model does not know."""
    metadata: bool = False
    """Whether a result has SdkHttpMetadata and SdkResponseMetadata."""

    def shown(self, output: Any, shape: Any) -> Any:
        """Return an answer by the names and with the times that states see."""
        return from_members(output, shape, *((capitalised, epoch_ms) if self.older_name else (member, iso)))


def older(name: str, prefix: str, older_name: str, exception: str = "", *, metadata: bool = True) -> Service:
    """Return a service of an optimized integration."""
    return Service(name, prefix, prefix, older_name, exception or f"{older_name}Exception", metadata)


# The optimized integrations that are calls of a service, by the service's name in their resource.
OPTIMIZED_SERVICES = {
    "athena": older("athena", "Athena", "AmazonAthena"),
    "batch": older("batch", "Batch", "AWSBatch"),
    "bedrock": Service("bedrock", "Bedrock", "Bedrock"),
    "codebuild": older("codebuild", "CodeBuild", "AWSCodeBuild"),
    "databrew": older("databrew", "DataBrew", "AWSGlueDataBrew"),
    "dynamodb": older("dynamodb", "DynamoDB", "AmazonDynamoDBv2", "AmazonDynamoDBException"),
    "ecs": older("ecs", "ECS", "AmazonECS"),
    "eks": older("eks", "EKS", "AmazonEKS"),
    "elasticmapreduce": older("emr", "ElasticMapReduce", "AmazonElasticMapReduce"),
    "emr-containers": older("emr-containers", "EMRContainers", "AmazonEMRContainers"),
    "emr-serverless": older("emr-serverless", "EMRServerless", "AWSEMRServerless"),
    "events": older("events", "EventBridge", "AmazonEventBridge", metadata=False),
    "glue": older("glue", "Glue", "AWSGlue"),
    "mediaconvert": older("mediaconvert", "MediaConvert", "AWSMediaConvert"),
    "sagemaker": older("sagemaker", "SageMaker", "AmazonSageMaker"),
    "sns": older("sns", "SNS", "AmazonSNS"),
    "sqs": older("sqs", "SQS", "AmazonSQS"),
}
