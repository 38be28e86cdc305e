"""Threads that ask at the same time, answered by one of them."""

import sys
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.serving.server.call_coalescer import CallCoalescer

LONG = 60_000


class Doubled:
    """Answers twice the request, and keeps what was run together."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []

    def __call__(self, requests: Sequence[int]) -> list[int]:
        self.batches.append(list(requests))
        return [2 * one for one in requests]


def at_once(gatherer: CallCoalescer, requests: Sequence[int], rows: int = 1) -> list[int]:
    together = threading.Barrier(len(requests))

    def ask(request: int) -> int:
        together.wait()
        return gatherer(request, rows)

    with ThreadPoolExecutor(len(requests)) as threads:
        return list(threads.map(ask, requests))


def test_a_full_batch_is_run_without_waiting():
    run = Doubled()
    assert at_once(CallCoalescer(run, 8, LONG, at_once=1), range(8)) == [0, 2, 4, 6, 8, 10, 12, 14]
    assert [sorted(one) for one in run.batches] == [list(range(8))]


def test_what_does_not_fill_is_run_when_the_wait_is_over():
    run = Doubled()
    started = time.monotonic()
    assert CallCoalescer(run, 8, 50, at_once=1)(3, 1) == 6
    assert time.monotonic() - started >= 0.05


def test_no_batch_has_more_rows_than_it_may():
    run = Doubled()
    assert at_once(CallCoalescer(run, 5, 20, at_once=1), range(6), rows=2) == [0, 2, 4, 6, 8, 10]
    assert max(map(len, run.batches)) == 2


def test_no_more_batches_are_run_at_a_time_than_may_be():
    running, most, lock = 0, 0, threading.Lock()

    def run(requests: Sequence[int]) -> Sequence[int]:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.005)
        with lock:
            running -= 1
        return requests

    at_once(CallCoalescer(run, 1, 0, at_once=2), range(20))
    assert most == 2


def test_an_error_is_that_of_every_request_in_the_batch():
    def fail(requests: Sequence[int]) -> list[int]:
        raise ValueError("broken")

    gatherer = CallCoalescer(fail, 3, LONG, at_once=1)

    def ask(request: int) -> None:
        with pytest.raises(ValueError, match="broken"):
            gatherer(request, 1)

    with ThreadPoolExecutor(3) as threads:
        list(threads.map(ask, range(3)))


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.integers(1, 4), min_size=1, max_size=40),
    st.integers(4, 9),
    st.integers(0, 3),
    st.integers(1, 3),
)
def test_whoever_comes_when_gets_its_own_answer(sizes, max_rows, timeout_ms, batches):
    run = Doubled()
    gatherer = CallCoalescer(run, max_rows, timeout_ms, batches)
    interval = sys.getswitchinterval()
    # Threads change places wherever they can.
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as threads:
            answers = list(threads.map(lambda place: gatherer(place, sizes[place]), range(len(sizes))))
    finally:
        sys.setswitchinterval(interval)
    assert answers == [2 * place for place in range(len(sizes))]
    assert sorted(place for one in run.batches for place in one) == list(range(len(sizes)))
    assert all(sum(sizes[place] for place in one) <= max_rows for one in run.batches)
    assert threading.active_count() < 20
