"""Requests of many threads joined into batches."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import tensorflow as tf

from models.serving.server.batched_signature import BatchedSignature, BatchingSettings, can_be_joined
from models.serving.server.signature import Signature
from tests.models.serving.server.conftest import png, probability

CROWD = 8


@pytest.fixture(scope="module")
def signature(parts_folder) -> Callable[[str], Signature]:
    loaded = tf.saved_model.load(str(parts_folder / "1"))
    return lambda name: Signature.of(name, loaded.signatures[name])


def at_once(batched: BatchedSignature, requests: list) -> list:
    """Runs requests in as many threads, begun together; an error stands in place of an answer."""
    together = threading.Barrier(len(requests))

    def run(tensors):
        together.wait()
        try:
            return batched.run_joined(tensors)
        except tf.errors.OpError as error:
            return error

    with ThreadPoolExecutor(len(requests)) as threads:
        return list(threads.map(run, requests))


def objects(*values: bytes) -> np.ndarray:
    return np.array(values, object)


def part(brightness: int, encoded: bytes | None = None) -> dict[str, np.ndarray]:
    image = objects(png(brightness) if encoded is None else encoded)
    return {"image": image, "width": np.zeros(1, np.float32), "line": objects(b"north")}


def test_requests_at_the_same_time_are_run_together_and_answered_apart(signature):
    batched = BatchedSignature(signature("add"), BatchingSettings(CROWD, 30_000))
    answers = at_once(batched, [{"pairs": np.float32([[i, 100]])} for i in range(CROWD)])
    assert [answer["sum"].tolist() for answer in answers] == [[100 + i] for i in range(CROWD)]
    # The wait is far longer than the test: only a full batch can have run.
    assert batched.batch_sizes()[CROWD] == 1 and batched.batch_sizes().sum() == 1


def test_requests_of_several_rows_are_joined_with_single_ones(signature):
    batched = BatchedSignature(signature("add"), BatchingSettings(6, 30_000))
    sizes = (1, 2, 3)
    answers = at_once(batched, [{"pairs": np.full((size, 2), size, np.float32)} for size in sizes])
    assert [answer["sum"].tolist() for answer in answers] == [[2.0 * size] * size for size in sizes]
    assert batched.batch_sizes()[6] == 1


def test_a_batch_that_does_not_fill_is_run_when_its_time_is_over(signature):
    batched = BatchedSignature(signature("add"), BatchingSettings(CROWD, 1))
    assert batched.run_joined({"pairs": np.float32([[1, 2]])})["sum"].tolist() == [3]


def test_padding_to_allowed_sizes_is_not_seen_in_the_answer(signature):
    batched = BatchedSignature(signature("add"), BatchingSettings(8, 1, (4, 8)))
    assert batched.run_joined({"pairs": np.float32([[1, 2]])})["sum"].tolist() == [3]
    assert batched.batch_sizes()[4] == 1


def test_a_request_alone_is_run_at_once(signature):
    batched = BatchedSignature(signature("add"), BatchingSettings(CROWD, 60_000))
    assert batched({"pairs": np.float32([[1, 2]])})["sum"].tolist() == [3]
    assert batched.batch_sizes()[1] == 1


def test_one_bad_image_fails_alone(signature):
    batched = BatchedSignature(signature("predict_raw"), BatchingSettings(4, 500))
    started, answers = threading.Barrier(4), {}

    def run(place: int) -> None:
        started.wait()
        try:
            answers[place] = batched(part(place, b"no image" if place == 2 else None))
        except tf.errors.InvalidArgumentError:
            answers[place] = None

    # Many rounds, so that the bad one meets others in its batch.
    for _ in range(5):
        threads = [threading.Thread(target=run, args=(place,)) for place in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert answers[2] is None
        for place in (0, 1, 3):
            expected = probability(place, 0, "north")
            assert answers[place]["probabilities"][0, 1] == pytest.approx(expected, abs=1e-6)
    # Joined, it did fail: only running each alone saved the others.
    joined = at_once(batched, [part(1), part(0, b"no image"), part(2), part(3)])
    assert all(isinstance(answer, tf.errors.InvalidArgumentError) for answer in joined)


def test_an_error_that_quotes_bytes_is_an_error_of_the_graph_all_the_same(signature):
    batched = BatchedSignature(signature("serving_default"), BatchingSettings(1, 1))
    with pytest.raises(tf.errors.InvalidArgumentError, match="Could not parse example input"):
        batched({"examples": objects(b"\xff\x89")})
    joined = BatchedSignature(signature("serving_default"), BatchingSettings(2, 1))
    with pytest.raises(tf.errors.InvalidArgumentError, match="Could not parse example input"):
        joined.run_joined({"examples": objects(b"\xff\x89")})


def test_rows_that_may_not_fit_together_are_never_joined(signature):
    assert can_be_joined(signature("add")) and can_be_joined(signature("predict_raw"))
    assert not can_be_joined(signature("add_any"))
    batched = BatchedSignature(signature("add_any"), BatchingSettings(CROWD, 60_000))
    rows = [np.ones((1, 1 + i), np.float32) for i in range(CROWD)]
    with ThreadPoolExecutor(CROWD) as threads:
        sums = [answer["sum"][0] for answer in threads.map(batched, [{"rows": one} for one in rows])]
    assert sums == [1 + i for i in range(CROWD)]


def test_two_models_with_the_same_signature_do_not_mix(signature):
    settings = BatchingSettings(2, 30_000)
    first, second = (BatchedSignature(signature("add"), settings) for _ in range(2))
    for batched in (first, second):
        at_once(batched, [{"pairs": np.float32([[1, 2]])}] * 2)
    assert first.batch_sizes()[2] == second.batch_sizes()[2] == 1
