"""Which answers count as held out, and whose they are."""

import numpy as np
import tensorflow as tf

from components.stratified_example_gen.settings import DataSettings
from core.out_of_fold import OutOfFold
from pipeline.review.answered_splits import OUT_OF_FOLD, SERVED, _Gathered

CLASSES = ("a", "b", "c")


def gathered() -> _Gathered:
    one = _Gathered()
    one.keys = [f"r{number}" for number in range(6)]
    one.labels, one.splits = [0, 1, 2, 0, 1, 2], [0, 0, 1, 1, 2, 2]
    one.probabilities = [np.full((6, 3), 1 / 3, np.float32)]
    one.embeddings = [np.zeros((6, 2), np.float32)]
    return one


def out_of_fold(keys: list[str], classes: list[str], answers: np.ndarray) -> OutOfFold:
    # Of two members, each record's other one answers otherwise.
    both = np.stack([answers, answers[:, ::-1]])
    folds = np.arange(len(keys)) % 2
    both[:, folds == 1] = both[::-1, folds == 1]
    return OutOfFold(keys, classes, np.zeros(len(keys), np.int64), folds, np.log(both))


def test_without_folds_what_was_trained_on_has_no_answer():
    assert gathered().against(CLASSES, None).sources.tolist() == [-1, -1, SERVED, SERVED, SERVED, SERVED]


def test_answers_out_of_fold_are_put_by_key_and_class_and_not_to_test():
    random = np.random.default_rng(0)
    answers = random.dirichlet(np.ones(3), 4)
    # Sorted otherwise, with classes in another order, and with the key of a record of test.
    keys, order = ["r3", "r0", "r2", "r4"], ["c", "a", "b"]
    found = gathered().against(CLASSES, out_of_fold(keys, order, answers[:, [2, 0, 1]]))
    assert found.sources.tolist() == [OUT_OF_FOLD, -1, OUT_OF_FOLD, OUT_OF_FOLD, SERVED, SERVED]
    for place, key in enumerate(keys[:3]):
        np.testing.assert_allclose(found.probabilities[int(key[1])], answers[place], rtol=1e-5)
    np.testing.assert_allclose(found.probabilities[4], 1 / 3)


def test_content_is_all_but_key_and_class():
    def example(**values: bytes) -> bytes:
        features = {
            name: tf.train.Feature(bytes_list=tf.train.BytesList(value=[value]))
            for name, value in values.items()
        }
        return tf.train.Example(features=tf.train.Features(feature=features)).SerializeToString()

    one, data = _Gathered(), DataSettings(format="csv", path="x.csv", label="kind")
    for values in (
        {"record_key": b"1", "kind": b"a", "colour": b"red"},
        {"record_key": b"2", "kind": b"b", "colour": b"red"},
        {"record_key": b"3", "kind": b"b", "colour": b"blue"},
    ):
        one.look_at(example(**values), data)
    first, second, third = one._contents
    assert first == second != third and one._hashes == []
