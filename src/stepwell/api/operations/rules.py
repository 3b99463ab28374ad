"""The rules of EventBridge, and their targets."""

from typing import Any

from stepwell.api.server import Server
from stepwell.runtime.arns import Scope
from stepwell.runtime.bus.rules import Rule

DEFAULT_LIMIT = 100


async def put_rule(server: Server, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
    """PutRule."""
    bus = server.bus.bus_named(scope, request.get("EventBusName"))
    rule = await server.bus.rules.put(scope, bus, request["Name"], request)
    return {"RuleArn": rule.arn}


async def describe_rule(server: Server, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
    """DescribeRule."""
    return {**_shown(_rule(server, scope, request, "Name")), "CreatedBy": scope.account}


async def delete_rule(server: Server, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
    """DeleteRule."""
    bus = server.bus.bus_named(scope, request.get("EventBusName"))
    await server.bus.rules.delete(scope, bus, request["Name"])
    return {}


async def enable_rule(server: Server, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
    """EnableRule."""
    return await _set_state(server, scope, request, "ENABLED")


async def disable_rule(server: Server, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
    """DisableRule."""
    return await _set_state(server, scope, request, "DISABLED")


async def _set_state(server: Server, scope: Scope, request: dict[str, Any], state: str) -> dict[str, Any]:
    bus = server.bus.bus_named(scope, request.get("EventBusName"))
    await server.bus.rules.set_state(scope, bus, request["Name"], state)
    return {}


async def list_rules(server: Server, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
    """ListRules."""
    bus, prefix = server.bus.bus_named(scope, request.get("EventBusName")), request.get("NamePrefix") or ""
    found = [_shown(rule) for rule in server.bus.rules.of(scope, bus) if rule.name.startswith(prefix)]
    return await page(server, scope, ("ListRules", bus, prefix), request, "Rules", found)


async def list_rule_names_by_target(server: Server, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
    """ListRuleNamesByTarget."""
    bus, arn = server.bus.bus_named(scope, request.get("EventBusName")), request["TargetArn"]
    rules = server.bus.rules.of(scope, bus)
    found = [rule.name for rule in rules if any(target["Arn"] == arn for target in rule.targets.values())]
    return await page(server, scope, ("ListRuleNamesByTarget", bus, arn), request, "RuleNames", found)


async def put_targets(server: Server, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
    """PutTargets."""
    bus = server.bus.bus_named(scope, request.get("EventBusName"))
    failed = await server.bus.rules.put_targets(scope, bus, request["Rule"], request["Targets"])
    return {"FailedEntryCount": len(failed), "FailedEntries": failed}


async def remove_targets(server: Server, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
    """RemoveTargets."""
    bus = server.bus.bus_named(scope, request.get("EventBusName"))
    failed = await server.bus.rules.remove_targets(scope, bus, request["Rule"], request["Ids"])
    return {"FailedEntryCount": len(failed), "FailedEntries": failed}


async def list_targets_by_rule(server: Server, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
    """ListTargetsByRule."""
    rule = _rule(server, scope, request, "Rule")
    return await page(server, scope, ("ListTargetsByRule", rule.arn), request, "Targets", list(rule.targets.values()))


async def page(
    server: Server, scope: Scope, question: tuple[str, ...], request: dict[str, Any], name: str, found: list[Any]
) -> dict[str, Any]:
    """Return a page of what was found, with the token for the next where there is more."""
    first = await server.pages.position(scope, question, request.get("NextToken")) or 0
    end = first + (request.get("Limit") or DEFAULT_LIMIT)
    answer: dict[str, Any] = {name: found[first:end]}
    if end < len(found):
        answer["NextToken"] = await server.pages.token(scope, question, end)
    return answer


def _rule(server: Server, scope: Scope, request: dict[str, Any], member: str) -> Rule:
    bus = server.bus.bus_named(scope, request.get("EventBusName"))
    return server.bus.rules.get(scope, bus, request[member])


def _shown(rule: Rule) -> dict[str, Any]:
    shown = {
        "Name": rule.name,
        "Arn": rule.arn,
        "EventPattern": rule.pattern,
        "ScheduleExpression": rule.schedule,
        "State": rule.state,
        "Description": rule.description,
        "RoleArn": rule.role_arn,
        "EventBusName": rule.bus,
    }
    return {name: value for name, value in shown.items() if value is not None}
