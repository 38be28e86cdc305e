"""The server: one model, its newest version, over REST and gRPC."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import grpc

from models.serving.server.batching import BatchingSettings
from models.serving.server.cores import available_cores, batches_at_once
from models.serving.server.grpc_api import add_services
from models.serving.server.http_server import HttpServer
from models.serving.server.metrics import Metrics
from models.serving.server.place import NothingToServe, Place
from models.serving.server.rest import RestApi
from models.serving.server.served_model import load
from models.serving.server.service import Service
from models.serving.server.versions import Versions

_LARGEST_MESSAGE = 2**31 - 1


@dataclass(frozen=True)
class ServerSettings:
    """How a server listens, and what it refuses.

    Attributes:
        host: Address to listen on; 127.0.0.1 is reached from this machine alone.
        port: Of REST; 0 takes a free one.
        grpc_port: Of gRPC; 0 takes a free one.
        max_batch: Most rows in one batch.
        batch_timeout_ms: Longest wait for a batch to fill.
        op_threads: Threads that compute one operation of a batch, which decides how many batches are computed
            at a time; what sets TensorFlow to it is `serve`.
        max_request_bytes: Most bytes in a request.
        max_image_pixels: Most pixels an encoded image may declare.
        poll_seconds: Time between two looks for a new version.
        stop_seconds: Longest wait, when stopping, for requests under way.
    """

    host: str = "127.0.0.1"
    port: int = 8501
    grpc_port: int = 8500
    max_batch: int = 64
    batch_timeout_ms: int = 5
    op_threads: int = 1
    max_request_bytes: int = 64 * 2**20
    max_image_pixels: int = 50_000_000
    poll_seconds: float = 1.0
    stop_seconds: float = 30.0

    @property
    def batches_at_once(self) -> int:
        """How many batches are computed at a time on this machine."""
        return batches_at_once(available_cores(), self.op_threads)


class LocalServer:
    """Serves a model from `start` to `stop`, in threads of its own.

    Args:
        place: Where the versions are, and the model's name.
        settings: How to listen, and what to refuse.
    """

    def __init__(self, place: Place, settings: ServerSettings):
        self.place, self.settings = place, settings
        batching = BatchingSettings.for_devices(
            settings.max_batch,
            settings.batch_timeout_ms,
            settings.batches_at_once,
        )

        self.versions = Versions(
            place.folder,
            place.name,
            lambda folder, version: load(folder, version, batching, settings.max_image_pixels),
            settings.poll_seconds,
        )
        self.service = Service(place.name, self.versions, Metrics())
        self.port, self.grpc_port = settings.port, settings.grpc_port
        # Every request waits in a thread while its batch is run; fewer threads than rows would never fill one.
        self._num_threads = max(32, 2 * settings.max_batch)
        self._executor = ThreadPoolExecutor(self._num_threads, "rest")

    def start(self) -> None:
        """Loads the model and begins to answer.

        Raises:
            NothingToServe: No version can be loaded, or a port is taken.
        """
        self.versions.start()
        self._start_grpc()
        self._start_rest()

    def stop(self) -> None:
        """Takes no new connection, finishes what is under way, and ends."""
        grpc_stopped = self._grpc.stop(self.settings.stop_seconds)
        self._http.stop()
        grpc_stopped.wait()
        self._executor.shutdown(wait=False, cancel_futures=True)
        self.versions.stop()

    def _start_grpc(self) -> None:
        settings = self.settings
        options = [
            ("grpc.max_receive_message_length", min(settings.max_request_bytes, _LARGEST_MESSAGE)),
            ("grpc.max_send_message_length", _LARGEST_MESSAGE),
            # Without it a second server on the same port would take every other request.
            ("grpc.so_reuseport", 0),
        ]
        self._grpc = grpc.server(ThreadPoolExecutor(self._num_threads, "grpc"), options=options)
        add_services(self._grpc, self.service, settings.max_request_bytes)
        host = f"[{settings.host}]" if ":" in settings.host else settings.host
        try:
            bound = self._grpc.add_insecure_port(f"{host}:{settings.grpc_port}")
        except RuntimeError:
            bound = 0
        if not bound:
            self.versions.stop()
            raise _taken(settings.host, settings.grpc_port, "--grpc-port")
        self.grpc_port = bound
        self._grpc.start()

    def _start_rest(self) -> None:
        settings = self.settings
        api = RestApi(self.service, self._executor, settings.max_request_bytes)
        try:
            self._http = HttpServer(api, settings.host, settings.port, settings.stop_seconds)
        except OSError as error:
            self._grpc.stop(None)
            self.versions.stop()
            raise _taken(settings.host, settings.port, "--port") from error
        self.port = self._http.port
        self._http.start()


def _taken(host: str, port: int, option: str) -> NothingToServe:
    return NothingToServe(
        f"Cannot listen on {host}, port {port}: another program has it, or the address is not this "
        f"machine's. Give a free port with {option}; 0 takes any."
    )
