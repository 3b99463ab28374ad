"""The API of Amazon EventBridge: which function answers which operation."""

from stepwell.api.model import EVENT_BRIDGE
from stepwell.api.operations import api_destinations, connections, events, rules
from stepwell.api.service import Handler, Service

_HANDLERS: dict[str, Handler] = {
    "CreateApiDestination": api_destinations.create_api_destination,
    "CreateConnection": connections.create_connection,
    "CreateEventBus": events.create_event_bus,
    "DeauthorizeConnection": connections.deauthorize_connection,
    "DeleteApiDestination": api_destinations.delete_api_destination,
    "DeleteConnection": connections.delete_connection,
    "DeleteEventBus": events.delete_event_bus,
    "DeleteRule": rules.delete_rule,
    "DescribeApiDestination": api_destinations.describe_api_destination,
    "DescribeConnection": connections.describe_connection,
    "DescribeEventBus": events.describe_event_bus,
    "DescribeRule": rules.describe_rule,
    "DisableRule": rules.disable_rule,
    "EnableRule": rules.enable_rule,
    "ListApiDestinations": api_destinations.list_api_destinations,
    "ListConnections": connections.list_connections,
    "ListEventBuses": events.list_event_buses,
    "ListRuleNamesByTarget": rules.list_rule_names_by_target,
    "ListRules": rules.list_rules,
    "ListTagsForResource": events.list_tags_for_resource,
    "ListTargetsByRule": rules.list_targets_by_rule,
    "PutEvents": events.put_events,
    "PutRule": rules.put_rule,
    "PutTargets": rules.put_targets,
    "RemoveTargets": rules.remove_targets,
    "TagResource": events.tag_resource,
    "TestEventPattern": events.test_event_pattern,
    "UntagResource": events.untag_resource,
    "UpdateApiDestination": api_destinations.update_api_destination,
    "UpdateConnection": connections.update_connection,
}

SERVICE = Service(
    name="Amazon EventBridge",
    target="AWSEvents",
    content_type=b"application/x-amz-json-1.1",
    model=EVENT_BRIDGE,
    handlers=_HANDLERS,
)
