"""Listens for HTTP in a thread of its own."""

import math
import socket
import threading
from concurrent.futures import Future
from typing import Any

import uvicorn
import uvloop

from models.serving.server.http_protocol import LimitedHttp
from models.serving.server.ports import listen

_IDLE_SECONDS = 300
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
    """Says when it listens."""

    def __init__(self, config: uvicorn.Config):
        super().__init__(config)
        self.ready: Future[None] = Future()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        try:
            await super().startup(sockets)
        except BaseException as error:
            self.ready.set_exception(error)
            raise
        self.ready.set_result(None)
