"""Figures of weighted records, held against those of records that are repeated as often."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, balanced_accuracy_score, f1_score, recall_score

from components.evaluation.answered_records import Answers
from components.evaluation.resampled_figures import Tail, average_precisions, figures, resample_counts

TAIL = Tail(np.array([200, 40, 10]))


@given(st.integers(0, 2**32 - 1))
def test_weighted_records_have_the_figures_of_repeated_ones(seed):
    random = np.random.default_rng(seed)
    labels = np.append([0, 1, 2], random.integers(0, 3, 20))
    # Few digits, so that scores are equal now and then.
    probabilities = random.dirichlet(np.ones(3), 23).round(1)
    answers = Answers(random.integers(0, 3, 23), probabilities)
    weights = np.append([1, 1, 1], random.integers(0, 4, 20))
    rows = np.repeat(np.arange(23), weights)
    found = {name: value[0] for name, value in figures(labels, answers, weights[None], TAIL).items()}
    truly, decided = labels[rows], answers.decisions[rows]
    recalls = recall_score(truly, decided, average=None, labels=[0, 1, 2])
    assert found == pytest.approx(
        {
            "macro_f1": f1_score(truly, decided, average="macro", zero_division=0),
            "balanced_accuracy": balanced_accuracy_score(truly, decided),
            "worst_recall": recalls.min(),
            "many": recalls[0],
            "medium": recalls[1],
            "few": recalls[2],
            "average_precision": average_precision_score(truly == 2, probabilities[rows, 2]),
        }
    )


def test_without_a_positive_there_is_no_average_precision():
    weights = np.array([[0.0, 1.0], [1.0, 1.0]])
    found = average_precisions(np.array([True, False]), np.array([0.2, 0.1]), weights)
    assert np.isnan(found[0]) and found[1] == 1


def test_a_group_without_a_class_has_no_recall():
    assert list(Tail(np.array([500, 101])).groups) == ["many"]
    assert {name: members.tolist() for name, members in TAIL.groups.items()} == {
        "many": [True, False, False],
        "medium": [False, True, False],
        "few": [False, False, True],
    }
    # 100 are not more than 100, and 20 not less than 20.
    assert list(Tail(np.array([100, 20])).groups) == ["medium"]


def test_the_rarest_class_is_the_last_of_equals():
    assert Tail(np.array([9, 3, 3])).rarest == 2
    assert Tail(np.array([9, 2, 3])).rarest == 1


def test_every_resample_has_as_many_records_of_a_class():
    labels = np.array([0, 0, 0, 0, 1, 1])
    drawn = np.array(list(resample_counts(labels, None, 50, 0)))
    assert (drawn[:, :4].sum(axis=1) == 4).all() and (drawn[:, 4:].sum(axis=1) == 2).all()
    assert (drawn == 0).any()


def test_records_of_a_set_are_drawn_together():
    labels, units = np.array([0, 0, 0, 1, 0, 1]), np.array([7, 7, 0, 3, 3, 0])
    drawn = np.array(list(resample_counts(labels, units, 200, 0)))
    assert (drawn[:, 0] == drawn[:, 1]).all() and (drawn[:, 3] == drawn[:, 4]).all()
    # The set of both classes is drawn among those of the rarer one.
    assert (drawn[:, 3] + drawn[:, 5] == 2).all() and (drawn[:, 0] + drawn[:, 2] == 2).all()
