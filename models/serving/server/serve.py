"""Serves until a signal: what `counterpoise serve` runs."""

import gc
import logging
import os
import signal
import sys
import threading
import warnings
from collections.abc import Callable
from typing import Any

from models.serving.server.place import Place

# Python's own 700 has it look through what requests leave behind, which is nothing, several times a second.
_OBJECTS_BEFORE_COLLECTING = 20_000


def serve(place: Place, settings: dict[str, Any], announce: Callable[[str], None]) -> None:
    """Serves a model until SIGTERM or SIGINT, then finishes what is under way; a second signal ends at once.

    Args:
        place: Where the versions are, and the model's name.
        settings: Fields of `local_server.ServerSettings`.
        announce: Is given one line with the addresses once clients can be answered.

    Raises:
        NothingToServe: No version can be loaded, or a port is taken.
    """
    _silence()
    import tensorflow as tf

    from models.serving.server.local_server import LocalServer, ServerSettings

    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda caught, _: _end(caught, stopped))
    server_settings = ServerSettings(**settings)
    # Before TensorFlow computes anything, which fixes the numbers. A thread for operations that finds nothing to do
    # looks for it for a while, at the cost of a core, so there are no more of them than batches.
    tf.config.threading.set_intra_op_parallelism_threads(server_settings.op_threads)
    tf.config.threading.set_inter_op_parallelism_threads(server_settings.batches_at_once)
    gc.set_threshold(_OBJECTS_BEFORE_COLLECTING)
    server = LocalServer(place, server_settings)
    server.start()
    host = f"[{server.settings.host}]" if ":" in server.settings.host else server.settings.host
    announce(
        f"Serving {place.name}, version {server.versions.get().version}: page and REST on "
        f"http://{host}:{server.port}, gRPC on {host}:{server.grpc_port}"
    )
    stopped.wait()
    server.stop()


def _end(caught: int, stopped: threading.Event) -> None:
    if stopped.is_set():
        os._exit(128 + caught)
    stopped.set()


def _silence() -> None:
    """Keeps what TensorFlow says of itself off the terminal; must come before TensorFlow is imported."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")
    warnings.simplefilter("ignore")
    logging.getLogger("tensorflow").setLevel(logging.ERROR)
    logging.getLogger("absl").setLevel(logging.ERROR)
    # The terminal may be closed while the server goes on.
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
