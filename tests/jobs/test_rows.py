"""Every row of the jobs, held against AWS's own model of its service: an operation, a member, a status that is misspelt
would wait for ever."""

import functools

import botocore.session
import pytest

from stepwell.integrations.aws.jobs import JOBS
from stepwell.integrations.aws.jobs.job import Call, Mark
from stepwell.language.resources import OPTIMIZED

SESSION = botocore.session.get_session()
MODELS = {"elasticmapreduce": "emr"}
OPERATIONS = {("elasticmapreduce", "createCluster"): "RunJobFlow", ("elasticmapreduce", "addStep"): "AddJobFlowSteps",
              ("elasticmapreduce", "terminateCluster"): "TerminateJobFlows"}  # fmt: skip
RENAMED = {"ClusterId", "StepId"}
"""What Step Functions names otherwise than EMR does."""
ROWS = [(service, action) for service, actions in JOBS.items() for action in actions]
UNCOVERED = {("eks", "runJob"), ("states", "startExecution")}
"""A job of Kubernetes, not of AWS (`tests/kubernetes`); and Step Functions itself, which is called in process."""
NO_ENUM = {"ecs"}


@functools.cache
def model(service):
    return SESSION.get_service_model(MODELS.get(service, service))


def operation(service, name):
    return model(service).operation_model(name)


def members(shape):
    return {name[0].upper() + name[1:]: member for name, member in shape.members.items()}


def walk(shape, path):
    for part in path.split(".") if path else ():
        assert shape is not None, f"nothing is answered that could have {part}"
        shape = shape.member if part.isdigit() else members(shape).get(part)
    return shape


def fits(shape, template, values, where):
    """Hold a template to the shape of what it is for."""
    if isinstance(template, str):
        assert shape.type_name == "string", where
        if template.startswith("{"):
            assert template[1:-1] in values, where
        elif getattr(shape, "enum", None):
            assert template in shape.enum, where
    elif isinstance(template, list):
        for item in template:
            fits(shape.member, item, values, where)
    else:
        known = members(shape)
        for name, item in template.items():
            assert name in known, f"{where}: {name}"
            fits(known[name], item, values, f"{where}.{name}")


@pytest.fixture(params=ROWS, ids=":".join)
def row(request):
    service, action = request.param
    return service, action, JOBS[service][action]


def submission(service, action):
    return operation(service, OPERATIONS.get((service, action), action[0].upper() + action[1:]))


def described(service, job):
    return operation(service, job.describe.operation).output_shape


def test_every_resource_that_can_be_waited_for_has_a_row():
    resources = {
        (service, action) for service in OPTIMIZED for action, kinds in OPTIMIZED[service].items() if "s" in kinds
    }
    assert {*ROWS} == resources - UNCOVERED


def test_what_names_a_job_is_in_the_answer_or_in_the_request(row):
    service, action, job = row
    model = submission(service, action)
    for path in job.reference.values():
        sources = [shape for shape in (model.output_shape, model.input_shape) if shape is not None]
        found = [walk(shape, path) for shape in sources if path.split(".")[0] in members(shape)]
        assert path in RENAMED or [shape.type_name for shape in found] == ["string"] * len(found) != [], path


@pytest.mark.parametrize("kind", ["describe", "stop"])
def test_what_is_asked_about_a_job_has_the_operation_and_the_members_of_the_service(row, kind):
    service, _, job = row
    call: Call | None = getattr(job, kind)
    if call is None:
        return
    shape = operation(service, call.operation).input_shape
    fits(shape, call.parameters, job.reference, call.operation)
    required = {name[0].upper() + name[1:] for name in shape.required_members}
    assert required <= {*call.parameters}


def test_the_statuses_are_those_of_the_service_each_once(row):
    service, _, job = row
    shape = walk(described(service, job), job.status)
    assert shape.type_name == "string"
    together = [*job.going_on, *job.succeeded, *job.failed]
    assert len(together) == len({*together})
    if service not in NO_ENUM:
        assert {*together} == {*shape.enum}
    assert job.succeeded or job.ends_gone


def test_the_result_is_in_the_description(row):
    service, _, job = row
    assert walk(described(service, job), job.result).type_name == "structure"
    assert {*job.kept} <= {*job.reference}


def test_what_is_added_to_a_request_is_a_member_of_it(row):
    service, action, job = row
    shape = submission(service, action).input_shape
    for name in (job.recognised_by, *job.defaults):
        assert not name or members(shape)[name].type_name == "string"
    for mark in job.marks:
        assert takes(walk(shape, mark.path), mark), mark


def takes(shape, mark: Mark):
    if mark.form == "map":
        return shape.type_name == "map" and shape.value.type_name == "string"
    return {mark.form, "Value"} <= {*members(shape.member)}


def test_every_client_token_of_a_submission_is_used(row):
    service, action, job = row
    shape = submission(service, action).input_shape
    tokens = [name for name in members(shape) if name in {"ClientToken", "ClientRequestToken", "IdempotencyToken"}]
    assert tokens == ([job.recognised_by] if job.recognised_by else [])


def test_a_job_is_looked_for_with_the_operations_and_members_of_the_service(row):
    service, action, job = row
    find = job.find
    if find is None:
        return
    request = members(submission(service, action).input_shape)
    listing = operation(service, find.listing.operation)
    fits(listing.input_shape, find.listing.parameters, request, find.listing.operation)
    item = walk(listing.output_shape, f"{find.items}.0" if find.items else "")
    assert {*find.reference} == {*job.reference}
    assert not any("." in path for path in job.reference.values())
    assert all(walk(item, path).type_name == "string" for path in find.reference.values())
    assert all(name in members(item) and other in request for name, other in find.same.items())
    if find.page:
        assert find.page in members(listing.input_shape)
        assert find.page in members(listing.output_shape)
    if find.proof is not None:
        known = {**members(item), **job.reference}
        fits(operation(service, find.proof.operation).input_shape, find.proof.parameters, known, find.proof.operation)
    assert any("{idempotency key}" in mark.value for mark in job.marks)
