"""Reads the body of a request within limits of size and time.

Reference: https://asgi.readthedocs.io/en/latest/specs/www.html.
"""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

# A body over the limit is read to its end up to here, because most clients read no answer before that.
_MOST_READ = 2**30
_BODY_SECONDS = 120
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]


class BodyRefused(Exception):
    """A body that is not taken.

    Args:
        status: HTTP status.
        message: Why.
        closes: Whether the rest of it is not waited for, and the connection closed.
    """

    def __init__(self, status: int, message: str, closes: bool = False):
        super().__init__(message)
        self.status, self.closes = status, closes


class ClientGone(Exception):
    """Nobody waits for an answer."""


async def read_body(scope: Message, receive: Receive, max_bytes: int) -> bytes:
    """Reads a request's body to its end.

    Args:
        scope: The request, as ASGI has it.
        receive: Likewise.
        max_bytes: Most bytes of a body that is taken.

    Raises:
        BodyRefused: It is too large, or did not come in time.
        ClientGone: The connection was closed.
    """
    task, late = asyncio.current_task(), False
    assert task is not None

    def give_up() -> None:
        nonlocal late
        late = True
        task.cancel()

    timer = asyncio.get_running_loop().call_later(_BODY_SECONDS, give_up)
    try:
        return await _read_pieces(scope, receive, max_bytes)
    except asyncio.CancelledError:
        if not late:
            raise
        message = f"The request's body did not come within {_BODY_SECONDS} seconds"
        raise BodyRefused(408, message, closes=True) from None
    finally:
        timer.cancel()


async def _read_pieces(scope: Message, receive: Receive, max_bytes: int) -> bytes:
    most_read = max(_MOST_READ, max_bytes)
    headers = dict(scope["headers"])
    declared = headers.get(b"content-length", b"0")
    waits = headers.get(b"expect", b"").lower() == b"100-continue"
    if declared.isdigit() and int(declared) > (max_bytes if waits else most_read):
        raise BodyRefused(413, _too_large(max_bytes), closes=True)
    pieces, num_bytes, more = [], 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        num_bytes += len(message["body"])
        if num_bytes > most_read:
            raise BodyRefused(413, _too_large(max_bytes), closes=True)
        if num_bytes <= max_bytes:
            pieces.append(message["body"])
        else:
            pieces.clear()
        more = message["more_body"]
    if num_bytes > max_bytes:
        raise BodyRefused(413, _too_large(max_bytes))
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def _too_large(most: int) -> str:
    return (
        f"The request's body is larger than the limit of {most} bytes: send fewer rows at a time, or start the "
        "server with a higher --max-request-mb"
    )
