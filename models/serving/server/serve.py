"""Serves until a signal, as `counterpoise serve` does."""

import gc
import logging
import os
import signal
import sys
import threading
import warnings
from collections.abc import Callable

from core.native_log import filter_native_log
from models.serving.server.model_directory import ModelDirectory
from models.serving.server.server_settings import ServerSettings

# Python's own 700 has it look through what requests leave behind, which is nothing, several times a second.
_OBJECTS_BEFORE_COLLECTING = 20_000


def serve(directory: ModelDirectory, settings: ServerSettings, announce: Callable[[str], None]) -> None:
    """Serves a model until SIGTERM or SIGINT, then finishes what is under way; a second signal ends at once.

    Args:
        directory: Where the versions are, and the model's name.
        settings: How to listen, and what to refuse.
        announce: Is given one line with the addresses once clients can be answered.

    Raises:
        NothingToServe: No version can be loaded, or a port is taken.
    """
    _quieten_libraries()
    # After the environment is set, which gRPC reads; and before TensorFlow is imported, which takes seconds.
    from models.serving.server.ports import open_ports

    ports = open_ports(settings)
    import tensorflow as tf

    from models.serving.server.local_server import LocalServer

    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda caught, _: _end(caught, stopped))
    # Before TensorFlow computes anything, which fixes the numbers. A thread for operations that finds nothing to do
    # looks for it for a while, at the cost of a core, so there are no more of them than batches.
    tf.config.threading.set_intra_op_parallelism_threads(settings.op_threads)
    tf.config.threading.set_inter_op_parallelism_threads(settings.batches_at_once)
    gc.set_threshold(_OBJECTS_BEFORE_COLLECTING)
    server = LocalServer(directory, settings, ports)
    server.start()
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    announce(
        f"Serving {directory.name}, version {server.versions.get().version}: page and REST on "
        f"http://{host}:{server.port}, gRPC on {host}:{server.grpc_port}"
    )
    stopped.wait()
    server.stop()


def _end(caught: int, stopped: threading.Event) -> None:
    if stopped.is_set():
        os._exit(128 + caught)
    stopped.set()


def _quieten_libraries() -> None:
    """Keeps what TensorFlow says of itself off the terminal; must come before TensorFlow is imported."""
    filter_native_log()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")
    warnings.simplefilter("ignore")
    logging.getLogger("tensorflow").setLevel(logging.ERROR)
    logging.getLogger("absl").setLevel(logging.ERROR)
    _log_to_terminal()
    # The terminal may be closed while the server goes on.
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]


def _log_to_terminal() -> None:
    """Lets the server itself speak, a line at a time: of the versions that it takes up and refuses."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    log = logging.getLogger("models.serving.server")
    log.setLevel(logging.INFO)
    log.propagate = False
    log.handlers = [handler]
