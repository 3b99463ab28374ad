"""The poll of an activity that has no task, with the minute made short."""

import asyncio
import time

import pytest

from stepwell.runtime import activities
from stepwell.runtime.activities import Activities
from stepwell.storage.memory import MemoryStore

ARN = "arn:aws:states:us-east-1:123456789012:activity:idle"


async def never(*hint):
    pytest.fail(f"nothing was offered, and {hint} was taken")


def test_a_poll_is_held_a_minute():
    assert activities.POLL_SECONDS == 60


def test_a_poll_without_a_task_ends_empty_when_its_time_is_over(monkeypatch):
    monkeypatch.setattr(activities, "POLL_SECONDS", 0.2)

    async def poll():
        store = MemoryStore()
        await store.open()
        began = time.monotonic()
        found = await Activities(store).poll(ARN, never)
        await store.close()
        return found, time.monotonic() - began

    found, seconds = asyncio.run(poll())
    assert found is None
    assert seconds >= 0.19


def test_a_task_whose_poller_has_given_up_goes_to_the_next(monkeypatch):
    monkeypatch.setattr(activities, "POLL_SECONDS", 0.05)

    async def scenario():
        store = MemoryStore()
        await store.open()
        queues = Activities(store)

        async def take(*hint):
            return "token", str(hint)

        assert await queues.poll(ARN, take) is None
        queues.offer(ARN, (1, 2, 3))
        return await queues.poll(ARN, take)

    assert asyncio.run(scenario()) == ("token", "(1, 2, 3)")
