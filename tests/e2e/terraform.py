"""The calls that Terraform's AWS provider makes for aws_sfn_state_machine, aws_sfn_alias and aws_sfn_activity.

In the order in which the provider makes them: validate at plan; after each create and update a read; at refresh the
description, the newest version and the tags; at destroy the delete, and then the description until there is none.
A resource is what its block in a configuration says, under the names of the API.
"""

import time

from botocore.exceptions import ClientError

POLL_SECONDS = 0.05
MOST_POLLS = 200
_OF_UPDATES = ("definition", "roleArn", "loggingConfiguration", "tracingConfiguration", "encryptionConfiguration")


class Provider:
    """Makes the calls, with a client, and keeps the names of the operations that it called."""

    def __init__(self, client):
        self._client = client
        self.called = []
        client.meta.events.register("before-call.sfn", self._note)

    def _note(self, model, **_):
        self.called.append(model.name)

    def plan_state_machine(self, block):
        """Check the definition, as the provider does before it shows a plan."""
        answer = self._client.validate_state_machine_definition(definition=block["definition"], type=block["type"])
        return [f"{each['code']}: {each['message']}" for each in answer["diagnostics"] if answer["result"] == "FAIL"]

    def create_state_machine(self, block):
        """Create a state machine; return it as it is read then."""
        created = self._client.create_state_machine(**block)
        assert created["creationDate"].tzinfo is not None
        return self.read_state_machine(created["stateMachineArn"])

    def read_state_machine(self, arn):
        """Return the attributes of a state machine; None where it is gone."""
        found = _unless("StateMachineDoesNotExist", self._client.describe_state_machine, stateMachineArn=arn)
        if found is None:
            return None
        versions = self._client.list_state_machine_versions(stateMachineArn=arn)["stateMachineVersions"]
        tags = self._client.list_tags_for_resource(resourceArn=arn)["tags"]
        newest = versions[0]["stateMachineVersionArn"] if versions else ""
        return {**found, "tags": tags, "stateMachineVersionArn": newest}

    def update_state_machine(self, before, block):
        """Change a state machine from what was read before to what a block says; return it as it is read then."""
        arn = before["stateMachineArn"]
        if any(before.get(name) != block[name] for name in _OF_UPDATES if name in block):
            changes = {name: block[name] for name in _OF_UPDATES if name in block}
            if block.get("publish"):
                changes |= {"publish": True, "versionDescription": block.get("versionDescription", "")}
            self._client.update_state_machine(stateMachineArn=arn, **changes)
            self._poll(lambda: self.read_state_machine(arn)["definition"] == block["definition"])
        self._update_tags(arn, before["tags"], block.get("tags", []))
        return self.read_state_machine(arn)

    def _update_tags(self, arn, before, after):
        gone = [tag["key"] for tag in before if tag["key"] not in {other["key"] for other in after}]
        new = [tag for tag in after if tag not in before]
        if gone:
            self._client.untag_resource(resourceArn=arn, tagKeys=gone)
        if new:
            self._client.tag_resource(resourceArn=arn, tags=new)

    def delete_state_machine(self, arn):
        """Delete a state machine, and wait until it does not exist."""
        self._client.delete_state_machine(stateMachineArn=arn)
        self._poll(lambda: self._gone_or_deleting(arn))

    def _gone_or_deleting(self, arn):
        found = self.read_state_machine(arn)
        assert found is None or found["status"] in {"ACTIVE", "DELETING"}
        return found is None

    def create_alias(self, block):
        """Create an alias; return it as it is read then."""
        return self.read_alias(self._client.create_state_machine_alias(**block)["stateMachineAliasArn"])

    def read_alias(self, arn):
        """Return the attributes of an alias; None where it is gone."""
        return _unless("ResourceNotFound", self._client.describe_state_machine_alias, stateMachineAliasArn=arn)

    def find_alias(self, state_machine, name):
        """Return an alias by its name, as the data source does."""
        listed = self._client.list_state_machine_aliases(stateMachineArn=state_machine)["stateMachineAliases"]
        found = (each["stateMachineAliasArn"] for each in listed)
        return self.read_alias(next(arn for arn in found if arn.endswith(f":{name}")))

    def update_alias(self, arn, **changes):
        """Change an alias; return it as it is read then."""
        self._client.update_state_machine_alias(stateMachineAliasArn=arn, **changes)
        return self.read_alias(arn)

    def delete_alias(self, arn):
        """Delete an alias, and see that it is gone."""
        self._client.delete_state_machine_alias(stateMachineAliasArn=arn)
        assert self.read_alias(arn) is None

    def create_activity(self, block):
        """Create an activity; return it as it is read then."""
        return self.read_activity(self._client.create_activity(**block)["activityArn"])

    def read_activity(self, arn):
        """Return the attributes of an activity; None where it is gone."""
        found = _unless("ActivityDoesNotExist", self._client.describe_activity, activityArn=arn)
        if found is None:
            return None
        return {**found, "tags": self._client.list_tags_for_resource(resourceArn=arn)["tags"]}

    def delete_activity(self, arn):
        """Delete an activity, and see that it is gone."""
        self._client.delete_activity(activityArn=arn)
        self._poll(lambda: self.read_activity(arn) is None)

    @staticmethod
    def _poll(is_so):
        for _ in range(MOST_POLLS):
            if is_so():
                return
            time.sleep(POLL_SECONDS)
        raise AssertionError("the provider would have given up")


def _unless(code, call, **params):
    """Return the answer of a call; None where it is refused with this code."""
    try:
        return call(**params)
    except ClientError as error:
        if error.response["Error"]["Code"] == code:
            return None
        raise


def drift(block, read):
    """Return what a plan would show as changed: each member of a block that is read as another than it says."""
    unread = {"publish", "versionDescription"}
    return {name: read.get(name) for name in block.keys() - unread if read.get(name) != block[name]}
