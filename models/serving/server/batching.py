"""Requests that come at the same time are run together, by TensorFlow's own batching."""

import functools
import itertools
import threading
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from models.serving.server.signature import Signature, Tensors, as_arrays, readable_errors

# More than there are request threads, so that a full queue never refuses.
_MAX_WAITING = 10_000
_UNIQUE = itertools.count()


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
    is one that already fills a batch. All others are joined along axis 0 by TensorFlow's BatchFunction, the operation
    under `tf.nondifferentiable_batch_function`. Where a joined batch fails, each of its requests is run alone,
    so one that cannot be computed fails alone.

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
        self._run_alone = np.zeros(settings.max_batch + 1, np.int64)
        self._joined_sizes: tf.Variable | None = None
        joins = can_be_joined(signature) and settings.max_batch > 1
        self._joined: Callable[..., list[tf.Tensor]] | None = self._join() if joins else None

    def __call__(self, tensors: Tensors) -> Tensors:
        """Runs the signature on checked tensors.

        Raises:
            tf.errors.OpError: The graph cannot compute them.
        """
        with self._lock:
            alone = self._under_way == 0
            self._under_way += 1
        try:
            if alone or self._joined is None or not self._has_company_to_gain(tensors):
                return self._alone(tensors)
            try:
                return self.run_joined(tensors)
            except tf.errors.OpError:
                return self._alone(tensors)
        finally:
            with self._lock:
                self._under_way -= 1

    def run_joined(self, tensors: Tensors) -> Tensors:
        """Runs the signature together with whatever else is waiting."""
        assert self._joined is not None
        with readable_errors():
            outputs = self._joined(in_tensors=list(self.signature.constants(tensors).values()))
            return as_arrays(dict(zip(self.signature.outputs, outputs, strict=True)))

    @property
    def joins(self) -> bool:
        """Whether requests can be joined at all."""
        return self._joined is not None

    def batch_sizes(self) -> np.ndarray:
        """Returns how many batches were run by their rows, int64 `(max_batch + 1,)`; more count as most."""
        joined = 0 if self._joined_sizes is None else self._joined_sizes.numpy()
        return self._run_alone + joined

    def _has_company_to_gain(self, tensors: Tensors) -> bool:
        rows = {len(tensor) for tensor in tensors.values()}
        return len(rows) == 1 and 0 < min(rows) < self._settings.max_batch

    def _alone(self, tensors: Tensors) -> Tensors:
        rows = max((len(tensor) for tensor in tensors.values() if tensor.shape), default=1)
        with self._lock:
            self._run_alone[min(rows, self._settings.max_batch)] += 1
        return self.signature.run(tensors)

    def _join(self) -> Callable[..., list[tf.Tensor]]:
        settings, signature = self._settings, self.signature
        names = list(signature.inputs)
        sizes = tf.Variable(tf.zeros([settings.max_batch + 1], tf.int64), trainable=False)
        self._joined_sizes = sizes

        @tf.function(input_signature=list(signature.inputs.values()), autograph=False)
        def batch(*columns):
            sizes.scatter_nd_add([[tf.shape(columns[0])[0]]], tf.ones([1], tf.int64))
            outputs = signature.function(**dict(zip(names, columns, strict=True)))
            return [outputs[name] for name in signature.outputs]

        function = batch.get_concrete_function()
        # Batching functions of the same name share one queue.
        queue = f"signature_{next(_UNIQUE)}"
        # Called as an operation: within a function of its own, each request would be scheduled twice more.
        return functools.partial(
            tf.raw_ops.BatchFunction,
            captured_tensors=function.captured_inputs,
            f=function,
            Tout=[spec.dtype for spec in signature.outputs.values()],
            num_batch_threads=settings.num_threads,
            max_batch_size=settings.max_batch,
            batch_timeout_micros=settings.timeout_ms * 1000,
            allowed_batch_sizes=list(settings.allowed_sizes),
            max_enqueued_batches=_MAX_WAITING,
            shared_name=queue,
            batching_queue=queue,
            enable_large_batch_splitting=False,
        )


def can_be_joined(signature: Signature) -> bool:
    """Tells whether rows of any two requests fit together, and the answer can be cut apart again."""
    inputs = [spec.shape for spec in signature.inputs.values()]
    outputs = [spec.shape for spec in signature.outputs.values()]
    free_first = all(shape.rank and shape[0] is None for shape in [*inputs, *outputs])
    return bool(inputs) and free_first and all(shape[1:].is_fully_defined() for shape in inputs)
