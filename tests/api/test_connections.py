"""Connections of EventBridge, by a real client."""

import json

import pytest
from botocore.exceptions import ClientError

from stepwell.runtime.vault import Vault

BASIC = {"BasicAuthParameters": {"Username": "user", "Password": "canary-password"}}
API_KEY = {"ApiKeyAuthParameters": {"ApiKeyName": "X-Key", "ApiKeyValue": "canary-key"}}
OAUTH = {
    "OAuthParameters": {
        "ClientParameters": {"ClientID": "id", "ClientSecret": "canary-client"},
        "AuthorizationEndpoint": "https://auth.example/token",
        "HttpMethod": "POST",
        "OAuthHttpParameters": {"BodyParameters": [{"Key": "scope", "Value": "canary-scope", "IsValueSecret": True}]},
    }
}
MORE = {
    "InvocationHttpParameters": {
        "HeaderParameters": [{"Key": "X-Team", "Value": "blue", "IsValueSecret": False}],
        "QueryStringParameters": [{"Key": "q", "Value": "canary-query", "IsValueSecret": True}],
        "BodyParameters": [{"Key": "b", "Value": "open"}],
    }
}
KINDS = {"BASIC": BASIC, "API_KEY": API_KEY, "OAUTH_CLIENT_CREDENTIALS": OAUTH}


@pytest.fixture
def events(api):
    return api.client(service="events")


def make(events, name="billing", kind="BASIC", more=None, **given):
    return events.create_connection(
        Name=name, AuthorizationType=kind, AuthParameters=KINDS[kind] | (more or {}), **given
    )


def refusal(call, **request):
    with pytest.raises(ClientError) as caught:
        call(**request)
    return caught.value.response["Error"]["Code"], caught.value.response["Error"]["Message"]


def secrets(api, name):
    scope = api.scope()
    return api.connections.secrets_of(api.run(api.connections.connection(scope, name)))


@pytest.mark.parametrize("kind", KINDS)
def test_a_connection_is_described_without_its_secrets(api, events, kind):
    made = make(events, kind=kind, more=MORE, Description="to pay")
    assert made["ConnectionState"] == "AUTHORIZED"
    assert made["ConnectionArn"].startswith("arn:aws:events:us-east-1:123456789012:connection/billing/")
    described = events.describe_connection(Name="billing")
    assert described["ConnectionArn"] == made["ConnectionArn"]
    assert (described["Name"], described["Description"], described["AuthorizationType"]) == ("billing", "to pay", kind)
    assert described["SecretArn"].startswith("arn:aws:secretsmanager:us-east-1:123456789012:secret:events!connection/")
    assert "canary" not in json.dumps(described, default=str)
    assert described["AuthParameters"]["InvocationHttpParameters"] == {
        "HeaderParameters": [{"Key": "X-Team", "Value": "blue", "IsValueSecret": False}],
        "QueryStringParameters": [{"Key": "q", "IsValueSecret": True}],
        "BodyParameters": [{"Key": "b", "Value": "open"}],
    }
    assert secrets(api, "billing") == KINDS[kind] | MORE


def test_what_is_stored_shows_no_secret(api, events):
    make(events, more=MORE)
    (row,) = api.run(api.engine.store.resources("events:connection", "123456789012", "us-east-1", 9, None))
    assert b"canary" not in row.body


def test_a_name_is_taken_once_in_an_account_and_a_region(api, events):
    make(events)
    make(api.client(service="events", region="eu-west-1"))
    make(api.client(service="events", account="210987654321"))
    with pytest.raises(ClientError) as caught:
        make(events)
    error = caught.value.response["Error"]
    assert (error["Code"], error["Message"]) == ("ResourceAlreadyExistsException", "Connection billing already exists.")


def test_what_is_not_there_is_not_found(api, events):
    make(api.client(service="events", account="210987654321"))
    expected = (
        "ResourceNotFoundException",
        "Failed to describe the connection(s). Connection 'billing' does not exist.",
    )
    for call in (
        events.describe_connection,
        events.delete_connection,
        events.deauthorize_connection,
        events.update_connection,
    ):
        assert refusal(call, Name="billing") == expected


def test_a_part_can_be_updated_and_the_rest_stays(api, events):
    make(events, more=MORE)
    events.update_connection(Name="billing", AuthParameters={"BasicAuthParameters": {"Password": "canary-new"}})
    assert secrets(api, "billing") == MORE | {"BasicAuthParameters": {"Username": "user", "Password": "canary-new"}}
    events.update_connection(Name="billing", Description="changed")
    assert events.describe_connection(Name="billing")["Description"] == "changed"
    assert secrets(api, "billing")["BasicAuthParameters"]["Password"] == "canary-new"


def test_another_type_of_authorization_replaces_the_parameters_of_the_old(api, events):
    make(events, more=MORE)
    events.update_connection(Name="billing", AuthorizationType="API_KEY", AuthParameters=API_KEY)
    assert events.describe_connection(Name="billing")["AuthorizationType"] == "API_KEY"
    assert secrets(api, "billing") == API_KEY | MORE
    code, text = refusal(events.update_connection, Name="billing", AuthorizationType="BASIC")
    assert code == "ValidationException"
    assert "BasicAuthParameters.Username, BasicAuthParameters.Password" in text


@pytest.mark.parametrize(
    ("kind", "given"),
    [("BASIC", API_KEY), ("API_KEY", {}), ("OAUTH_CLIENT_CREDENTIALS", BASIC), ("BASIC", MORE)],
)
def test_parameters_that_do_not_do_for_the_type_are_refused(events, kind, given):
    code, text = refusal(events.create_connection, Name="c", AuthorizationType=kind, AuthParameters=given)
    assert code == "ValidationException"
    assert kind in text


def test_a_deauthorized_connection_has_no_secrets_until_it_is_authorized_anew(api, events):
    make(events)
    assert events.deauthorize_connection(Name="billing")["ConnectionState"] == "DEAUTHORIZED"
    assert events.describe_connection(Name="billing")["ConnectionState"] == "DEAUTHORIZED"
    assert api.run(api.connections.connection(api.scope(), "billing")).sealed is None
    events.update_connection(Name="billing", Description="still")
    assert events.describe_connection(Name="billing")["ConnectionState"] == "DEAUTHORIZED"
    assert (
        refusal(
            events.update_connection, Name="billing", AuthParameters={"BasicAuthParameters": {"Username": "other"}}
        )[0]
        == "ValidationException"
    )
    assert events.update_connection(Name="billing", AuthParameters=BASIC)["ConnectionState"] == "AUTHORIZED"


def test_a_deleted_connection_is_gone_and_its_name_free(events):
    first = make(events)
    assert events.delete_connection(Name="billing")["ConnectionState"] == "DELETING"
    assert refusal(events.describe_connection, Name="billing")[0] == "ResourceNotFoundException"
    assert make(events)["ConnectionArn"] != first["ConnectionArn"]


def test_connections_are_listed_in_pages_by_prefix_and_state(events):
    for name in ("a1", "a2", "b", "a3", "a4"):
        make(events, name)
    events.deauthorize_connection(Name="a2")
    page = events.list_connections(NamePrefix="a", Limit=2)
    assert [each["Name"] for each in page["Connections"]] == ["a1", "a2"]
    rest = events.list_connections(NamePrefix="a", Limit=2, NextToken=page["NextToken"])
    assert [each["Name"] for each in rest["Connections"]] == ["a3", "a4"]
    assert "NextToken" not in rest
    authorized = events.list_connections(ConnectionState="AUTHORIZED", Limit=2)
    assert [each["Name"] for each in authorized["Connections"]] == ["a1", "b"]
    more = events.list_connections(ConnectionState="AUTHORIZED", Limit=2, NextToken=authorized["NextToken"])
    assert [each["Name"] for each in more["Connections"]] == ["a3", "a4"]
    for request in ({"NextToken": "x"}, {"NextToken": page["NextToken"], "NamePrefix": "b"}):
        assert refusal(events.list_connections, **request)[0] == "ValidationException"


def test_what_would_silently_not_be_done_is_refused(events):
    basic = {"Name": "c", "AuthorizationType": "BASIC", "AuthParameters": BASIC}
    assert refusal(events.create_connection, **basic, KmsKeyIdentifier="alias/mine")[0] == "ValidationException"
    private = {"ResourceParameters": {"ResourceConfigurationArn": ""}}
    code, _ = refusal(events.create_connection, **basic, InvocationConnectivityParameters=private)
    assert code == "UnsupportedOperationException"


def test_a_key_that_does_not_fit_is_told_and_new_parameters_need_none(api, events):
    make(events)
    api.connections._vault = Vault(lambda: b"o" * 32)
    code, text = refusal(
        events.update_connection, Name="billing", AuthParameters={"BasicAuthParameters": {"Password": "canary-new"}}
    )
    assert code == "InvalidStateException"
    assert "another key" in text
    assert "STEPWELL_SECRET_KEY" in text
    events.update_connection(Name="billing", AuthParameters=BASIC | {"InvocationHttpParameters": {}})
    assert secrets(api, "billing")["BasicAuthParameters"] == BASIC["BasicAuthParameters"]
