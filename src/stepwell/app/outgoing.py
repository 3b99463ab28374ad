"""Answers that were made in one round of the loop leave one behind the other.

To send is cheap where whoever is to be woken is awake: the first of some answers wakes a client's process, and it is
still busy with that one when the others come. Sent one by one, as each is made, every answer wakes it anew, which takes
longer than all else that the system does to send it.
"""

import asyncio

MOST_TOGETHER = 16
"""So many answers wait for each other at most: the client should have something to do while the next are made."""


class Outgoing:
    """What is about to leave, for all the connections of a server."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._waiting: list[tuple[asyncio.Transport, bytes]] = []

    def send(self, transport: asyncio.Transport, data: bytes) -> None:
        """Write, once all that has come is looked at; before whatever anybody writes to the transport after that."""
        self._waiting.append((transport, data))
        if len(self._waiting) == 1:
            self._loop.call_soon(self.flush)
        elif len(self._waiting) >= MOST_TOGETHER:
            self.flush()

    def flush(self) -> None:
        """Write all that waits."""
        waiting, self._waiting = self._waiting, []
        for transport, data in waiting:
            if not transport.is_closing():
                transport.write(data)
