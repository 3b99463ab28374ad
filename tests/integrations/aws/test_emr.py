"""What Step Functions makes of EMR's API: other names, and one thing where the API has lists."""

import asyncio

import botocore.session
import pytest

from jobs.fake import request
from stepwell.aws import Reply
from stepwell.integrations.aws.calls import Answered
from stepwell.integrations.aws.dialects import OPTIMIZED_SERVICES
from stepwell.integrations.aws.emr import EMR_ADAPTERS
from stepwell.integrations.aws.failures import CallFailed
from stepwell.language.resources import OPTIMIZED

MODEL = botocore.session.get_session().get_service_model("emr")
METADATA = {"SdkHttpMetadata", "SdkResponseMetadata"}


class Emr:
    """Answers by a script, and holds what is asked to EMR's model."""

    def __init__(self, **script):
        self.script = {operation: iter(answers) for operation, answers in script.items()}
        self.asked = []

    async def ask(self, request, service, operation, parameters):
        assert {*parameters} <= {*MODEL.operation_model(operation).input_shape.members}
        self.asked.append((operation, parameters))
        return Answered(next(self.script[operation]), Reply({}))

    def call(self, action, parameters):
        asked = request(f"elasticmapreduce:{action}", parameters, "")
        adapter = EMR_ADAPTERS[f"elasticmapreduce:{action}"]
        answer = asyncio.run(adapter(self, asked, OPTIMIZED_SERVICES["elasticmapreduce"]))
        return {name: value for name, value in answer.items() if name not in METADATA}


def test_every_action_of_emr_has_a_name_in_its_api():
    assert {action.partition(":")[2] for action in EMR_ADAPTERS} == {*OPTIMIZED["elasticmapreduce"]}


@pytest.mark.parametrize(
    ("action", "given", "operation", "asked", "answered", "shown"),
    [
        (
            *("createCluster", {"Name": "n", "Instances": {}}, "RunJobFlow", {"Name": "n", "Instances": {}}),
            *({"JobFlowId": "j-1", "ClusterArn": "a"}, {"ClusterId": "j-1", "ClusterArn": "a"}),
        ),
        ("terminateCluster", {"ClusterId": "j-1"}, "TerminateJobFlows", {"JobFlowIds": ["j-1"]}, {}, {}),
        (
            *("setClusterTerminationProtection", {"ClusterId": "j-1", "TerminationProtected": True}),
            *("SetTerminationProtection", {"JobFlowIds": ["j-1"], "TerminationProtected": True}, {}, {}),
        ),
        (
            *("addStep", {"ClusterId": "j-1", "Step": {"Name": "s"}, "ExecutionRoleArn": "r"}, "AddJobFlowSteps"),
            {"JobFlowId": "j-1", "Steps": [{"Name": "s"}], "ExecutionRoleArn": "r"},
            *({"StepIds": ["s-1"]}, {"StepId": "s-1"}),
        ),
        (
            *("cancelStep", {"ClusterId": "j-1", "StepId": "s-1"}, "CancelSteps"),
            {"ClusterId": "j-1", "StepIds": ["s-1"]},
            *({"CancelStepsInfoList": [{"Status": "SUBMITTED"}]}, {"CancelStepsInfo": {"Status": "SUBMITTED"}}),
        ),
    ],
)
def test_names_are_those_of_step_functions_on_this_side_and_of_emr_on_the_other(
    action, given, operation, asked, answered, shown
):
    emr = Emr(**{operation: [answered]})
    assert emr.call(action, given) == shown
    assert emr.asked == [(operation, asked)]


@pytest.mark.parametrize(
    ("noun", "changed"),
    [
        ("Fleet", ("ModifyInstanceFleet", {"InstanceFleet": {"TargetSpotCapacity": 2, "InstanceFleetId": "i-2"}})),
        ("Group", ("ModifyInstanceGroups", {"InstanceGroups": [{"TargetSpotCapacity": 2, "InstanceGroupId": "i-2"}]})),
    ],
)
def test_instances_are_changed_by_the_name_of_their_fleet_or_group(noun, changed):
    operation, asked = changed
    pages = [
        {f"Instance{noun}s": [{"Id": "i-1", "Name": "core"}], "Marker": "2"},
        {f"Instance{noun}s": [{"Id": "i-2", "Name": "task"}]},
    ]
    given = {"ClusterId": "j-1", f"Instance{noun}": {"TargetSpotCapacity": 2}}
    emr = Emr(**{f"ListInstance{noun}s": pages, operation: [{}]})
    assert emr.call(f"modifyInstance{noun}ByName", {**given, f"Instance{noun}Name": "task"}) == {}
    assert emr.asked[-1] == (operation, {"ClusterId": "j-1", **asked})
    emr = Emr(**{f"ListInstance{noun}s": pages})
    with pytest.raises(CallFailed) as failed:
        emr.call(f"modifyInstance{noun}ByName", {**given, f"Instance{noun}Name": "other"})
    assert failed.value.failure.error == "ElasticMapReduce.InvalidRequestException"
