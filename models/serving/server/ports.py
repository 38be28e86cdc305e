"""Opens the ports of a server before anything dear is done; no TensorFlow."""

import socket
from dataclasses import dataclass
from typing import Any

import grpc

from models.serving.server.grpc_request_counter import GrpcRequestCounter
from models.serving.server.model_directory import NothingToServe
from models.serving.server.resizable_thread_pool import ResizableThreadPool
from models.serving.server.server_settings import ServerSettings

_LARGEST_MESSAGE = 2**31 - 1


@dataclass(frozen=True)
class Ports:
    """What listens, and answers nobody yet: whoever connects waits.

    Attributes:
        sockets: Of REST, all of one port.
        port: Of REST.
        grpc_server: Not started yet.
        grpc_port: Of gRPC.
        grpc_threads: Run the requests over gRPC.
        grpc_requests: Counts the requests over gRPC.
    """

    sockets: list[socket.socket]
    port: int
    grpc_server: Any
    grpc_port: int
    grpc_threads: ResizableThreadPool
    grpc_requests: GrpcRequestCounter

    def close(self) -> None:
        """Lets the ports go, where nothing was begun on them."""
        for one in self.sockets:
            one.close()
        self.grpc_server.stop(None)
        self.grpc_threads.shutdown(wait=False)


def open_ports(settings: ServerSettings) -> Ports:
    """Takes both ports.

    Raises:
        NothingToServe: One of them cannot be had.
    """
    if settings.port == settings.grpc_port != 0:
        raise NothingToServe(
            f"--port and --grpc-port are both {settings.port}: REST and gRPC each need a port of their own. "
            "Give another with one of them; 0 takes any."
        )
    try:
        sockets = listen(settings.host, settings.port)
    except OSError as error:
        raise _taken(settings.host, settings.port, "--port", error.strerror) from error
    threads, grpc_requests = ResizableThreadPool("grpc"), GrpcRequestCounter()
    options = [
        ("grpc.max_receive_message_length", min(settings.max_request_bytes, _LARGEST_MESSAGE)),
        ("grpc.max_send_message_length", _LARGEST_MESSAGE),
        # Without it a second server on the same port would take every other request.
        ("grpc.so_reuseport", 0),
    ]
    server = grpc.server(threads, options=options, interceptors=[grpc_requests])
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    try:
        bound = server.add_insecure_port(f"{host}:{settings.grpc_port}")
    except RuntimeError:
        bound = 0
    ports = Ports(sockets, sockets[0].getsockname()[1], server, bound, threads, grpc_requests)
    if not bound:
        ports.close()
        raise _taken(settings.host, settings.grpc_port, "--grpc-port", None)
    return ports


def listen(host: str, port: int) -> list[socket.socket]:
    """Binds every address that a host's name stands for to the same port.

    Raises:
        OSError: The port is taken, or an address is not this machine's.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    sockets: list[socket.socket] = []
    try:
        for family, address in dict.fromkeys((one[0], one[4][0]) for one in found):
            taken = sockets[0].getsockname()[1] if sockets else port
            sockets.append(socket.create_server((str(address), taken), family=family, backlog=2048))
    except OSError:
        for one in sockets:
            one.close()
        raise
    return sockets


def _taken(host: str, port: int, option: str, why: str | None) -> NothingToServe:
    return NothingToServe(
        f"Cannot listen on {host}, port {port}: another program has it, or the address is not this "
        f"machine's{f' ({why})' if why else ''}. Give a free port with {option}; 0 takes any."
    )
