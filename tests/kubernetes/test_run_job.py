"""`eks:runJob`: created once, waited for, its logs, its end; deleted when nobody waits any more."""

import json

import pytest

from jobs.fake import KEY
from kubernetes.cluster import LOG
from stepwell.integrations.aws.jobs.watching import PATIENCE_SECONDS
from stepwell.integrations.aws.kubernetes.logs import MAX_LOG_BYTES
from stepwell.integrations.port import Failed, Submitted, Succeeded

JOB = {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "j"}, "spec": {"backoffLimit": 0}}
PATH = "/apis/batch/v1/namespaces/default/jobs/j"
WITH_LOGS = {"Job": JOB, "LogOptions": {"RetrieveLogs": True, "LogParameters": {"tailLines": ["6"]}}}


@pytest.fixture
def ended(world, cluster):
    """What comes of a Job that is created, and ends so."""

    def run(kind, parameters=None):
        async def scenario(eks):
            asked = world.request("runJob", ".sync", parameters or {"Job": JOB})
            submitted = await eks.call(asked)
            cluster.end(kind)
            return await eks.watch(asked, submitted.job)

        return world.play(scenario)

    return run


def test_a_job_that_is_not_waited_for_is_created_and_shown(world, cluster):
    answer = world.call("runJob", "", {"Job": JOB})
    assert isinstance(answer, Succeeded)
    assert (answer.output.value["StatusCode"], answer.output.value["ResponseBody"]["metadata"]["uid"]) == (201, "u-1")
    assert [*cluster.jobs] == [PATH]


def test_a_job_that_ends_well_is_the_result(ended):
    answer = ended("Complete")
    assert isinstance(answer, Succeeded)
    assert answer.output.value["metadata"]["name"] == "j"
    assert answer.output.value["status"]["conditions"][1]["type"] == "Complete"
    assert "logs" not in answer.output.value
    assert KEY not in answer.output.text


def test_a_job_that_fails_fails_the_task_and_is_the_cause(ended):
    answer = ended("Failed", WITH_LOGS)
    assert (type(answer), answer.error) == (Failed, "States.TaskFailed")
    told = json.loads(answer.cause)
    assert told["status"]["conditions"][1]["message"] == "it is Failed"
    assert told["logs"]["pods"]["p-1"]["containers"]["pi"] == {"log": json.loads(LOG)}


@pytest.mark.parametrize(("raw", "log"), [(False, {"pi": 3.14}), (True, LOG)])
def test_the_logs_of_all_containers_are_there_where_they_are_wanted(ended, cluster, raw, log):
    options = WITH_LOGS["LogOptions"] | {"RawLogs": raw}
    answer = ended("Complete", {"Job": json.dumps(JOB), "LogOptions": options})
    assert answer.output.value["logs"] == {"pods": {"p-1": {"containers": {"pi": {"log": log}, "side": {"log": log}}}}}
    queries = {path: query for _, path, query, _, _ in cluster.calls}
    assert queries["/api/v1/namespaces/default/pods"]["labelSelector"] == ["batch.kubernetes.io/controller-uid=u-1"]
    assert queries["/api/v1/namespaces/default/pods/p-1/log"] == {"container": ["side"], "tailLines": ["6"]}


@pytest.mark.parametrize("refused", [0, 1])
def test_logs_that_can_not_be_had_leave_the_end_as_it_is(world, cluster, refused):
    async def scenario(eks):
        asked = world.request("runJob", ".sync", WITH_LOGS)
        submitted = await eks.call(asked)
        cluster.end()
        answering = cluster.answer

        def answer(method, path, *rest):
            if path.endswith(("/pods", "/log")[refused]):
                cluster.statuses.append(403)
            return answering(method, path, *rest)

        cluster.answer = answer
        return await eks.watch(asked, submitted.job)

    answer = world.play(scenario)
    assert isinstance(answer, Succeeded)
    logs = answer.output.value["logs"]
    told = logs["pods"]["p-1"]["containers"]["pi"] if refused else logs
    assert {*told} == {"error", "cause"}
    assert told["error"] == "EKS.403"


def test_a_log_that_no_state_could_take_is_an_error_in_its_place(ended, cluster):
    answering = cluster.answer
    cluster.answer = lambda method, path, *more: (
        (200, "x" * (MAX_LOG_BYTES + 1)) if path.endswith("/log") else answering(method, path, *more)
    )
    answer = ended("Complete", WITH_LOGS)
    assert isinstance(answer, Succeeded)
    assert answer.output.value["logs"]["pods"]["p-1"]["containers"]["pi"]["error"] == "States.DataLimitExceeded"


def test_a_job_without_a_name_gets_the_same_when_the_task_comes_again_and_is_created_once(world, cluster):
    for metadata in ({}, {"generateName": "nightly-"}):
        world.call("runJob", ".sync", {"Job": JOB | {"metadata": metadata}})
        again = world.call("runJob", ".sync", {"Job": JOB | {"metadata": metadata}}, redelivered=True)
        assert isinstance(again, Submitted)
    names = [path.rpartition("/")[2] for path in cluster.jobs]
    assert names == [f"job-{KEY}", f"nightly-{KEY}"]


def test_a_job_whose_creation_was_not_noted_is_found_again(world, cluster):
    first = world.call("runJob", ".sync", {"Job": JOB})
    again = world.call("runJob", ".sync", {"Job": JOB}, redelivered=True)
    assert again.job == first.job
    assert again.output.value["StatusCode"] == 201
    assert len(cluster.jobs) == 1


def test_a_job_whose_creation_was_not_answered_is_found_again(world, cluster):
    answering = cluster.answer

    def answer(*call):
        found = answering(*call)
        return (503, {}) if cluster.count("POST") == 1 and call[0] == "POST" else found

    cluster.answer = answer
    assert isinstance(world.call("runJob", ".sync", {"Job": JOB}), Submitted)
    assert (len(cluster.jobs), cluster.count("POST")) == (1, 2)


def test_a_name_that_another_has_taken_is_a_conflict(world, cluster):
    world.call("runJob", ".sync", {"Job": JOB}, key="another")
    answer = world.call("runJob", ".sync", {"Job": JOB})
    assert answer.error == "EKS.409"
    assert len(cluster.jobs) == 1


def test_a_job_that_is_stopped_is_deleted_with_its_pods_and_only_that_one(world, cluster):
    async def scenario(eks):
        asked = world.request("runJob", ".sync", {"Job": JOB})
        submitted = await eks.call(asked)
        for _ in range(2):  # the second time there is nothing left to stop
            await eks.stop(world.request("runJob", ".sync"), submitted.job)

    world.play(scenario)
    assert cluster.jobs == {}
    *_, (method, path, _, _, body) = cluster.calls
    assert (method, path) == ("DELETE", PATH)
    assert json.loads(body) == {"propagationPolicy": "Background", "preconditions": {"uid": "u-1"}}


@pytest.mark.parametrize("replaced", [False, True])
def test_a_job_that_is_gone_is_given_up_after_a_while(world, cluster, replaced):
    async def scenario(eks):
        asked = world.request("runJob", ".sync", {"Job": JOB})
        submitted = await eks.call(asked)
        cluster.jobs.clear()
        if replaced:
            await eks.call(world.request("runJob", ".sync", {"Job": JOB}, key="another"))
            cluster.end()
        return await eks.watch(asked, submitted.job)

    answer = world.play(scenario)
    assert answer.error == ("States.TaskFailed" if replaced else "EKS.404")
    assert sum(world.slept) <= PATIENCE_SECONDS


def test_a_cluster_in_trouble_is_asked_until_it_answers(ended, world, cluster):
    cluster_end = cluster.end

    def end(kind):
        cluster_end(kind)
        cluster.statuses = [500, 429, 503]

    cluster.end = end
    assert isinstance(ended("Complete"), Succeeded)
    assert len(world.slept) == 3


@pytest.mark.parametrize(
    ("parameters", "problem"),
    [
        ({}, "The field 'Job' is required but was missing"),
        ({"Job": "no JSON"}, "The value of the field 'Job' has an invalid format"),
        ({"Job": {"metadata": {"name": 1}}}, "The value of the field 'Job' has an invalid format"),
        ({"Job": JOB, "LogOptions": True}, "The value of the field 'LogOptions' has an invalid format"),
        ({"Job": JOB, "LogOptions": {"Tail": 1}}, 'The field "Tail" is not supported by Step Functions'),
    ],
)
def test_wrong_parameters_are_told_in_the_words_of_aws(world, cluster, parameters, problem):
    answer = world.call("runJob", ".sync", parameters)
    assert answer.error == "States.Runtime"
    assert answer.cause.endswith(f"[{problem}]")
    assert cluster.calls == []
