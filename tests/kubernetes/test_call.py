"""`eks:call` against an API server over TLS."""

import base64
import json
from urllib.parse import parse_qs, urlsplit

import pytest

from kubernetes.cluster import cluster_server
from stepwell.integrations.aws.kubernetes import Cluster
from stepwell.integrations.port import Submitted, Succeeded

PODS = {"Method": "GET", "Path": "/api/v1/namespaces/default/pods"}


def test_a_call_goes_to_the_cluster_and_its_answer_is_the_result(world, cluster):
    asked = {"Method": "POST", "Path": "api/v1/x", "QueryParameters": {"q": ["1", "2"]}, "RequestBody": {"n": [1]}}
    answer = world.call("call", "", asked)
    assert isinstance(answer, Succeeded)
    result = answer.output.value
    assert (result["StatusCode"], result["StatusText"]) == (200, "OK")
    assert result["ResponseBody"] == {"said": '{"n":[1]}'}
    assert {name.lower() for name in result["Headers"]} >= {"content-type"}
    method, path, query, headers, _ = cluster.calls[0]
    assert (method, path, query) == ("POST", "/api/v1/x", {"q": ["1", "2"]})
    assert headers["content-type"] == "application/json"


def test_the_token_is_a_signed_question_to_the_sts_of_the_region_that_names_the_cluster(world, cluster):
    world.call("call", "", PODS)
    url = urlsplit(cluster.tokens[0])
    query = parse_qs(url.query)
    assert (url.scheme, url.hostname) == ("https", "sts.us-east-1.amazonaws.com")
    assert query["Action"] == ["GetCallerIdentity"]
    assert query["X-Amz-Expires"] == ["60"]
    assert query["X-Amz-SignedHeaders"] == ["host;x-k8s-aws-id"]
    assert query["X-Amz-Credential"][0].startswith("AKIAMINE/")
    assert len(query["X-Amz-Signature"][0]) == 64


@pytest.mark.parametrize(
    ("endpoint", "region"),
    [
        ("https://AB.yl4.eu-west-1.eks.amazonaws.com", "eu-west-1"),
        ("https://AB.gr7.us-gov-west-1.eks.amazonaws.com", "us-gov-west-1"),
        ("https://10.0.0.1", "us-east-1"),
        ("https://cluster.internal:6443", "us-east-1"),
    ],
)
def test_the_region_is_that_of_the_endpoint_or_of_the_state_machine(endpoint, region):
    assert Cluster("c", endpoint, "").region("us-east-1") == region


def test_a_token_is_kept_and_made_anew_when_it_is_refused(world, cluster):
    async def thrice(eks):
        first = await eks.call(world.request("call", "", PODS))
        cluster.statuses = [401]
        return first, await eks.call(world.request("call", "", PODS)), await eks.call(world.request("call", "", PODS))

    answers = world.play(thrice)
    assert [type(answer) for answer in answers] == [Succeeded] * 3
    assert cluster.count("GET") == 4


def test_who_is_not_known_to_the_cluster_is_told_so_after_one_call(world, cluster):
    cluster.statuses = [401]
    assert world.call("call", "", PODS).error == "EKS.401"
    assert cluster.count("GET") == 1


@pytest.mark.parametrize("status", [403, 404, 409, 500])
def test_a_status_that_is_no_success_is_an_error_of_its_own(world, cluster, status):
    cluster.statuses = [status]
    answer = world.call("call", "", PODS)
    assert answer.error == f"EKS.{status}"
    told = json.loads(answer.cause)
    assert (told["StatusCode"], told["ResponseBody"]["code"]) == (status, status)


def test_with_a_task_token_the_state_waits_on(world):
    assert isinstance(world.call("call", ".waitForTaskToken", PODS), Submitted)


@pytest.mark.parametrize(
    ("body", "kind"),
    [({"a": 1}, "merge-patch"), ([{"op": "remove", "path": "/a"}], "json-patch"), ("[]", "json-patch")],
)
def test_a_patch_is_announced_as_the_kind_of_patch_that_it_is(world, cluster, body, kind):
    world.call("call", "", {"Method": "PATCH", "Path": "/api/v1/x", "RequestBody": body})
    _, _, _, headers, sent = cluster.calls[0]
    assert headers["content-type"] == f"application/{kind}+json"
    assert json.loads(sent) == (json.loads(body) if isinstance(body, str) else body)


@pytest.mark.parametrize(
    ("parameters", "problem"),
    [
        ({"Path": ""}, "The field 'Path' is required but was missing"),
        ({"Method": "OPTIONS"}, "The value of the field 'Method' has an invalid format"),
        ({"Endpoint": "http://127.0.0.1"}, "The value of the field 'Endpoint' has an invalid format"),
        ({"CertificateAuthority": "?"}, "The value of the field 'CertificateAuthority' has an invalid format"),
        ({"QueryParameters": {"a": "b"}}, "The value of the field 'QueryParameters' has an invalid format"),
        ({"Namespace": "x"}, 'The field "Namespace" is not supported by Step Functions'),
    ],
)
def test_wrong_parameters_are_told_in_the_words_of_aws(world, cluster, parameters, problem):
    answer = world.call("call", "", PODS | parameters)
    assert answer.error == "States.Runtime"
    assert answer.cause.endswith(f"could not be used to start the Task: [{problem}]")
    assert cluster.calls == []


def test_a_certificate_that_the_authority_has_not_signed_is_not_trusted(world, cluster, tmp_path_factory):
    with cluster_server(tmp_path_factory.mktemp("other")) as other:
        answer = world.call("call", "", PODS | {"Endpoint": other.parameters["Endpoint"]})
    assert answer.error == "EKS.SdkClientException"
    assert "certificate" in answer.cause.lower()
    assert other.calls == []


def test_an_authority_that_is_no_certificate_is_refused(world):
    answer = world.call("call", "", PODS | {"CertificateAuthority": base64.b64encode(b"x").decode()})
    assert answer.error == "States.Runtime"
    assert "must be certificates in PEM" in answer.cause


def test_an_endpoint_that_is_not_public_has_to_be_allowed(world, cluster):
    world.allowed = []
    answer = world.call("call", "", PODS)
    assert answer.error == "States.Runtime"
    assert "[http], in allow" in answer.cause
    assert cluster.calls == []


def test_a_path_leads_to_no_other_host(world, cluster):
    world.call("call", "", PODS | {"Path": "@elsewhere.example/x"})
    assert [path for _, path, *_ in cluster.calls] == ["/@elsewhere.example/x"]


def test_without_credentials_the_cause_says_what_to_do(world, cluster, monkeypatch, tmp_path):
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    answer = world.call("call", "", PODS)
    assert answer.error == "EKS.SdkClientException"
    assert "AWS_ACCESS_KEY_ID" in answer.cause
    assert cluster.calls == []
