"""Serves one model, its newest version, over REST and gRPC."""

import time

from core.documents.served_as import ServedAs, allowed_pixels
from core.serving_settings import ServingSettings
from models.serving.server.batched_signature import BatchingSettings
from models.serving.server.grpc_api import add_services
from models.serving.server.http_server import HttpServer
from models.serving.server.metrics import Metrics
from models.serving.server.model_directory import ModelDirectory
from models.serving.server.ports import Ports, open_ports
from models.serving.server.resizable_thread_pool import ResizableThreadPool
from models.serving.server.rest import RestApi
from models.serving.server.served_model import ServedModel, load_version
from models.serving.server.server_settings import ServerSettings
from models.serving.server.service import Service
from models.serving.server.versions import Versions

# Of the time to stop, the share in which requests over gRPC may still come.
_DRAINING_SHARE = 0.2


class LocalServer:
    """Serves a model from `start` to `stop`, in threads of its own.

    Args:
        directory: Where the versions are, and the model's name.
        settings: How to listen, and what to refuse.
        ports: Had already; None has the server take those of the settings when it starts.
    """

    def __init__(self, directory: ModelDirectory, settings: ServerSettings, ports: Ports | None = None):
        self.directory, self.settings = directory, settings
        self._ports = ports
        self.versions = Versions(directory.folder, directory.name, self._load, settings.poll_seconds)
        self.service = Service(directory.name, self.versions, Metrics())
        self.port, self.grpc_port = settings.port, settings.grpc_port
        self._threads = ResizableThreadPool("rest")

    def start(self) -> None:
        """Takes the ports, loads the model, and begins to answer.

        Raises:
            NothingToServe: A port is taken, or no version can be loaded.
        """
        if self._ports is None:
            self._ports = open_ports(self.settings)
        try:
            self.versions.start()
        except BaseException:
            self._ports.close()
            raise
        settings, ports = self.settings, self._ports
        self.port, self.grpc_port, self._grpc_requests = ports.port, ports.grpc_port, ports.grpc_requests
        self._grpc = ports.grpc_server
        add_services(self._grpc, self.service, settings.max_request_bytes)
        self._grpc.start()
        api = RestApi(self.service, self._threads, settings.max_request_bytes)
        self._http = HttpServer(api, settings.host, ports.port, settings.stop_seconds, ports.sockets)
        self._http.start()

    def stop(self) -> None:
        """Takes no new connection, finishes what is under way, and ends.

        A request that has been read may not have been handed out yet, and would be dropped: so for a moment all go
        on being answered.
        """
        until = time.monotonic() + self.settings.stop_seconds
        self._grpc_requests.wait_until_quiet(_DRAINING_SHARE * self.settings.stop_seconds)
        grpc_stopped = self._grpc.stop(max(0.0, until - time.monotonic()))
        self._http.stop()
        grpc_stopped.wait()
        self._threads.shutdown(wait=False, cancel_futures=True)
        self.versions.stop()

    def _load(self, folder: str, version: int) -> ServedModel:
        """Loads a version, served as it says where the server's settings say nothing."""
        own, by_model, default = self.settings, ServedAs.of_model(folder), ServingSettings()
        max_batch = _first(own.max_batch, by_model.max_batch, default.max_batch)
        timeout_ms = _first(own.batch_timeout_ms, by_model.batch_timeout_ms, default.batch_timeout_ms)
        model = load_version(
            folder,
            version,
            BatchingSettings.for_devices(max_batch, timeout_ms, own.batches_at_once),
            allowed_pixels(own.max_image_pixels, by_model.max_image_pixels),
        )
        assert self._ports is not None
        for threads in (self._threads, self._ports.grpc_threads):
            threads.grow_for(max_batch)
        return model


def _first(*values: int | None) -> int:
    return next(one for one in values if one is not None)
