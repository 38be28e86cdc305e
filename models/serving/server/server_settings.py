"""Settings of a server: how it listens, and what it refuses; no TensorFlow."""

import os
from dataclasses import dataclass


@dataclass(frozen=True)
class ServerSettings:
    """How a server listens, and what it refuses.

    Attributes:
        host: Address to listen on; 127.0.0.1 is reached from this machine alone.
        port: Of REST; 0 takes a free one.
        grpc_port: Of gRPC; 0 takes a free one.
        max_batch: Most rows in one batch; None takes what each version says of itself.
        batch_timeout_ms: Longest wait for a batch to fill; None takes what each version says of itself.
        op_threads: Threads that compute one operation of a batch, which decides how many batches are computed
            at a time; what sets TensorFlow to it is `serve`.
        max_request_bytes: Most bytes in a request.
        max_image_pixels: Most pixels an encoded image may declare, where the version does not allow fewer; None
            takes what each version says of itself.
        poll_seconds: Time between two looks for a new version.
        stop_seconds: Longest wait, when stopping, for requests under way.
    """

    host: str = "127.0.0.1"
    port: int = 8501
    grpc_port: int = 8500
    max_batch: int | None = None
    batch_timeout_ms: int | None = None
    op_threads: int = 1
    max_request_bytes: int = 64 * 2**20
    max_image_pixels: int | None = None
    poll_seconds: float = 1.0
    stop_seconds: float = 30.0

    @property
    def batches_at_once(self) -> int:
        """How many batches are computed at a time on this machine."""
        return batches_at_once(available_cores(), self.op_threads)


def available_cores() -> int:
    """Returns how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def batches_at_once(cores: int, op_threads: int) -> int:
    """Returns how many batches to compute at a time, so that the batches alone could keep all cores busy.

    Args:
        cores: Number of cores.
        op_threads: Threads that compute one operation of a batch.

    Example: 8 cores and 2 threads compute 4 batches at a time.
    """
    return max(1, cores // op_threads)
