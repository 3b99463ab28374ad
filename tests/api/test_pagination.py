import asyncio
from base64 import urlsafe_b64decode, urlsafe_b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepwell.api.pagination import TOKEN_LIFETIME, Pages, page_size
from stepwell.runtime.arns import Scope
from stepwell.runtime.errors import InvalidToken

HERE = Scope("111111111111", "us-east-1")
QUESTION = ("ListExecutions", "arn", None)


class Clock:
    now = 1_000


def pages(secret=b"s" * 32):
    async def give():
        return secret

    return Pages(give, lambda: Clock.now)


def token_for(position, scope=HERE, question=QUESTION):
    return asyncio.run(pages().token(scope, question, position))


def position_in(token, scope=HERE, question=QUESTION, secret=b"s" * 32):
    return asyncio.run(pages(secret).position(scope, question, token))


@given(st.integers(min_value=0, max_value=2**63))
def test_a_token_leads_to_its_position(position):
    assert position_in(token_for(position)) == position


def test_no_token_is_no_position():
    assert position_in(None) is None


def test_a_token_is_good_for_the_same_question_of_the_same_account_only():
    token = token_for(7)
    for scope, question in [
        (Scope("222222222222", "us-east-1"), QUESTION),
        (Scope("111111111111", "eu-west-1"), QUESTION),
        (HERE, ("ListExecutions", "other", None)),
        (HERE, ("ListActivities", "arn", None)),
    ]:
        with pytest.raises(InvalidToken):
            position_in(token, scope, question)
    with pytest.raises(InvalidToken):
        position_in(token, secret=b"t" * 32)


@given(st.text(max_size=80))
def test_what_was_not_made_here_is_refused(text):
    with pytest.raises(InvalidToken):
        position_in(text)


@given(st.integers(min_value=0, max_value=31), st.integers(min_value=1, max_value=255))
def test_a_token_can_not_be_changed(index, flip):
    raw = bytearray(urlsafe_b64decode(token_for(7)))
    raw[index] ^= flip
    with pytest.raises(InvalidToken):
        position_in(urlsafe_b64encode(raw).decode())


def test_a_token_is_good_for_a_day(monkeypatch):
    token = token_for(7)
    monkeypatch.setattr(Clock, "now", 1_000 + TOKEN_LIFETIME)
    assert position_in(token) == 7
    monkeypatch.setattr(Clock, "now", 1_001 + TOKEN_LIFETIME)
    with pytest.raises(InvalidToken):
        position_in(token)


def test_a_page_has_100_items_where_nothing_or_0_is_said():
    assert page_size({}) == page_size({"maxResults": 0}) == page_size({"maxResults": None}) == 100
    assert page_size({"maxResults": 3}) == 3
