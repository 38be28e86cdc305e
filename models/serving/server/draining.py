"""Which HTTP requests are under way, so that a server stops after them."""

import asyncio
import time


class Draining:
    """Knows the requests under way; used in the thread of the event loop alone.

    Attributes:
        stopping: Whether connections are to be closed after their answer.
    """

    def __init__(self) -> None:
        self.stopping = False
        self._under_way: set[int] = set()

    def begin(self, request: object) -> None:
        """Notes a request."""
        self._under_way.add(id(request))

    def end(self, request: object) -> None:
        """Forgets a request that was answered, or whose client has gone; both may happen to one."""
        self._under_way.discard(id(request))

    async def wait(self, seconds: float) -> None:
        """Waits until none is under way, but no longer than this."""
        ends = time.monotonic() + seconds
        while self._under_way and time.monotonic() < ends:
            await asyncio.sleep(0.01)
