"""HTTP protocol of Uvicorn with limits, and with refusals in TensorFlow Serving's form."""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol
from uvicorn.server import ServerState

from models.serving.server.json_document import write

_MOST_HEAD_BYTES = 64 * 2**10
_HEAD_SECONDS = 20
_SHOWN = 200


class State(ServerState):
    """What the connections of a server share.

    Attributes:
        pieces: How many connections and pieces of requests have come.
    """

    def __init__(self) -> None:
        super().__init__()
        self.pieces = 0


class LimitedHttp(HttpToolsProtocol):
    """One connection.

    Beyond what Uvicorn does, a client that connects and sends nothing is let go after the time that one is which
    has its answer; a request's head is limited, because the parser keeps all of it, and must come in time, however
    many pieces it comes in; and bytes that are no request are refused in JSON.
    """

    server_state: State

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.server_state.pieces += 1
        self._in_head, self._head_bytes, self._received = False, 0, b""
        self._head_timer: asyncio.TimerHandle | None = None
        self.timeout_keep_alive_task = self.loop.call_later(
            self.timeout_keep_alive, self.timeout_keep_alive_handler
        )

    def data_received(self, data: bytes) -> None:
        self._received = data
        self.server_state.pieces += 1
        super().data_received(data)
        if self.transport.is_closing():
            return
        if self._in_head:
            self._head_bytes += len(data)
            if self._head_bytes > _MOST_HEAD_BYTES:
                self._refuse(400, f"Malformed request: a head of over {_MOST_HEAD_BYTES} bytes")
                return
        # Also where nothing has begun yet: lines without text before a head are passed over.
        if (self._in_head or self._is_idle()) and self._head_timer is None:
            self._head_timer = self.loop.call_later(_HEAD_SECONDS, self._give_up_head)

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_head_timer()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        self._in_head, self._head_bytes = True, 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._in_head = False
        self._stop_head_timer()
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:
        """Refuses what is no request, and closes the connection."""
        if msg.startswith("Invalid HTTP"):
            line = self._received.partition(b"\r\n")[0].decode("latin-1")
            msg = f"Malformed request: {' '.join(line.split()[:2])[:_SHOWN]}"
        self._refuse(400, msg)

    def _is_idle(self) -> bool:
        """Tells whether no request is being read or answered."""
        return self.cycle is None or self.cycle.response_complete

    def _give_up_head(self) -> None:
        self._head_timer = None
        if self.transport.is_closing():
            return
        if not self._is_idle():
            # A request before it is still answered.
            self._head_timer = self.loop.call_later(_HEAD_SECONDS, self._give_up_head)
        elif self._in_head:
            self._refuse(408, f"The request's head did not come within {_HEAD_SECONDS} seconds")
        else:
            self.transport.close()

    def _stop_head_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _refuse(self, status: int, message: str) -> None:
        body = write({"error": message})
        head: list[tuple[bytes, Any]] = [
            *self.server_state.default_headers,
            (b"content-type", b"application/json"),
            (b"content-length", b"%d" % len(body)),
            (b"connection", b"close"),
        ]
        lines = b"".join(b"%s: %s\r\n" % one for one in head)
        self.transport.write(STATUS_LINE[status] + lines + b"\r\n" + body)
        self.transport.close()
