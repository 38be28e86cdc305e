"""Thresholds by brute force, and false alarms counted on new records."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.decision_calibrator.class_distance import fit_class_distance
from components.decision_calibrator.embedded_records import EmbeddedRecords
from components.decision_calibrator.ensemble_distances import held_out_distances
from components.decision_calibrator.fit_unknown import TRAINED_ON, false_alarm_threshold, fit_unknown
from components.decision_calibrator.unknown_settings import UnknownSettings
from components.decision_calibrator.unlikeness import Unlikeness
from core.errors import InputError

MEANS = np.array([[0.0, 0, 0, 6], [6, 0, 0, 0], [0, 6, 0, 0]])


def drawn(sizes, seed):
    """Draws records of three normal classes."""
    random = np.random.default_rng(seed)
    labels = np.repeat(np.arange(3), sizes)
    return MEANS[labels] + random.normal(size=(len(labels), 4)), labels


def fitted(train, held_out, share=0.05, prior=(0.9, 0.08, 0.02), seed=0):
    (vectors, labels), (others, of_others) = drawn(train, seed), drawn(held_out, seed + 10_000)
    records = EmbeddedRecords(
        [str(row) for row in range(len(labels) + len(of_others))],
        np.concatenate([labels, of_others]),
        np.concatenate([vectors, others]).astype(np.float32),
    )
    held_out_of = np.repeat([TRAINED_ON, 0], [len(labels), len(of_others)])
    asked = UnknownSettings(max_false_alarm=share)
    return fit_unknown(asked, records, held_out_of, 1, np.array(prior), seed), records


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 8), st.sampled_from([0.0, 0.5, 1, 3])), min_size=1, max_size=30),
    st.floats(0.01, 0.5),
)
def test_threshold_is_the_lowest_that_keeps_the_promise(records, share):
    scores, weights = np.array(records, float).T
    if not weights.any():
        return
    threshold, false_alarm = false_alarm_threshold(scores, weights, share)
    new = (weights**2).sum() / weights.sum()
    promised = {
        one: (weights[scores > one].sum() + new) / (weights.sum() + new) for one in scores[weights > 0]
    }
    keeping = [one for one, of in promised.items() if of <= share + 1e-9]
    assert threshold == (min(keeping) if keeping else max(promised))
    assert false_alarm == pytest.approx(promised[threshold])


def test_false_alarms_among_new_records_are_as_many_as_asked_for():
    promised, rates = [], []
    for seed in range(40):
        unknown, _ = fitted((60, 20, 5), (100, 100, 100), seed=seed)
        new, _ = drawn((1800, 160, 40), seed + 20_000)
        promised.append(unknown.false_alarm)
        rates.append(unknown.calls_unknown(unknown.unlikeness.of(new)).mean())
    assert 0.043 < np.mean(promised) <= 0.05
    assert np.mean(rates) == pytest.approx(np.mean(promised), abs=3 * np.std(rates) / np.sqrt(40))


def test_a_record_of_no_class_is_unknown_and_those_of_train_are_not():
    unknown, records = fitted((60, 20, 5), (100, 100, 100))
    far = unknown.unlikeness.of(np.array([[0.0, 0, 8, 0], [-3, -3, -3, -3]]))
    assert unknown.calls_unknown(far).all()
    assert unknown.calls_unknown(np.array([np.nan, np.inf])).all()
    assert unknown.calls_unknown(unknown.unlikeness.of(records.vectors[:85])).mean() < 0.06
    assert unknown.trained_on.tolist() == [60, 20, 5] and len(unknown.held_out) == 300
    assert np.median(unknown.held_out) == pytest.approx(1)
    assert unknown.spread[0] <= unknown.threshold <= unknown.spread[2]


def test_held_out_records_stand_for_as_many_as_there_are_of_their_class():
    vectors, labels = drawn((50, 50, 50), 0)
    others, of_others = drawn((40, 40, 40), 1)
    # Half of the held-out records of a class that is met once in fifty lie far off.
    others[of_others == 2] += np.where(np.arange(40) % 2, 50, 0)[:, np.newaxis]
    records = EmbeddedRecords(
        [""] * 270, np.concatenate([labels, of_others]), np.concatenate([vectors, others]).astype(np.float32)
    )
    held_out_of = np.repeat([TRAINED_ON, 0], [150, 120])
    asked = UnknownSettings(max_false_alarm=0.05)
    even, rare = (
        fit_unknown(asked, records, held_out_of, 1, np.array(prior), 0)
        for prior in ((1 / 3, 1 / 3, 1 / 3), (0.49, 0.49, 0.02))
    )
    assert even.threshold > 2 * rare.threshold > 2


def test_of_two_networks_each_measures_the_records_that_it_was_not_trained_on():
    vectors, labels = drawn((80, 40, 10), 0)
    second = vectors[:, ::-1] * 7 + np.random.default_rng(3).normal(size=vectors.shape)
    folds = np.random.default_rng(0).integers(0, 2, 130)
    records = EmbeddedRecords([""] * 130, labels, np.hstack([vectors, second]).astype(np.float32))
    unknown = fit_unknown(
        UnknownSettings(max_false_alarm=0.1), records, folds, 2, np.array([80, 40, 10]) / 130, 0
    )
    parts, distances = (records.vectors[:, :4], records.vectors[:, 4:]), []
    for network, part in enumerate(parts):
        distance = fit_class_distance(part[folds != network], labels[folds != network], 0).of(part)
        distances.append(distance / np.median(distance[folds == network]))
    np.testing.assert_allclose(unknown.held_out, held_out_distances(np.stack(distances), folds))
    both = [
        one.of(part) / usual
        for one, part, usual in zip(
            unknown.unlikeness.distances, parts, unknown.unlikeness.usual, strict=True
        )
    ]
    np.testing.assert_allclose(unknown.unlikeness.of(records.vectors), np.mean(both, axis=0))
    assert unknown.trained_on.tolist() == [80, 40, 10]


def test_too_few_held_out_records_are_refused_with_their_number():
    with pytest.raises(
        InputError, match=r"0\.05 takes 19 held-out.*with 18 held-out records\. Set it to 0\.0527"
    ):
        fitted((30, 30, 30), (6, 6, 6))
    assert fitted((30, 30, 30), (7, 6, 6), prior=(7 / 19, 6 / 19, 6 / 19))[0].false_alarm == pytest.approx(
        0.05
    )


def test_where_one_held_out_record_stands_for_more_it_is_said():
    threshold, false_alarm = false_alarm_threshold(np.array([3.0, 2, 1]), np.array([10.0, 1, 1]), 0.05)
    assert threshold == 3 and false_alarm == pytest.approx(102 / (12 * 12 + 102))


def test_a_measure_is_read_back_as_it_was_written():
    unknown, records = fitted((60, 20, 5), (100, 100, 100))
    again = Unlikeness.from_bytes(unknown.unlikeness.to_bytes())
    np.testing.assert_array_equal(again.of(records.vectors), unknown.unlikeness.of(records.vectors))
    assert again.digest == unknown.unlikeness.digest
    assert again.digest != fitted((60, 20, 6), (100, 100, 100))[0].unlikeness.digest
