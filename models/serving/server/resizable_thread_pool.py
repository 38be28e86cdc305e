"""Thread pool for requests that grows with the batches they are to fill."""

import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from typing import Any

_FEWEST = 32


class ResizableThreadPool(Executor):
    """A thread pool that can be made larger while it works.

    Args:
        name: Of the threads.
    """

    def __init__(self, name: str):
        self._name = name
        self._lock = threading.Lock()
        self._size = _FEWEST
        self._pool = ThreadPoolExecutor(_FEWEST, name)

    def grow_for(self, max_batch: int) -> None:
        """Sees to as many threads as it takes to fill a batch while another is run.

        Every request waits in a thread while its batch is run; fewer threads than rows would never fill one.
        """
        with self._lock:
            if 2 * max_batch > self._size:
                self._size = 2 * max_batch
                # What it has begun or taken on, the former pool still does.
                self._pool.shutdown(wait=False)
                self._pool = ThreadPoolExecutor(self._size, self._name)

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        with self._lock:
            return self._pool.submit(fn, *args, **kwargs)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        with self._lock:
            pool = self._pool
        pool.shutdown(wait, cancel_futures=cancel_futures)
