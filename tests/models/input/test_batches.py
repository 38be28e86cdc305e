import numpy as np
import pytest
import tensorflow as tf

from models.input.batches import BatchPlan, batches_of_arrays
from models.input.mixing import Mixing

LABELS = np.array([0, 1, 0, 0, 1, 2, 0])
COUNTS = (4, 2, 1)


def test_any_array_may_be_an_input():
    features = {"embedding": tf.constant(np.arange(7, dtype=np.float32)[:, None])}
    plan = BatchPlan(3, COUNTS, seed=0, sampling="class_balanced")
    batches = batches_of_arrays(features, tf.constant(LABELS), plan)
    drawn = [(inputs["embedding"].numpy()[:, 0].astype(int), labels.numpy()) for inputs, labels in batches]
    assert [len(labels) for _, labels in drawn] == [3, 3, 1]
    for places, labels in drawn:
        np.testing.assert_array_equal(LABELS[places], labels)
    counts = np.bincount(np.concatenate([labels for _, labels in drawn]))
    assert sorted(counts) == [2, 2, 3]


def test_without_a_variable_each_reading_is_the_next_epoch():
    features = {"embedding": tf.constant(np.arange(7, dtype=np.float32)[:, None])}

    def epoch_of(plan: BatchPlan) -> list[float]:
        read = batches_of_arrays(features, tf.constant(LABELS), plan)
        return [[float(x[0]) for inputs, _ in read for x in inputs["embedding"]] for _ in range(2)]

    counted = epoch_of(BatchPlan(3, COUNTS, seed=0))
    told = [
        epoch_of(BatchPlan(3, COUNTS, seed=0, epoch=tf.Variable(number, dtype=tf.int64)))[0]
        for number in range(2)
    ]
    assert counted == told
    assert counted[0] != counted[1]


def test_the_share_of_pairs_falls_as_a_parabola_and_not_below_zero():
    features = {"embedding": tf.zeros((7, 1))}
    epoch = tf.Variable(0, dtype=tf.int64)
    plan = BatchPlan(7, COUNTS, seed=0, epochs=4, epoch=epoch, paired=True)
    batches = batches_of_arrays(features, tf.constant(LABELS), plan)
    shares = []
    for number in range(6):
        epoch.assign(number)
        shares.append(float(next(iter(batches))[1][0, 2]))
    assert shares == [1, 15 / 16, 3 / 4, 7 / 16, 0, 0]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"batch_size": 0}, "batch_size=0, epochs=1"),
        ({"epochs": 0}, "batch_size=3, epochs=0"),
        ({"paired": True, "mixing": Mixing("mixup")}, "paired=True with mixing 'mixup'"),
    ],
)
def test_plans_that_cannot_be_carried_out_are_refused(values, message):
    with pytest.raises(ValueError, match=message):
        BatchPlan(**{"batch_size": 3, "class_counts": COUNTS, "seed": 0, **values})


def test_pairs_may_be_shifted_and_mirrored():
    assert BatchPlan(3, COUNTS, 0, paired=True, mixing=Mixing(crop=True)).num_batches == 3
