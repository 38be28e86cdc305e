"""The gain of a search over the experiment's own settings."""

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, balanced_accuracy_score, f1_score

from components.html_report.search_gain import TrialAnswers, gain, read_gain
from core.documents.tuning import SearchGain

LABELS = np.array([0] * 60 + [1] * 20)


def answers(share_right, labels=LABELS, seed=0):
    """Probabilities by which a share of every class is right."""
    random = np.random.default_rng(seed)
    right = random.uniform(size=len(labels)) < share_right
    of_one = np.where(right == (labels == 1), 0.5 + random.uniform(0.01, 0.49, len(labels)), 0.3)
    return TrialAnswers(labels, np.stack([1 - of_one, of_one], axis=1))


@pytest.mark.parametrize(
    "objective, score",
    [
        ("val_accuracy", lambda labels, shares: (shares.argmax(1) == labels).mean()),
        ("val_balanced_accuracy", lambda labels, shares: balanced_accuracy_score(labels, shares.argmax(1))),
        ("val_macro_f1", lambda labels, shares: f1_score(labels, shares.argmax(1), average="macro")),
        ("val_average_precision", lambda labels, shares: average_precision_score(labels == 1, shares[:, 1])),
        (
            "val_macro_average_precision",
            lambda labels, shares: np.mean(
                [average_precision_score(labels == index, shares[:, index]) for index in (0, 1)]
            ),
        ),
    ],
)
def test_gain_is_the_difference_of_the_objective(objective, score):
    own, best = answers(0.6), answers(0.9, seed=1)
    found = gain(objective, own, best)
    expected = score(LABELS, best.probabilities) - score(LABELS, own.probabilities)
    assert found.gain == pytest.approx(expected)
    assert found.low < found.gain < found.high


def test_interval_of_accuracy_is_that_of_the_normal_approximation():
    # 12 records are right with the best alone, 4 with the own settings alone: of 80, (12 - 4) / 80 = 0.1, and
    # the variance of a difference per record is 16 / 80 - 0.1 ** 2, here within one class.
    labels = np.zeros(80, int)
    own, best = (np.zeros((80, 2)) for _ in range(2))
    own[:, 0], best[:, 0] = 1, 1
    own[:12] = best[12:16] = [0, 1]
    found = gain("val_accuracy", TrialAnswers(labels, own), TrialAnswers(labels, best))
    half = 1.96 * np.sqrt((16 / 80 - 0.1**2) / 80)
    assert found.gain == pytest.approx(0.1)
    assert (found.low, found.high) == pytest.approx((0.1 - half, 0.1 + half), abs=0.015)


def test_the_same_answers_gain_nothing_for_sure():
    own = answers(0.6)
    assert gain("val_macro_f1", own, own) == SearchGain(gain=0.0, low=0.0, high=0.0)


def test_a_loss_has_no_interval():
    assert gain("val_loss", answers(0.6), answers(0.7)) is None


def test_answers_are_read_as_the_tuner_writes_them(tmp_path):
    from models.tuning.answers import ANSWERS_FILE, EvalAnswers, write_answers

    own, best = answers(0.6), answers(0.9)
    assert read_gain(str(tmp_path), "val_macro_f1") is None
    for name, one in (("own", own), ("best", best)):
        write_answers(str(tmp_path), EvalAnswers(one.labels, one.probabilities))
        (tmp_path / ANSWERS_FILE).rename(tmp_path / f"answers_{name}.npz")
    assert read_gain(str(tmp_path), "val_macro_f1") == gain("val_macro_f1", own, best)
