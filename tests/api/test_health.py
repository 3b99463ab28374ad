from stepwell import __version__
from stepwell.api.health import MAX_PARKED
from stepwell.storage.port import Park


def health(api):
    answer = api.send(method="GET", path="/health")
    assert (answer.status, answer.headers[b"content-type"]) == (200, b"application/json")
    return answer.body


def park(api, arn):
    record = api.run(api.engine.store.execution(arn))
    api.run(api.engine.write(Park(record.key, f'{{"error": "bug in {record.name}"}}')))


def test_a_server_without_trouble_says_its_version(api):
    nothing = {"count": 0, "more": False, "executions": []}
    assert health(api) == {"status": "ok", "version": __version__, "parked": nothing}


def test_parked_executions_are_shown_oldest_first(api, sfn, machine):
    arns = [sfn.start_execution(stateMachineArn=machine, name=name)["executionArn"] for name in ("b", "a")]
    for arn in reversed(arns):
        park(api, arn)
    parked = health(api)["parked"]
    assert parked["count"] == 2
    assert [execution["executionArn"] for execution in parked["executions"]] == arns
    assert parked["executions"][0]["reason"] == '{"error": "bug in b"}'


def test_what_is_shown_is_bounded(api, sfn, machine):
    for number in range(MAX_PARKED + 1):
        park(api, sfn.start_execution(stateMachineArn=machine, name=f"n{number}")["executionArn"])
    parked = health(api)["parked"]
    assert (parked["count"], parked["more"], len(parked["executions"])) == (MAX_PARKED, True, MAX_PARKED)
