"""The jobs of the services that run clusters: EMR in its three forms, and EKS."""

from stepwell.integrations.aws.jobs.job import KEY, TASK_MARK, Call, Find, Job, Mark, words

_GONE = frozenset({"ResourceNotFoundException"})


_CLUSTER = Call("DescribeCluster", {"ClusterId": "{ClusterId}"})
_STEP = {"ClusterId": "{ClusterId}", "StepId": "{StepId}"}

EMR_CREATE_CLUSTER = Job(
    reference={"ClusterId": "ClusterId"},
    describe=_CLUSTER,
    status="Cluster.Status.State",
    going_on=words("STARTING BOOTSTRAPPING RUNNING TERMINATING"),
    succeeded=words("WAITING"),
    failed=words("TERMINATED TERMINATED_WITH_ERRORS"),
    kept=("ClusterId",),
    marks=(Mark("Tags", "Key", TASK_MARK, KEY),),
    find=Find(
        Call("ListClusters", {}),
        items="Clusters",
        reference={"ClusterId": "Id"},
        same={"Name": "Name"},
        page="Marker",
        proof=_CLUSTER,
    ),
)

EMR_TERMINATE_CLUSTER = Job(
    reference={"ClusterId": "ClusterId"},
    describe=_CLUSTER,
    status="Cluster.Status.State",
    going_on=words("STARTING BOOTSTRAPPING RUNNING WAITING TERMINATING"),
    succeeded=words("TERMINATED TERMINATED_WITH_ERRORS"),
    failed=frozenset(),
    kept=("ClusterId",),
)

EMR_ADD_STEP = Job(
    reference={"ClusterId": "ClusterId", "StepId": "StepId"},
    describe=Call("DescribeStep", _STEP),
    status="Step.Status.State",
    going_on=words("PENDING RUNNING CANCEL_PENDING"),
    succeeded=words("COMPLETED"),
    failed=words("CANCELLED FAILED INTERRUPTED"),
    kept=("StepId",),
    stop=Call("CancelSteps", {"ClusterId": "{ClusterId}", "StepIds": ["{StepId}"]}),
)

_RUN_ON_EKS = {"Id": "{Id}", "VirtualClusterId": "{VirtualClusterId}"}

EMR_CONTAINERS_START_JOB_RUN = Job(
    reference={"Id": "Id", "VirtualClusterId": "VirtualClusterId"},
    describe=Call("DescribeJobRun", _RUN_ON_EKS),
    status="JobRun.State",
    going_on=words("PENDING SUBMITTED RUNNING CANCEL_PENDING"),
    succeeded=words("COMPLETED"),
    failed=words("FAILED CANCELLED"),
    result="JobRun",
    stop=Call("CancelJobRun", _RUN_ON_EKS),
    recognised_by="ClientToken",
)

EMR_CONTAINERS_DELETE_CLUSTER = Job(
    reference={"Id": "Id"},
    describe=Call("DescribeVirtualCluster", {"Id": "{Id}"}),
    status="VirtualCluster.State",
    going_on=words("RUNNING TERMINATING"),
    succeeded=words("TERMINATED"),
    failed=words("ARRESTED"),
    result="VirtualCluster",
    ends_gone=True,
    again=_GONE | {"ValidationException"},
)

_SERVERLESS_RUN = {"ApplicationId": "{ApplicationId}", "JobRunId": "{JobRunId}"}
_SERVERLESS_REFERENCE = {"ApplicationId": "ApplicationId", "JobRunId": "JobRunId"}

EMR_SERVERLESS_START_JOB_RUN = Job(
    reference=_SERVERLESS_REFERENCE,
    describe=Call("GetJobRun", _SERVERLESS_RUN),
    status="JobRun.State",
    going_on=words("SUBMITTED PENDING SCHEDULED QUEUED RUNNING CANCELLING"),
    succeeded=words("SUCCESS"),
    failed=words("FAILED CANCELLED"),
    result="JobRun",
    stop=Call("CancelJobRun", _SERVERLESS_RUN),
    recognised_by="ClientToken",
)

EMR_SERVERLESS_CANCEL_JOB_RUN = Job(
    reference=_SERVERLESS_REFERENCE,
    describe=Call("GetJobRun", _SERVERLESS_RUN),
    status="JobRun.State",
    going_on=words("SUBMITTED PENDING SCHEDULED QUEUED RUNNING CANCELLING"),
    succeeded=words("CANCELLED"),
    failed=words("SUCCESS FAILED"),
    result="JobRun",
)


def _application(going_on: str, succeeded: str, failed: str, *, stop: str = "", ends_gone: bool = False) -> Job:
    return Job(
        reference={"ApplicationId": "ApplicationId"},
        describe=Call("GetApplication", {"ApplicationId": "{ApplicationId}"}),
        status="Application.State",
        going_on=words(going_on),
        succeeded=words(succeeded),
        failed=words(failed),
        result="Application",
        ends_gone=ends_gone,
        stop=Call(stop, {"ApplicationId": "{ApplicationId}"}) if stop else None,
        recognised_by="ClientToken" if stop == "DeleteApplication" else "",
        again=_GONE if ends_gone else frozenset(),
    )


def _eks(noun: str, going_on: str, succeeded: str, failed: str) -> Job:
    """Return the row of making a thing of EKS, or of deleting it, where no status is the end of it."""
    names = ("Name",) if noun == "Cluster" else ("ClusterName", f"{noun}Name")
    return Job(
        reference={name: name for name in names},
        describe=Call(f"Describe{noun}", {name: f"{{{name}}}" for name in names}),
        status=f"{noun}.Status",
        going_on=words(going_on),
        succeeded=words(succeeded),
        failed=words(failed),
        ends_gone=not succeeded,
        recognised_by="ClientRequestToken" if succeeded else "",
        again=frozenset() if succeeded else _GONE | {"ResourceInUseException"},
    )


SERVICES: dict[str, dict[str, Job]] = {
    "elasticmapreduce": {
        "createCluster": EMR_CREATE_CLUSTER,
        "terminateCluster": EMR_TERMINATE_CLUSTER,
        "addStep": EMR_ADD_STEP,
    },
    "emr-containers": {
        "startJobRun": EMR_CONTAINERS_START_JOB_RUN,
        "deleteVirtualCluster": EMR_CONTAINERS_DELETE_CLUSTER,
    },
    "emr-serverless": {
        "startJobRun": EMR_SERVERLESS_START_JOB_RUN,
        "cancelJobRun": EMR_SERVERLESS_CANCEL_JOB_RUN,
        "createApplication": _application(
            "CREATING", "CREATED STARTING STARTED STOPPING STOPPED", "TERMINATED", stop="DeleteApplication"
        ),
        "startApplication": _application(
            "CREATING CREATED STARTING", "STARTED", "STOPPING STOPPED TERMINATED", stop="StopApplication"
        ),
        "stopApplication": _application("CREATING STARTING STARTED STOPPING", "CREATED STOPPED", "TERMINATED"),
        "deleteApplication": _application(
            "CREATING CREATED STARTING STARTED STOPPING STOPPED", "TERMINATED", "", ends_gone=True
        ),
    },
    "eks": {
        "createCluster": _eks("Cluster", "CREATING PENDING UPDATING", "ACTIVE", "FAILED DELETING"),
        "deleteCluster": _eks("Cluster", "CREATING PENDING ACTIVE UPDATING DELETING", "", "FAILED"),
        "createNodegroup": _eks(
            "Nodegroup", "CREATING UPDATING", "ACTIVE", "CREATE_FAILED DEGRADED DELETING DELETE_FAILED"
        ),
        "deleteNodegroup": _eks(
            "Nodegroup", "CREATING ACTIVE UPDATING DELETING CREATE_FAILED DEGRADED", "", "DELETE_FAILED"
        ),
        "createFargateProfile": _eks("FargateProfile", "CREATING", "ACTIVE", "CREATE_FAILED DELETING DELETE_FAILED"),
        "deleteFargateProfile": _eks("FargateProfile", "CREATING ACTIVE DELETING CREATE_FAILED", "", "DELETE_FAILED"),
    },
}
