import numpy as np
import pytest
import tensorflow as tf

from models.input.sampling import Draws
from models.input.streamed_sampling import drawn_from_stream

COUNTS = (600, 90, 10)


def labels_in_order(counts: tuple[int, ...]) -> np.ndarray:
    return np.random.default_rng(0).permutation(np.repeat([0, 1, 2], counts))


LABELS = labels_in_order(COUNTS)


def draws_of(sampling: str, seed: int = 0, counts: tuple[int, ...] = COUNTS):
    """Returns a function from an epoch to the numbers of the records drawn, in order."""
    # A record's text is its label and its number.
    texts = [f"{label} {i}" for i, label in enumerate(labels_in_order(counts))]
    records = tf.data.Dataset.from_tensor_slices(texts)

    def labels_of(block: tf.Tensor) -> tf.Tensor:
        return tf.strings.to_number(tf.strings.substr(block, 0, 1), tf.int64)

    epoch = tf.Variable(0, dtype=tf.int64)
    epochs = tf.data.Dataset.from_tensors(0).map(lambda _: epoch.read_value())
    stream = drawn_from_stream(records, labels_of, Draws(counts, sampling, 3, seed), epochs)
    # Fetched at once: one by one, each record is as dear as the whole.
    stream = stream.batch(1000)

    def drawn(number: int) -> list[int]:
        epoch.assign(number)
        [records] = stream.as_numpy_iterator()
        return [int(record.split()[1]) for record in records]

    return drawn


@pytest.mark.parametrize("sampling", ["natural", "class_balanced", "sqrt", "progressive", "reversed"])
def test_a_stream_gives_the_numbers_planned_and_each_record_as_often_as_any_other(sampling):
    drawn = draws_of(sampling)
    for epoch in range(3):
        times = np.bincount(drawn(epoch), minlength=700)
        expected = Draws(COUNTS, sampling, 3, 0).per_class(epoch)
        assert np.bincount(LABELS, weights=times).astype(int).tolist() == expected.tolist()
        assert all(np.ptp(times[label == LABELS]) <= 1 for label in range(3))


def test_draws_are_spread_evenly_over_the_stream():
    places = np.array(draws_of("class_balanced")(0))
    common = places[LABELS[places] == 0]
    assert abs(np.mean(common < 350) - 0.5) < 0.05


def test_the_seed_and_the_epoch_decide_the_draws():
    first, again, other = (draws_of("sqrt", seed) for seed in (4, 4, 5))
    assert first(1) == again(1)
    # The order of this stream is the same in all; which records fall out differs.
    assert len({tuple(drawn(epoch)) for epoch in range(3) for drawn in (first, other)}) == 6


def test_over_epochs_every_record_of_a_class_is_drawn_alike():
    counts = (60, 9, 3)
    drawn = draws_of("class_balanced", counts=counts)
    times = sum(np.bincount(drawn(epoch), minlength=72) for epoch in range(60))
    # The phase is random, so that no place in the stream has an advantage.
    share = 60 * (72 / 3) / 60
    common = times[labels_in_order(counts) == 0]
    assert common.mean() == pytest.approx(share, rel=0.01)
    assert common.min() > share * 0.4 and common.max() < share * 1.6
