"""Counts gRPC requests handed to threads, so that a server that stops has handed out all that it has read."""

import time
from collections.abc import Callable
from typing import Any

import grpc

_QUIET_ROUNDS = 20


class GrpcRequestCounter(grpc.ServerInterceptor):
    """Counts the requests that have been handed out to threads.

    What gRPC has read and not handed out when it is stopped, it drops.
    """

    def __init__(self) -> None:
        self._count = 0

    def intercept_service(self, continuation: Callable[..., Any], handler_call_details: Any) -> Any:
        self._count += 1
        return continuation(handler_call_details)

    def wait_until_quiet(self, seconds: float) -> None:
        """Waits until none has come for a moment; where they never cease, for so many seconds."""
        until, rounds = time.monotonic() + seconds, 0
        while rounds < _QUIET_ROUNDS and time.monotonic() < until:
            before = self._count
            # A sleep takes longer on a machine that is busy, as does handing out.
            time.sleep(0.01)
            rounds = rounds + 1 if self._count == before else 0
