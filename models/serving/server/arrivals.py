"""When requests come, so that a server that stops has handed out all that it has read."""

import time
from collections.abc import Callable
from typing import Any

import grpc

# Between a request read and its being noted lie fractions of this, on a machine that is not overloaded.
_QUIET_SECONDS = 0.2


class Arrivals(grpc.ServerInterceptor):
    """Notes when the last request came, in whichever protocol."""

    def __init__(self) -> None:
        self._last = time.monotonic()

    def note(self) -> None:
        """Notes a request."""
        self._last = time.monotonic()

    def intercept_service(self, continuation: Callable[..., Any], handler_call_details: Any) -> Any:
        self.note()
        return continuation(handler_call_details)

    def wait_for_none(self, seconds: float) -> None:
        """Waits until none has come for a moment; where they never cease, for so many seconds."""
        started = time.monotonic()
        while (now := time.monotonic()) - started < seconds and now - max(
            started, self._last
        ) < _QUIET_SECONDS:
            time.sleep(0.01)
