"""What is promised of task tokens: nobody can make one up, and each answers its own attempt alone."""

import base64
import string
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.world import HERE, SECOND, play, token_task
from stepwell.runtime.errors import InvalidToken, TaskDoesNotExist, TaskTimedOut
from stepwell.runtime.tokens import TaskTokens

OURS, THEIRS = TaskTokens(b"a" * 32), TaskTokens(b"b" * 32)
ALPHABET = string.ascii_letters + string.digits + "-_+/="
KEY, LANE, TICKET = 1_767_225_600_000, 12, 34


@given(st.integers(0, 2**63 - 1), st.integers(0, 2**32 - 1), st.integers(0, 2**63 - 1))
def test_a_token_names_its_ticket(execution, lane, ticket):
    token = OURS.make(execution, lane, ticket)
    assert OURS.read(token) == (execution, lane, ticket)
    assert OURS.make(execution, lane, ticket) == token
    assert len(token) <= 1_024  # AWS's bound


def test_a_token_with_any_character_changed_or_lost_or_added_is_none():
    token = OURS.make(KEY, LANE, TICKET)
    forged = {token[:place] + other + token[place + 1 :] for place in range(len(token)) for other in ALPHABET}
    forged |= {token[:place] + token[place + 1 :] for place in range(len(token))}
    forged |= {token[:place] + "A" + token[place:] for place in range(len(token) + 1)}
    for text in forged - {token}:
        with pytest.raises(InvalidToken):
            OURS.read(text)


@pytest.mark.parametrize("bit", range(8))
def test_a_token_with_any_bit_flipped_is_none(bit):
    raw = base64.urlsafe_b64decode(OURS.make(KEY, LANE, TICKET))
    for place in range(len(raw)):
        forged = raw[:place] + bytes([raw[place] ^ 1 << bit]) + raw[place + 1 :]
        with pytest.raises(InvalidToken):
            OURS.read(base64.urlsafe_b64encode(forged).decode())


@given(st.text())
def test_any_other_text_is_none(text):
    with pytest.raises(InvalidToken):
        OURS.read(text)


def test_a_token_of_another_installation_is_none():
    with pytest.raises(InvalidToken):
        OURS.read(THEIRS.make(KEY, LANE, TICKET))


def test_an_idempotency_key_is_that_of_its_ticket_in_this_installation_alone():
    key = OURS.idempotency_key(KEY, TICKET)
    assert OURS.idempotency_key(KEY, TICKET) == key == str(uuid.UUID(key))
    others = {tokens.idempotency_key(KEY + n, TICKET + m) for tokens in (OURS, THEIRS) for n in (0, 1) for m in (0, 1)}
    assert len(others) == 8
    assert key in others


def test_forged_tokens_are_refused_and_change_nothing():
    async def scenario(world):
        record = await world.run(await world.machine({"A": token_task()}))
        world.outside.calls[0].submit()
        await world.quiet()
        before = await world.events(record)
        token = world.token_of(world.outside.calls[0])
        for forged in (THEIRS.make(*world.shell.tokens.read(token)), token[:-1], "", "ü"):
            with pytest.raises(InvalidToken):
                await world.engine.complete_task(forged, "1", account=HERE.account)
            with pytest.raises(InvalidToken):
                await world.engine.fail_task(forged, None, None, account=HERE.account)
            with pytest.raises(InvalidToken):
                await world.engine.heartbeat(forged, account=HERE.account)
        return before == await world.events(record)

    assert play(scenario)


def test_a_token_of_an_execution_that_is_gone_is_of_no_task():
    async def scenario(world):
        with pytest.raises(TaskDoesNotExist):
            await world.engine.complete_task(world.shell.tokens.make(1, 2, 3), "1", account=HERE.account)
        return True

    assert play(scenario)


def test_the_token_of_an_earlier_attempt_is_too_late_and_that_of_this_attempt_answers_once(store):
    async def scenario(world):
        retry = [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1, "MaxAttempts": 3}]
        record = await world.run(await world.machine({"A": token_task(Retry=retry)}))
        first = world.token_of(world.outside.calls[0])
        world.outside.calls[0].submit()
        await world.quiet()
        await world.engine.fail_task(first, "E", None, account=HERE.account)
        refused = []

        async def try_all(token):
            for answer in (
                world.engine.complete_task(token, "1", account=HERE.account),
                world.engine.fail_task(token, "F", None, account=HERE.account),
                world.engine.heartbeat(token, account=HERE.account),
            ):
                try:
                    await answer
                except TaskTimedOut:
                    refused.append(await world.status(record))

        await try_all(first)  # while it waits for the next attempt
        await world.pass_time(SECOND)
        await try_all(first)  # while that waits for its answer
        await world.restart()
        await try_all(first)
        second = world.token_of(world.outside.calls[-1])
        await world.engine.complete_task(second, "2", account=HERE.account)
        await try_all(second)
        return first == second, refused, (await world.ended(record)).output

    same, refused, output = play(scenario, store)
    assert not same
    assert refused == ["RUNNING"] * 9 + ["SUCCEEDED"] * 3
    assert output == "2"


def test_a_token_is_the_same_and_good_after_a_restart(store):
    async def scenario(world):
        record = await world.run(await world.machine({"A": token_task()}))
        world.outside.calls[0].submit()
        await world.quiet()
        token = world.token_of(world.outside.calls[0])
        await world.crash()
        await world.begin()
        await world.engine.heartbeat(token, account=HERE.account)
        await world.engine.complete_task(token, "1", account=HERE.account)
        return (await world.ended(record)).output

    assert play(scenario, store) == "1"
