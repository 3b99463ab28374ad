"""The jobs that a state can wait for: a row for each `.sync` resource of a service.

What is not stopped when nobody waits for it any more (clusters, node groups, Fargate profiles) isn't stopped by AWS
either: its documentation leaves that to the state machine. What has neither token nor mark can't be told apart by its
service when its submission comes again: DataBrew's runs and EMR's steps.
"""

from typing import Any

from stepwell.integrations.aws.jobs.job import KEY, TASK_ARGUMENT, TASK_MARK, Call, Find, Job, Mark, words

REASON = "The execution that waited for this does so no longer."
_MANAGED = ("MANAGED_BY_AWS", "STARTED_BY_STEP_FUNCTIONS")


def _ecs_went_well(task: Any) -> bool:
    """Return whether a task that has stopped did its work: it was started, and no container says otherwise."""
    codes = (container.get("ExitCode") for container in task.get("Containers", ()))
    return task.get("StopCode") != "TaskFailedToStart" and not any(codes)


ECS_RUN_TASK = Job(
    reference={"Cluster": "Tasks.0.ClusterArn", "Task": "Tasks.0.TaskArn"},
    describe=Call("DescribeTasks", {"Cluster": "{Cluster}", "Tasks": ["{Task}"]}),
    status="Tasks.0.LastStatus",
    going_on=words("PROVISIONING PENDING ACTIVATING RUNNING DEACTIVATING STOPPING DEPROVISIONING"),
    succeeded=words("STOPPED DELETED"),
    failed=frozenset(),
    result="Tasks.0",
    went_well=_ecs_went_well,
    stop=Call("StopTask", {"Cluster": "{Cluster}", "Task": "{Task}", "Reason": REASON}),
    recognised_by="ClientToken",
    defaults={"StartedBy": "AWS Step Functions"},
)

BATCH_SUBMIT_JOB = Job(
    reference={"JobId": "JobId"},
    describe=Call("DescribeJobs", {"Jobs": ["{JobId}"]}),
    status="Jobs.0.Status",
    going_on=words("SUBMITTED PENDING RUNNABLE STARTING RUNNING"),
    succeeded=words("SUCCEEDED"),
    failed=words("FAILED"),
    result="Jobs.0",
    stop=Call("TerminateJob", {"JobId": "{JobId}", "Reason": REASON}),
    marks=(
        Mark("ContainerOverrides.Environment", "Name", *_MANAGED),
        Mark("Tags", "map", TASK_MARK, KEY),
    ),
    find=Find(
        Call(
            "ListJobs", {"JobQueue": "{JobQueue}", "Filters": [{"Name": "JOB_NAME", "Values": ["{JobName}"]}]}
        ),
        items="JobSummaryList",
        reference={"JobId": "JobId"},
        page="NextToken",
        proof=Call("DescribeJobs", {"Jobs": ["{JobId}"]}),
    ),
)  # fmt: skip

GLUE_START_JOB_RUN = Job(
    reference={"JobName": "JobName", "RunId": "JobRunId"},
    describe=Call("GetJobRun", {"JobName": "{JobName}", "RunId": "{RunId}"}),
    status="JobRun.JobRunState",
    going_on=words("STARTING RUNNING STOPPING WAITING"),
    succeeded=words("SUCCEEDED"),
    failed=words("STOPPED FAILED TIMEOUT ERROR EXPIRED"),
    result="JobRun",
    stop=Call("BatchStopJobRun", {"JobName": "{JobName}", "JobRunIds": ["{RunId}"]}),
    marks=(Mark("Arguments", "map", TASK_ARGUMENT, KEY),),
    find=Find(
        Call("GetJobRuns", {"JobName": "{JobName}"}),
        items="JobRuns",
        reference={"JobName": "JobName", "RunId": "Id"},
        page="NextToken",
    ),
)

DATABREW_START_JOB_RUN = Job(
    reference={"Name": "Name", "RunId": "RunId"},
    describe=Call("DescribeJobRun", {"Name": "{Name}", "RunId": "{RunId}"}),
    status="State",
    going_on=words("STARTING RUNNING STOPPING"),
    succeeded=words("SUCCEEDED"),
    failed=words("STOPPED FAILED TIMEOUT"),
    stop=Call("StopJobRun", {"Name": "{Name}", "RunId": "{RunId}"}),
)

ATHENA_START_QUERY = Job(
    reference={"QueryExecutionId": "QueryExecutionId"},
    describe=Call("GetQueryExecution", {"QueryExecutionId": "{QueryExecutionId}"}),
    status="QueryExecution.Status.State",
    going_on=words("QUEUED RUNNING"),
    succeeded=words("SUCCEEDED"),
    failed=words("FAILED CANCELLED"),
    stop=Call("StopQueryExecution", {"QueryExecutionId": "{QueryExecutionId}"}),
    recognised_by="ClientRequestToken",
)

MEDIACONVERT_CREATE_JOB = Job(
    reference={"Id": "Job.Id"},
    describe=Call("GetJob", {"Id": "{Id}"}),
    status="Job.Status",
    going_on=words("SUBMITTED PROGRESSING"),
    succeeded=words("COMPLETE"),
    failed=words("CANCELED ERROR"),
    stop=Call("CancelJob", {"Id": "{Id}"}),
    recognised_by="ClientRequestToken",
)

BEDROCK_CUSTOMIZE = Job(
    reference={"JobIdentifier": "JobArn"},
    describe=Call("GetModelCustomizationJob", {"JobIdentifier": "{JobIdentifier}"}),
    status="Status",
    going_on=words("InProgress Stopping"),
    succeeded=words("Completed"),
    failed=words("Failed Stopped"),
    stop=Call("StopModelCustomizationJob", {"JobIdentifier": "{JobIdentifier}"}),
    recognised_by="ClientRequestToken",
)


def _codebuild(noun: str, plural: str) -> Job:
    return Job(
        reference={"Id": f"{noun}.Id"},
        describe=Call(f"BatchGet{plural}", {"Ids": ["{Id}"]}),
        status=f"{plural}.0.{noun}Status",
        going_on=words("IN_PROGRESS"),
        succeeded=words("SUCCEEDED"),
        failed=words("FAILED FAULT TIMED_OUT STOPPED"),
        result=f"{plural}.0",
        named=noun,
        stop=Call(f"Stop{noun}", {"Id": "{Id}"}),
        recognised_by="IdempotencyToken",
    )


def _sagemaker(kind: str, going_on: str = "InProgress Stopping", failed: str = "Failed Stopped") -> Job:
    name, arn = f"{kind}JobName", f"{kind}JobArn"
    describe = Call(f"Describe{kind}Job", {name: f"{{{name}}}"})
    return Job(
        reference={name: name},
        describe=describe,
        status=f"{kind}JobStatus",
        going_on=words(going_on),
        succeeded=words("Completed"),
        failed=words(failed),
        stop=Call(f"Stop{kind}Job", {name: f"{{{name}}}"}),
        marks=(Mark("Tags", "Key", *_MANAGED), Mark("Tags", "Key", TASK_MARK, KEY)),
        find=Find(
            describe,
            items="",
            reference={name: name},
            proof=Call("ListTags", {"ResourceArn": f"{{{arn}}}"}),
            absent=words("ValidationException ResourceNotFound"),
        ),
    )


SERVICES: dict[str, dict[str, Job]] = {
    "ecs": {"runTask": ECS_RUN_TASK},
    "batch": {"submitJob": BATCH_SUBMIT_JOB},
    "glue": {"startJobRun": GLUE_START_JOB_RUN},
    "databrew": {"startJobRun": DATABREW_START_JOB_RUN},
    "athena": {"startQueryExecution": ATHENA_START_QUERY},
    "mediaconvert": {"createJob": MEDIACONVERT_CREATE_JOB},
    "bedrock": {"createModelCustomizationJob": BEDROCK_CUSTOMIZE},
    "codebuild": {
        "startBuild": _codebuild("Build", "Builds"),
        "startBuildBatch": _codebuild("BuildBatch", "BuildBatches"),
    },
    "sagemaker": {
        "createTrainingJob": _sagemaker("Training", failed="Failed Stopped Deleting"),
        "createTransformJob": _sagemaker("Transform"),
        "createProcessingJob": _sagemaker("Processing"),
        "createLabelingJob": _sagemaker("Labeling", going_on="Initializing InProgress Stopping"),
        "createHyperParameterTuningJob": _sagemaker(
            "HyperParameterTuning", failed="Failed Stopped Deleting DeleteFailed"
        ),
    },
}
