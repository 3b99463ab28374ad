"""Jobs of ECS, Batch, Glue, SageMaker and EMR through real HTTP to moto's server."""

import functools
import json

import boto3
import pytest

from e2e.definitions import states
from e2e.server import ACCOUNT, REGION, ROLE, Server, ended, eventually, whole_history
from jobs.moto_server import moto_server

TRAINING = {
    "TrainingJobName": "train",
    "RoleArn": ROLE,
    "AlgorithmSpecification": {"TrainingImage": "i", "TrainingInputMode": "File"},
    "OutputDataConfig": {"S3OutputPath": "s3://bucket/out"},
    "ResourceConfig": {"InstanceType": "ml.m4.xlarge", "InstanceCount": 1, "VolumeSizeInGB": 1},
    "StoppingCondition": {"MaxRuntimeInSeconds": 60},
}


@pytest.fixture(scope="module")
def moto(tmp_path_factory):
    with moto_server(tmp_path_factory.mktemp("moto")) as moto:
        moto.use_no_docker()
        yield moto


@pytest.fixture(scope="module")
def server(moto, tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("jobs") / "data", environment={"AWS_ENDPOINT_URL": moto.url}).start()
    yield server
    assert server.stop() == 0


@pytest.fixture(scope="module")
def aws(moto):
    """Return clients of moto, in the server's account."""
    return functools.partial(
        *(boto3.client,),
        endpoint_url=moto.url,
        region_name=REGION,
        aws_access_key_id=ACCOUNT,
        aws_secret_access_key="secret",
    )


@pytest.fixture
def run(server, request):
    client = server.client()
    name = request.node.name.replace("[", "-").replace("]", "")

    def run(resource, **fields):
        definition = states(Job={"Type": "Task", "Resource": f"arn:aws:states:::{resource}.sync", **fields})
        made = client.create_state_machine(name=name, definition=json.dumps(definition), roleArn=ROLE)
        return client.start_execution(stateMachineArn=made["stateMachineArn"])["executionArn"]

    return run


@pytest.fixture(scope="module")
def fargate(aws):
    """Return what a task of ECS needs."""
    ec2 = aws("ec2")
    subnet = ec2.describe_subnets()["Subnets"][0]
    aws("ecs").create_cluster(clusterName="c")
    aws("ecs").register_task_definition(
        family="t",
        containerDefinitions=[{"name": "main", "image": "busybox", "cpu": 1, "memory": 4}],
        requiresCompatibilities=["FARGATE"],
        networkMode="awsvpc",
    )
    groups = ec2.describe_security_groups(Filters=[{"Name": "vpc-id", "Values": [subnet["VpcId"]]}])["SecurityGroups"]
    network = {"Subnets": [subnet["SubnetId"]], "SecurityGroups": [groups[0]["GroupId"]]}
    return {
        "Cluster": "c",
        "TaskDefinition": "t",
        "LaunchType": "FARGATE",
        "NetworkConfiguration": {"AwsvpcConfiguration": network},
    }


@pytest.fixture(scope="module")
def queue(aws):
    """Return what a job of Batch needs."""
    aws("iam").create_role(RoleName="batch", AssumeRolePolicyDocument="{}")
    role = aws("iam").get_role(RoleName="batch")["Role"]["Arn"]
    batch = aws("batch")
    environment = batch.create_compute_environment(
        computeEnvironmentName="environment", type="UNMANAGED", state="ENABLED", serviceRole=role
    )["computeEnvironmentArn"]
    batch.create_job_queue(
        jobQueueName="q",
        state="ENABLED",
        priority=1,
        computeEnvironmentOrder=[{"order": 1, "computeEnvironment": environment}],
    )
    batch.register_job_definition(
        jobDefinitionName="d", type="container", containerProperties={"image": "busybox", "vcpus": 1, "memory": 4}
    )
    return {"JobName": "n", "JobQueue": "q", "JobDefinition": "d"}


@pytest.fixture(scope="module")
def etl(aws):
    """Return what a run of Glue needs."""
    aws("glue").create_job(
        Name="etl", Role=ROLE, Command={"Name": "glueetl"}, ExecutionProperty={"MaxConcurrentRuns": 9}
    )
    return {"JobName": "etl"}


def result(server, arn):
    found = ended(server.client(), arn)
    assert found["status"] == "SUCCEEDED", found
    kinds = [event["type"] for event in whole_history(server.client(), arn)]
    assert kinds[2:6] == ["TaskScheduled", "TaskStarted", "TaskSubmitted", "TaskSucceeded"]
    return json.loads(found["output"])


def test_a_task_of_ecs_ends_well(server, run, moto, aws, fargate):
    moto.advance("ecs::task", progression="immediate")
    task = result(server, run("ecs:runTask", Parameters=fargate))
    assert (task["LastStatus"], task["StartedBy"]) == ("STOPPED", "AWS Step Functions")
    assert [container["ExitCode"] for container in task["Containers"]] == [0]


def test_a_job_of_batch_ends_well(server, run, moto, aws, queue):
    job = result(server, run("batch:submitJob", Parameters=queue))
    assert job["Status"] == "SUCCEEDED"
    assert {"Name": "MANAGED_BY_AWS", "Value": "STARTED_BY_STEP_FUNCTIONS"} in job["Container"]["Environment"]


def test_a_run_of_glue_ends_well(server, run, moto, aws, etl):
    moto.advance("glue::job_run", progression="manual", times=2)
    found = result(server, run("glue:startJobRun", Parameters={**etl, "Arguments": {"--day": "1"}}))
    assert (found["JobName"], found["JobRunState"], found["Arguments"]["--day"]) == ("etl", "SUCCEEDED", "1")


def test_a_training_job_ends_well_and_its_name_is_taken_from_then_on(server, run, moto, aws):
    found = result(server, run("sagemaker:createTrainingJob", Parameters=TRAINING))
    assert (found["TrainingJobName"], found["TrainingJobStatus"]) == ("train", "Completed")
    tags = aws("sagemaker").list_tags(ResourceArn=found["TrainingJobArn"])["Tags"]
    assert {"Key": "MANAGED_BY_AWS", "Value": "STARTED_BY_STEP_FUNCTIONS"} in tags


@pytest.mark.parametrize("how", ["stop", "timeout"])
def test_a_task_of_ecs_is_stopped_with_its_execution(server, run, moto, aws, fargate, how):
    moto.advance("ecs::task", progression="manual", times=1_000_000)
    before = set(aws("ecs").list_tasks(cluster="c", desiredStatus="RUNNING")["taskArns"])
    more = {"TimeoutSeconds": 1} if how == "timeout" else {}
    arn = run("ecs:runTask", Parameters=fargate, **more)
    (task,) = eventually(
        lambda: {*aws("ecs").list_tasks(cluster="c", desiredStatus="RUNNING")["taskArns"]} - before, bool
    )
    if how == "stop":
        server.client().stop_execution(executionArn=arn)
    found = ended(server.client(), arn)
    assert found["status"] == ("ABORTED" if how == "stop" else "FAILED")
    assert found.get("error") == (None if how == "stop" else "States.Timeout")
    eventually(
        lambda: aws("ecs").describe_tasks(cluster="c", tasks=[task])["tasks"][0]["desiredStatus"],
        lambda status: status == "STOPPED",
    )


def emr(action, **parameters):
    """Return a state that calls EMR, and keeps its result."""
    name = action.partition(".")[0]
    resource = f"arn:aws:states:::elasticmapreduce:{action}"
    return {"Type": "Task", "Resource": resource, "Parameters": parameters, "ResultPath": f"$.{name}"}


CLUSTER_ID = {"ClusterId.$": "$.createCluster.ClusterId"}


def test_a_cluster_of_emr_is_made_used_changed_and_ended_by_the_names_of_step_functions(server, aws):
    groups = [{"Name": "master", "InstanceRole": "MASTER", "InstanceType": "m4.large", "InstanceCount": 1},
              {"Name": "core", "InstanceRole": "CORE", "InstanceType": "m4.large", "InstanceCount": 1}]  # fmt: skip
    definition = states(
        Create=emr(
            "createCluster.sync",
            Name="cluster",
            ReleaseLabel="emr-7.0.0",
            JobFlowRole="EMR_EC2_DefaultRole",
            ServiceRole="EMR_DefaultRole",
            Instances={"KeepJobFlowAliveWhenNoSteps": True, "InstanceGroups": groups},
        ),
        Protect=emr("setClusterTerminationProtection", **CLUSTER_ID, TerminationProtected=True),
        Free=emr("setClusterTerminationProtection", **CLUSTER_ID, TerminationProtected=False),
        Add=emr(
            "addStep",
            **CLUSTER_ID,
            Step={"Name": "one", "ActionOnFailure": "CONTINUE", "HadoopJarStep": {"Jar": "command-runner.jar"}},
        ),
        Grow=emr(
            "modifyInstanceGroupByName", **CLUSTER_ID, InstanceGroupName="core", InstanceGroup={"InstanceCount": 3}
        ),
        Terminate=emr("terminateCluster.sync", **CLUSTER_ID),
    )
    client = server.client()
    made = client.create_state_machine(name="emr", definition=json.dumps(definition), roleArn=ROLE)
    arn = client.start_execution(stateMachineArn=made["stateMachineArn"], input="{}")["executionArn"]
    found = ended(client, arn)
    assert found["status"] == "SUCCEEDED", found
    output = json.loads(found["output"])
    cluster = output["createCluster"]["ClusterId"]
    assert output["createCluster"]["Cluster"]["Status"]["State"] == "WAITING"
    assert output["addStep"]["StepId"]
    assert output["terminateCluster"]["ClusterId"] == cluster
    groups = aws("emr").list_instance_groups(ClusterId=cluster)["InstanceGroups"]
    assert {group["Name"]: group["RequestedInstanceCount"] for group in groups} == {"master": 1, "core": 3}
    tags = aws("emr").describe_cluster(ClusterId=cluster)["Cluster"]["Tags"]
    assert [tag["Key"] for tag in tags] == ["stepwell:task"]
