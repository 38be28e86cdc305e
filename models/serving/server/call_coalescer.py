"""Coalesces concurrent calls into batches, within the calling threads alone.

It knows requests by their number of rows only; `batched_signature` knows what is in them.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any


class CallCoalescer:
    """Has one of the threads that wait run what all of them ask.

    The first to wait gathers: until the batch is full, or its own wait is over. It then runs the batch, and the
    next to wait gathers meanwhile, as long as fewer than `at_once` batches are run; while they are, all wait. So
    nothing is left when the last request has its answer: no thread, and nothing that TensorFlow holds by name.

    Args:
        run: Computes the answers of a batch, in the order of its requests. What it raises, each of them raises.
        max_rows: Most rows in one batch.
        timeout_ms: Longest wait for a batch to fill.
        at_once: Batches run at a time.
    """

    def __init__(
        self, run: Callable[[Sequence[Any]], Sequence[Any]], max_rows: int, timeout_ms: int, at_once: int
    ):
        self._run, self._max_rows, self._at_once = run, max_rows, at_once
        self._timeout = timeout_ms / 1000
        self._lock = threading.Lock()
        self._filled = threading.Condition(self._lock)
        self._waiting: deque[_Waiting] = deque()
        self._rows = 0
        self._running = 0
        # While requests wait and fewer batches are run than may be, one of the requests gathers: the first.
        self._is_gathering = False

    def __call__(self, request: Any, rows: int) -> Any:
        """Returns the answer to a request.

        Args:
            request: As `run` takes it.
            rows: How many rows it has, at most `max_rows`.
        """
        own = _Waiting(request, rows, time.monotonic() + self._timeout)
        with self._lock:
            self._waiting.append(own)
            self._rows += rows
            gathers = not self._is_gathering and self._running < self._at_once
            if gathers:
                self._is_gathering = True
            elif self._is_gathering and self._rows >= self._max_rows:
                self._filled.notify()
        if not gathers:
            own.turn.acquire()
        if not own.is_answered:
            self._run_batch()
        if own.error is not None:
            raise own.error
        return own.answer

    def _run_batch(self) -> None:
        with self._lock:
            until = self._waiting[0].until
            while self._rows < self._max_rows and (left := until - time.monotonic()) > 0:
                self._filled.wait(left)
            batch = self._take()
            self._running += 1
            self._hand_over()
        error, answers = None, [None] * len(batch)
        try:
            answers = list(self._run([one.request for one in batch]))
        except BaseException as raised:
            error = raised
        with self._lock:
            self._running -= 1
            if not self._is_gathering:
                self._hand_over()
        for one, answer in zip(batch, answers, strict=True):
            one.answer, one.error, one.is_answered = answer, error, True
            one.turn.release()

    def _take(self) -> list["_Waiting"]:
        batch = [self._waiting.popleft()]
        rows = batch[0].rows
        while self._waiting and rows + self._waiting[0].rows <= self._max_rows:
            batch.append(self._waiting.popleft())
            rows += batch[-1].rows
        self._rows -= rows
        return batch

    def _hand_over(self) -> None:
        self._is_gathering = bool(self._waiting) and self._running < self._at_once
        if self._is_gathering:
            self._waiting[0].turn.release()


class _Waiting:
    """A request that waits for its answer, or to gather."""

    __slots__ = ("answer", "error", "is_answered", "request", "rows", "turn", "until")

    def __init__(self, request: Any, rows: int, until: float):
        self.request, self.rows, self.until = request, rows, until
        self.answer: Any = None
        self.error: BaseException | None = None
        self.is_answered = False
        # An Event would be a lock and a condition.
        self.turn = threading.Lock()
        self.turn.acquire()
