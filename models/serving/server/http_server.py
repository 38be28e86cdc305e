"""HTTP server in a thread of its own."""

import asyncio
import math
import socket
import threading
from concurrent.futures import Future
from typing import Any

import uvicorn
import uvloop

from models.serving.server.http_protocol import LimitedHttp, State
from models.serving.server.ports import listen

_IDLE_SECONDS = 300
# When stopping: rounds of the loop in which nothing comes, and the longest wait for them where it never ceases.
_QUIET_ROUNDS, _MOST_COMING_SECONDS = 10, 5
_HEADERS = [("server", "counterpoise"), ("x-content-type-options", "nosniff")]


class HttpServer:
    """Runs an ASGI application from `start` to `stop`.

    Args:
        application: Answers the requests.
        host: Name or address to listen on; a name may stand for several addresses.
        port: 0 takes a free one.
        stop_seconds: Longest wait, when stopping, for requests under way.
        sockets: Listen already, in place of host and port.

    Raises:
        OSError: The port is taken, or the address is not this machine's.
    """

    def __init__(
        self,
        application: Any,
        host: str,
        port: int,
        stop_seconds: float,
        sockets: list[socket.socket] | None = None,
    ):
        self._sockets = listen(host, port) if sockets is None else sockets
        self.port: int = self._sockets[0].getsockname()[1]
        config = uvicorn.Config(
            application,
            http=LimitedHttp,
            ws="none",
            lifespan="off",
            log_config=None,
            # Clients that talk no HTTP are no news.
            log_level="critical",
            access_log=False,
            server_header=False,
            proxy_headers=False,
            headers=_HEADERS,
            timeout_keep_alive=_IDLE_SECONDS,
            timeout_graceful_shutdown=math.ceil(stop_seconds),
        )
        self._server = _Server(config)
        self._thread = threading.Thread(target=self._run, name="http", daemon=True)

    def start(self) -> None:
        """Begins to answer."""
        self._thread.start()
        self._server.ready.result()

    def stop(self) -> None:
        """Takes no new connection, finishes what is under way, and ends."""
        self._server.should_exit = True
        self._thread.join()

    def _run(self) -> None:
        loop = uvloop.new_event_loop()
        loop.run_until_complete(self._server.serve(self._sockets))
        loop.close()


class _Server(uvicorn.Server):
    """Says when it listens, and reads what has come before it stops."""

    def __init__(self, config: uvicorn.Config):
        super().__init__(config)
        self.server_state: State = State()
        self.ready: Future[None] = Future()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        try:
            await super().startup(sockets)
        except BaseException as error:
            self.ready.set_exception(error)
            raise
        self.ready.set_result(None)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        # Uvicorn drops what it has not read yet, though the system has taken it.
        loop, rounds = asyncio.get_running_loop(), 0
        until = loop.time() + _MOST_COMING_SECONDS
        while rounds < _QUIET_ROUNDS and loop.time() < until:
            before = self.server_state.pieces
            # A round reads whatever there is to read; on a machine that is busy it takes longer.
            await asyncio.sleep(0.01)
            rounds = rounds + 1 if self.server_state.pieces == before else 0
        await super().shutdown(sockets)
