"""Runs a signature on batches: the rows of requests that come at the same time.

TensorFlow has an operation for it, BatchFunction, but keeps its queue, its threads and all that its function has been
compiled to for as long as the process lives: some 20 MB more with every version taken up. So `call_coalescer` brings
the calls together; here their tensors are joined, and the answers cut apart.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from models.serving.server.call_coalescer import CallCoalescer
from models.serving.server.signature import Signature, Tensors


@dataclass(frozen=True)
class BatchingSettings:
    """How requests are joined.

    Attributes:
        max_batch: Most rows in one batch.
        timeout_ms: Longest wait for a batch to fill before it is run.
        allowed_sizes: Sizes that batches are padded to, rising up to `max_batch`; empty pads nothing.
            Padding costs time on a CPU; on a GPU it keeps the number of different shapes small.
        num_threads: Batches computed at a time; what comes meanwhile gathers to the next.
    """

    max_batch: int
    timeout_ms: int
    allowed_sizes: tuple[int, ...] = ()
    num_threads: int = 1

    @classmethod
    def for_devices(cls, max_batch: int, timeout_ms: int, num_threads: int) -> "BatchingSettings":
        """Returns settings that pad to powers of two where there is a GPU."""
        powers = [2**power for power in range(max_batch.bit_length()) if 2**power < max_batch]
        on_gpu = bool(tf.config.list_physical_devices("GPU"))
        return cls(max_batch, timeout_ms, (*powers, max_batch) if on_gpu else (), num_threads)


class BatchedSignature:
    """Runs a signature for many threads at once, joining their rows.

    A request that finds no other under way is run at once: waiting for company would only delay it. So
    is one that already fills a batch. All others are joined along axis 0. Where a joined batch fails, each of its
    requests is run alone, so one that cannot be computed fails alone.

    Signatures are joined where every input and output has a free first axis, and the inputs no other
    free one, so that rows of two requests always fit together.

    Args:
        signature: What is run.
        settings: How requests are joined.
    """

    def __init__(self, signature: Signature, settings: BatchingSettings):
        self.signature = signature
        self._settings = settings
        self._lock = threading.Lock()
        self._under_way = 0
        self._sizes = np.zeros(settings.max_batch + 1, np.int64)
        joins = can_be_joined(signature) and settings.max_batch > 1
        self._joined = (
            CallCoalescer(self._run_batch, settings.max_batch, settings.timeout_ms, settings.num_threads)
            if joins
            else None
        )

    def __call__(self, tensors: Tensors) -> Tensors:
        """Runs the signature on checked tensors.

        Raises:
            tf.errors.OpError: The graph cannot compute them.
        """
        with self._lock:
            alone = self._under_way == 0
            self._under_way += 1
        try:
            if alone or self._joined is None or not self._fits_a_batch(tensors):
                return self._run_alone(tensors)
            try:
                return self.run_joined(tensors)
            except tf.errors.OpError:
                return self._run_alone(tensors)
        finally:
            with self._lock:
                self._under_way -= 1

    def run_joined(self, tensors: Tensors) -> Tensors:
        """Runs the signature together with whatever else is waiting."""
        assert self._joined is not None
        answer: Tensors = self._joined(tensors, _num_rows(tensors))
        return answer

    @property
    def joins(self) -> bool:
        """Whether requests can be joined at all."""
        return self._joined is not None

    def batch_sizes(self) -> np.ndarray:
        """Returns how many batches were run by their rows, int64 `(max_batch + 1,)`; more count as most."""
        with self._lock:
            return self._sizes.copy()

    def _fits_a_batch(self, tensors: Tensors) -> bool:
        rows = {len(tensor) for tensor in tensors.values()}
        return len(rows) == 1 and 0 < min(rows) < self._settings.max_batch

    def _run_alone(self, tensors: Tensors) -> Tensors:
        rows = max((len(tensor) for tensor in tensors.values() if tensor.shape), default=1)
        self._count(rows)
        return self.signature.run(tensors)

    def _run_batch(self, requests: Sequence[Tensors]) -> list[Tensors]:
        """Runs several requests as one, and cuts the answer apart."""
        ends = np.cumsum([_num_rows(one) for one in requests])
        rows = ends[-1]
        padded = next((size for size in self._settings.allowed_sizes if size >= rows), rows)
        joined = {}
        for name in self.signature.inputs:
            parts = [one[name] for one in requests]
            # Rows that can be computed, as one of them is.
            joined[name] = np.concatenate([*parts, *[parts[0][:1]] * (padded - rows)])
        self._count(padded)
        outputs = self.signature.run(joined)
        for name, values in outputs.items():
            if len(values) != padded:
                message = (
                    f"Output {name} has {len(values)} rows for {padded}: rows of requests cannot be joined"
                )
                raise tf.errors.InvalidArgumentError(None, None, message)
        starts = [0, *ends[:-1]]
        return [
            {name: values[start:end] for name, values in outputs.items()}
            for start, end in zip(starts, ends, strict=True)
        ]

    def _count(self, rows: int) -> None:
        with self._lock:
            self._sizes[min(rows, self._settings.max_batch)] += 1


def _num_rows(tensors: Tensors) -> int:
    return len(next(iter(tensors.values())))


def can_be_joined(signature: Signature) -> bool:
    """Tells whether rows of any two requests fit together, and the answer can be cut apart again."""
    inputs = [spec.shape for spec in signature.inputs.values()]
    outputs = [spec.shape for spec in signature.outputs.values()]
    free_first = all(shape.rank and shape[0] is None for shape in [*inputs, *outputs])
    return bool(inputs) and free_first and all(shape[1:].is_fully_defined() for shape in inputs)
