"""What is promised of jobs, whatever the service: submitted once, watched patiently, stopped."""

import asyncio
import json
from dataclasses import replace

import pytest

from jobs.fake import KEY, Service, refusal, request
from stepwell.aws import AnswerTooLarge, AwsUnreachable, NoCredentials, NoSuchCall, Reply, RoleNotAssumed
from stepwell.integrations.aws.calls import Answered
from stepwell.integrations.aws.failures import CallFailed
from stepwell.integrations.aws.jobs import asking
from stepwell.integrations.aws.jobs.asking import LONGEST_PAUSE_SECONDS
from stepwell.integrations.aws.jobs.integration import STOP_ATTEMPTS, SUBMIT_ATTEMPTS
from stepwell.integrations.aws.jobs.watching import PATIENCE_SECONDS
from stepwell.integrations.port import Failed, Submitted, Succeeded

RUN_TASK = {"Cluster": "c", "TaskDefinition": "t"}
TASK = {"TaskArn": "arn:task", "ClusterArn": "arn:cluster"}
TASK_REFERENCE = {"Cluster": "arn:cluster", "Task": "arn:task"}
SUBMIT_JOB = {"JobName": "n", "JobQueue": "q", "JobDefinition": "d"}
RUN = {"JobName": "etl", "RunId": "jr_1"}
ROLE = "arn:aws:iam::1:role/other"


def play(work):
    return asyncio.run(work)


def watch(action, reference, service, **more):
    return play(service.integration.watch(request(action, **more), json.dumps(reference)))


def ecs(status, *codes, **more):
    return {"Tasks": [{**TASK, "LastStatus": status, "Containers": [{"ExitCode": code} for code in codes], **more}]}


def run(state, **more):
    return {"JobRun": {"Id": "jr_1", "JobRunState": state, **more}}


def test_a_job_that_is_submitted_is_known_by_its_reference():
    service = Service(submit=[{"Tasks": [TASK], "Failures": []}])
    answer = play(service.integration.call(request("ecs:runTask", RUN_TASK)))
    assert isinstance(answer, Submitted)
    assert json.loads(answer.job) == TASK_REFERENCE
    assert answer.output.value == {"Tasks": [TASK], "Failures": []}
    (submitted,) = service.submitted
    assert submitted.parameters.value == {**RUN_TASK, "ClientToken": KEY, "StartedBy": "AWS Step Functions"}


def test_what_the_state_says_itself_stays():
    service = Service(submit=[{"Tasks": [TASK]}])
    given = {**RUN_TASK, "ClientToken": "mine", "StartedBy": "me"}
    play(service.integration.call(request("ecs:runTask", given)))
    assert service.submitted[0].parameters.value == given


@pytest.mark.parametrize("pattern", ["", ".waitForTaskToken"])
def test_what_is_no_job_is_passed_on_as_it_is(pattern):
    service = Service()
    asked = request("ecs:runTask", RUN_TASK, pattern)
    assert play(service.integration.call(asked)).output.value == "passed on"
    assert service.called == [asked]


def test_marks_join_what_the_state_gives():
    service = Service(submit=[{"JobId": "j"}])
    overrides = {"Environment": [{"Name": "A", "Value": "1"}], "Vcpus": 2}
    given = {**SUBMIT_JOB, "ContainerOverrides": overrides, "Tags": {"team": "x"}}
    play(service.integration.call(request("batch:submitJob", given)))
    managed = {"Name": "MANAGED_BY_AWS", "Value": "STARTED_BY_STEP_FUNCTIONS"}
    assert service.submitted[0].parameters.value == {
        **SUBMIT_JOB,
        "ContainerOverrides": {"Environment": [{"Name": "A", "Value": "1"}, managed], "Vcpus": 2},
        "Tags": {"team": "x", "stepwell:task": KEY},
    }
    assert overrides == {"Environment": [{"Name": "A", "Value": "1"}], "Vcpus": 2}


@pytest.mark.parametrize("wrong", ["text", 1, ["a"], {"Environment": "x"}])
def test_a_mark_leaves_alone_what_has_another_form(wrong):
    service = Service(submit=[refusal("ClientException")])
    given = {**SUBMIT_JOB, "ContainerOverrides": wrong}
    assert play(service.integration.call(request("batch:submitJob", given))).error == "Service.ClientException"
    assert service.submitted[0].parameters.value["ContainerOverrides"] == wrong


def test_a_submission_that_is_refused_fails_the_task():
    service = Service(submit=[refusal("ClusterNotFoundException")])
    answer = play(service.integration.call(request("ecs:runTask", RUN_TASK)))
    assert answer == Failed("Service.ClusterNotFoundException", "ClusterNotFoundException: No.")


def test_an_answer_that_names_no_job_fails_the_task():
    answer = play(Service(submit=[{"Tasks": []}]).integration.call(request("ecs:runTask", RUN_TASK)))
    assert answer.error == "States.TaskFailed"
    assert "names no job" in answer.cause


@pytest.mark.parametrize(
    ("described", "succeeds"),
    [
        (ecs("STOPPED", 0, 0), True),
        (ecs("STOPPED", 0, 1), False),
        (ecs("STOPPED", 137), False),
        (ecs("STOPPED", None, StopCode="TaskFailedToStart"), False),
        (ecs("STOPPED", StopCode="EssentialContainerExited"), True),
    ],
)
def test_a_task_of_ecs_ends_well_if_it_was_started_and_no_container_failed(described, succeeds):
    service = Service(DescribeTasks=[ecs("RUNNING"), described])
    answer = watch("ecs:runTask", TASK_REFERENCE, service)
    (task,) = described["Tasks"]
    assert isinstance(answer, Succeeded) == succeeds
    assert (answer.output.value if succeeds else json.loads(answer.cause)) == task
    assert succeeds or answer.error == "States.TaskFailed"
    assert service.asked[0][1] == {"Cluster": "arn:cluster", "Tasks": ["arn:task"]}


@pytest.mark.parametrize(
    ("action", "reference", "operation", "described", "result"),
    [
        ("glue:startJobRun", RUN, "GetJobRun", run("SUCCEEDED"), run("SUCCEEDED")["JobRun"]),
        (
            *("athena:startQueryExecution", {"QueryExecutionId": "q"}, "GetQueryExecution"),
            *[{"QueryExecution": {"Status": {"State": "SUCCEEDED"}}}] * 2,
        ),
        (
            *("codebuild:startBuild", {"Id": "b"}, "BatchGetBuilds"),
            {"Builds": [{"Id": "b", "BuildStatus": "SUCCEEDED"}]},
            {"Build": {"Id": "b", "BuildStatus": "SUCCEEDED"}},
        ),
        (
            *("elasticmapreduce:createCluster", {"ClusterId": "j"}, "DescribeCluster"),
            {"Cluster": {"Status": {"State": "WAITING"}}},
            {"Cluster": {"Status": {"State": "WAITING"}}, "ClusterId": "j"},
        ),
        (
            *("sagemaker:createTrainingJob", {"TrainingJobName": "t"}, "DescribeTrainingJob"),
            *[{"TrainingJobName": "t", "TrainingJobStatus": "Completed"}] * 2,
        ),
        (
            *("eks:createCluster", {"Name": "e"}, "DescribeCluster"),
            *[{"Cluster": {"Name": "e", "Status": "ACTIVE"}}] * 2,
        ),
        (
            *("emr-serverless:startJobRun", {"ApplicationId": "a", "JobRunId": "r"}, "GetJobRun"),
            {"JobRun": {"JobRunId": "r", "State": "SUCCESS"}},
            {"JobRunId": "r", "State": "SUCCESS"},
        ),
    ],
)
def test_a_state_gets_the_last_description(action, reference, operation, described, result):
    assert watch(action, reference, Service(**{operation: [described]})).output.value == result


def test_a_state_does_not_see_what_a_submission_is_known_by():
    theirs, ours = {"Key": "team", "Value": "x"}, {"Key": "stepwell:task", "Value": KEY}
    answer = watch(
        *("glue:startJobRun", RUN),
        Service(GetJobRun=[run("SUCCEEDED", Arguments={"--day": "1", "--stepwell-task": KEY}, Tags=[theirs, ours])]),
    )
    assert answer.output.value == run("SUCCEEDED", Arguments={"--day": "1"}, Tags=[theirs])["JobRun"]
    failed = {"Jobs": [{"JobId": "j", "Status": "FAILED", "Tags": {"team": "x", "stepwell:task": KEY}}]}
    answer = watch("batch:submitJob", {"JobId": "j"}, Service(DescribeJobs=[failed]))
    assert json.loads(answer.cause) == {"JobId": "j", "Status": "FAILED", "Tags": {"team": "x"}}


def test_a_job_that_fails_is_its_own_cause():
    failed = run("FAILED", ErrorMessage="no such table")
    answer = watch("glue:startJobRun", RUN, Service(GetJobRun=[run("RUNNING"), failed]))
    assert answer.error == "States.TaskFailed"
    assert json.loads(answer.cause) == failed["JobRun"]


def test_what_is_deleted_has_ended_well_once_it_is_gone():
    deleting = {"Cluster": {"Name": "e", "Status": "DELETING"}}
    service = Service(DescribeCluster=[deleting, refusal("ResourceNotFoundException", 404)])
    assert watch("eks:deleteCluster", {"Name": "e"}, service).output.value == deleting


def test_polling_begins_quickly_and_becomes_slow():
    service = Service(GetJobRun=[*[run("RUNNING")] * 60, run("SUCCEEDED")])
    watch("glue:startJobRun", RUN, service)
    assert service.slept[0] == 0.5
    assert service.slept == sorted(service.slept)
    assert sum(service.slept[:3]) < 2
    assert service.slept[-1] == LONGEST_PAUSE_SECONDS


@pytest.mark.parametrize(
    "trouble",
    [
        refusal("ThrottlingException"),
        refusal("x", 503),
        refusal("y", 429),
        refusal("ExpiredToken"),
        AwsUnreachable("x"),
    ],
    ids=str,
)
def test_no_passing_trouble_fails_a_job_however_long_it_lasts(trouble):
    service = Service(GetJobRun=[*[trouble] * 200, run("SUCCEEDED")])
    assert isinstance(watch("glue:startJobRun", RUN, service), Succeeded)
    assert sum(service.slept) > PATIENCE_SECONDS * 10


@pytest.mark.parametrize(
    ("trouble", "error"),
    [
        (refusal("AccessDeniedException"), "Service.AccessDeniedException"),
        (RoleNotAssumed(ROLE, "no"), "Service.Error"),
        (AnswerTooLarge("x"), "Service.Error"),
        (NoSuchCall("x"), "Service.Error"),
        ({"Failures": [{"Reason": "MISSING"}], "Tasks": []}, "States.TaskFailed"),
    ],
    ids=["refused", "role", "large", "unknown", "missing"],
)
def test_a_job_that_is_not_shown_is_given_up_after_a_while(trouble, error):
    service = Service(DescribeTasks=[trouble])
    answer = watch("ecs:runTask", TASK_REFERENCE, service)
    assert answer.error == error
    assert PATIENCE_SECONDS - LONGEST_PAUSE_SECONDS <= sum(service.slept) <= PATIENCE_SECONDS
    again = Service(DescribeTasks=[trouble, trouble, ecs("RUNNING"), trouble, ecs("STOPPED", 0)])
    assert isinstance(watch("ecs:runTask", TASK_REFERENCE, again), Succeeded)


def test_a_status_that_nobody_knows_is_waited_out():
    service = Service(GetJobRun=[*[run("HIBERNATING")] * 100, run("SUCCEEDED")])
    assert isinstance(watch("glue:startJobRun", RUN, service), Succeeded)


def test_descriptions_are_asked_for_a_few_at_a_time():
    class Slow(Service):
        now = most = 0

        async def ask(self, *_, once):
            self.now += 1
            self.most = max(self.most, self.now)
            await asyncio.sleep(0)
            self.now -= 1
            return Answered(run("SUCCEEDED"), Reply({}))

    async def scenario():
        service = Slow()
        integration = service.integration
        watches = [integration.watch(request("glue:startJobRun"), json.dumps(RUN)) for _ in range(500)]
        await asyncio.gather(*watches)
        return service.most

    assert play(scenario()) == 32


def test_an_answer_that_does_not_come_is_not_waited_for_forever(monkeypatch):
    monkeypatch.setattr(asking, "ANSWER_SECONDS", 0.01)

    class Hanging(Service):
        async def ask(self, *asked, once):
            if not self.asked:
                self.asked.append(asked)
                await asyncio.Event().wait()
            return await super().ask(*asked, once=once)

    assert isinstance(watch("glue:startJobRun", RUN, Hanging(GetJobRun=[run("SUCCEEDED")])), Succeeded)


def test_a_job_is_stopped_as_whom_it_was_submitted():
    service = Service(submit=[{"Tasks": [TASK]}], StopTask=[{}])
    submitted = play(service.integration.call(request("ecs:runTask", RUN_TASK, role_arn=ROLE)))
    play(service.integration.stop(request("ecs:runTask"), submitted.job))
    ((operation, parameters, role),) = service.asked
    assert (operation, role) == ("StopTask", ROLE)
    assert {name: parameters[name] for name in ("Cluster", "Task")} == TASK_REFERENCE


def test_stopping_is_tried_again_while_the_trouble_passes_and_not_for_ever():
    service = Service(StopTask=[refusal("ThrottlingException"), AwsUnreachable("x"), {}])
    play(service.integration.stop(request("ecs:runTask"), json.dumps(TASK_REFERENCE)))
    assert len(service.asked) == 3
    service = Service(StopTask=[AwsUnreachable("x")])
    with pytest.raises(CallFailed):
        play(service.integration.stop(request("ecs:runTask"), json.dumps(TASK_REFERENCE)))
    assert len(service.asked) == STOP_ATTEMPTS


def test_a_cluster_is_left_alone():
    service = Service()
    play(service.integration.stop(request("eks:createCluster"), '{"Name":"e"}'))
    assert service.asked == []


def again(action, parameters, service):
    return play(service.integration.call(replace(request(action, parameters), redelivered=True)))


@pytest.mark.parametrize("trouble", [AwsUnreachable("x"), refusal("InternalFailure", 500)], ids=str)
def test_a_submission_whose_answer_is_lost_comes_again_with_the_same_token(trouble):
    service = Service(submit=[trouble, trouble, {"Tasks": [TASK]}])
    answer = play(service.integration.call(request("ecs:runTask", RUN_TASK)))
    assert json.loads(answer.job) == TASK_REFERENCE
    assert [asked.parameters.value["ClientToken"] for asked in service.submitted] == [KEY] * 3


def test_a_submission_whose_answer_is_lost_is_looked_for_before_it_comes_again():
    runs = [{"Id": "jr_1", "Arguments": {"--stepwell-task": KEY}}]
    service = Service(submit=[AwsUnreachable("x")], GetJobRuns=[{"JobRuns": runs}])
    answer = play(service.integration.call(request("glue:startJobRun", {"JobName": "etl"})))
    assert json.loads(answer.job) == RUN
    assert answer.output.value == {"JobName": "etl", "JobRunId": "jr_1"}
    assert len(service.submitted) == 1


@pytest.mark.parametrize(
    ("action", "trouble", "attempts"),
    [
        ("ecs:runTask", AwsUnreachable("x"), SUBMIT_ATTEMPTS),
        ("glue:startJobRun", AwsUnreachable("x"), 1),  # nor can it be asked what became of it
        ("databrew:startJobRun", AwsUnreachable("x"), 1),  # which doesn't know what comes again
        ("ecs:runTask", NoCredentials("x"), 1),
        ("ecs:runTask", refusal("ThrottlingException"), 1),
    ],
)
def test_a_submission_that_can_not_be_made_fails_the_task(action, trouble, attempts):
    service = Service(submit=[trouble], GetJobRuns=[trouble])
    answer = play(service.integration.call(request(action, {"JobName": "etl"})))
    assert answer.error.startswith("Service.")
    assert len(service.submitted) == attempts


def test_a_token_stays_the_same_when_the_submission_comes_again():
    service = Service(submit=[{"QueryExecutionId": "q"}])
    for _ in range(2):
        again("athena:startQueryExecution", {"QueryString": "select 1"}, service)
    first, second = (asked.parameters.value["ClientRequestToken"] for asked in service.submitted)
    assert first == second == KEY


def test_a_job_of_batch_is_found_again_by_its_tag():
    service = Service(
        ListJobs=[
            {"JobSummaryList": [{"JobId": "theirs"}], "NextToken": "2"},
            {"JobSummaryList": [{"JobId": "ours"}]},
        ],
        DescribeJobs=[{"Jobs": [{"Tags": {}}]}, {"Jobs": [{"Tags": {"stepwell:task": KEY}}]}],
    )
    answer = again("batch:submitJob", SUBMIT_JOB, service)
    assert json.loads(answer.job) == {"JobId": "ours"}
    assert service.submitted == []
    listing = {"JobQueue": "q", "Filters": [{"Name": "JOB_NAME", "Values": ["n"]}]}
    assert [asked for operation, asked, _ in service.asked if operation == "ListJobs"] == [
        listing,
        {**listing, "NextToken": "2"},
    ]


def test_a_run_of_glue_is_found_again_by_its_argument():
    runs = [{"Id": "jr_2", "Arguments": {}}, {"Id": "jr_1", "Arguments": {"--stepwell-task": KEY}}]
    answer = again("glue:startJobRun", {"JobName": "etl"}, Service(GetJobRuns=[{"JobRuns": runs}]))
    assert json.loads(answer.job) == RUN


def test_a_cluster_is_found_again_by_its_tag_among_those_of_its_name():
    clusters = [{"Id": "j-1", "Name": "other"}, {"Id": "j-2", "Name": "mine"}]
    service = Service(
        ListClusters=[{"Clusters": clusters}],
        DescribeCluster=[{"Cluster": {"Tags": [{"Key": "stepwell:task", "Value": KEY}]}}],
    )
    answer = again("elasticmapreduce:createCluster", {"Name": "mine", "Instances": {}}, service)
    assert json.loads(answer.job) == {"ClusterId": "j-2"}
    assert service.operations == ["ListClusters", "DescribeCluster"]


@pytest.mark.parametrize("ours", [True, False])
def test_a_job_of_sagemaker_with_our_name_is_ours_only_with_our_tag(ours):
    tags = [{"Key": "stepwell:task", "Value": KEY}] if ours else []
    service = Service(
        DescribeTransformJob=[{"TransformJobName": "t", "TransformJobArn": "arn:t"}],
        ListTags=[{"Tags": tags}],
        submit=[refusal("ResourceInUse")],
    )
    answer = again("sagemaker:createTransformJob", {"TransformJobName": "t"}, service)
    assert len(service.submitted) == (not ours)
    assert answer.error == "Service.ResourceInUse" if not ours else json.loads(answer.job)
    assert service.asked[-1][:2] == ("ListTags", {"ResourceArn": "arn:t"})


def test_what_was_not_submitted_is_submitted_after_a_crash():
    service = Service(DescribeTransformJob=[refusal("ValidationException")], submit=[{"TransformJobArn": "arn:t"}])
    answer = again("sagemaker:createTransformJob", {"TransformJobName": "t"}, service)
    assert json.loads(answer.job) == {"TransformJobName": "t"}
    assert len(service.submitted) == 1


@pytest.mark.parametrize("trouble", [refusal("TooManyRequestsException"), AwsUnreachable("x")], ids=str)
def test_nothing_is_submitted_again_while_it_is_not_known_whether_it_was(trouble):
    runs = {"JobRuns": [{"Id": "jr_1", "Arguments": {"--stepwell-task": KEY}}]}
    service = Service(GetJobRuns=[*[trouble] * 9, runs])
    assert json.loads(again("glue:startJobRun", {"JobName": "etl"}, service).job) == RUN
    assert service.submitted == []


def test_a_listing_that_is_refused_fails_the_task_rather_than_to_submit_it_twice():
    service = Service(GetJobRuns=[refusal("AccessDeniedException")])
    answer = again("glue:startJobRun", {"JobName": "etl"}, service)
    assert answer.error == "Service.AccessDeniedException"
    assert service.submitted == []


@pytest.mark.parametrize(("redelivered", "taken"), [(True, True), (False, False)])
def test_a_deletion_that_was_made_before_a_crash_is_waited_for(redelivered, taken):
    service = Service(submit=[refusal("ResourceNotFoundException", 404)])
    asked = replace(request("eks:deleteCluster", {"Name": "e"}), redelivered=redelivered)
    answer = play(service.integration.call(asked))
    assert isinstance(answer, Submitted) == taken
    assert not taken or json.loads(answer.job) == {"Name": "e"}
