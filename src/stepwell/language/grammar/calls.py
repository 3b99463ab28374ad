"""What AWS wants among the parameters of an optimized integration before it takes a definition."""

REQUIRED_PARAMETERS: dict[tuple[str, str], tuple[str, ...]] = {
    ("lambda", "invoke"): ("FunctionName",),
    ("http", "invoke"): ("ApiEndpoint", "Method", "InvocationConfig|Authentication"),
    ("sqs", "sendMessage"): ("QueueUrl", "MessageBody"),
    ("sns", "publish"): ("Message",),
    ("dynamodb", "putItem"): ("TableName", "Item"),
    ("dynamodb", "getItem"): ("TableName", "Key"),
    ("states", "startExecution"): ("StateMachineArn",),
    ("events", "putEvents"): ("Entries",),
    ("ecs", "runTask"): ("TaskDefinition",),
    ("glue", "startJobRun"): ("JobName",),
}
"""Service and action -> the parameters; one with a name that ends in `.$` counts; of `a|b`, either does."""
