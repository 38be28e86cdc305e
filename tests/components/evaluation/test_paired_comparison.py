import numpy as np
import pytest
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
    balanced_accuracy_score,
    f1_score,
    recall_score,
)

from components.evaluation import bootstrap
from components.evaluation.answered_records import Answers
from components.evaluation.paired_comparison import SCORES, compare

CLASSES = ("good", "scratch", "crack")


@pytest.fixture(autouse=True)
def few_resamples(monkeypatch):
    """Enough for an interval to be told from its middle."""
    monkeypatch.setattr(bootstrap, "_PAIRED_RESAMPLES", 200)


def records(size=400, noise=1.0, seed=0):
    random = np.random.default_rng(seed)
    labels = np.concatenate([[0, 1, 2], random.choice(3, size - 3, p=[0.7, 0.2, 0.1])])
    logits = 2 * np.eye(3)[labels] + np.random.default_rng(5).normal(0, 1, (size, 3)) * noise
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return labels, Answers(probabilities.argmax(axis=1), probabilities)


def test_scores_are_scikit_learns():
    labels, answers = records()
    found = {name: one.second for name, one in compare(CLASSES, labels, answers, answers).items()}
    assert found["accuracy"] == pytest.approx(accuracy_score(labels, answers.decisions))
    assert found["balanced_accuracy"] == pytest.approx(balanced_accuracy_score(labels, answers.decisions))
    assert found["macro_f1"] == pytest.approx(f1_score(labels, answers.decisions, average="macro"))
    ranked = average_precision_score(np.eye(3)[labels], answers.probabilities, average="macro")
    assert found["macro_average_precision"] == pytest.approx(ranked)
    recalls = recall_score(labels, answers.decisions, average=None)
    assert [found[f"recall of {name}"] for name in CLASSES] == pytest.approx(list(recalls))
    assert found["worst_recall"] == pytest.approx(recalls.min())


def test_a_model_is_not_better_than_itself():
    labels, answers = records()
    for one in compare(CLASSES, labels, answers, answers).values():
        assert one.low == one.high == 0 and not one.is_sure


def test_a_clear_gain_is_sure_and_a_tiny_one_is_not():
    labels, poor = records(noise=2.0)
    _, good = records(noise=0.7)
    differences = compare(CLASSES, labels, poor, good)
    assert all(differences[name].is_sure for name in ("accuracy", "macro_f1", "macro_average_precision"))
    one_more = good.decisions.copy()
    wrong = np.flatnonzero(one_more != labels)[0]
    one_more[wrong] = labels[wrong]
    slight = compare(CLASSES, labels, good, Answers(one_more, good.probabilities))
    assert slight["accuracy"].second > slight["accuracy"].first and not slight["accuracy"].is_sure


def test_interval_covers_the_difference_and_the_seed_decides_it():
    labels, first = records(noise=1.5)
    _, second = records(noise=1.2)
    runs = [compare(CLASSES, labels, first, second, seed) for seed in (0, 0, 1)]
    assert runs[0] == runs[1] != runs[2]
    for name in SCORES:
        one = runs[0][name]
        assert one.low <= one.second - one.first <= one.high


def test_a_decision_for_a_class_of_its_own_is_wrong():
    labels, answers = records()
    strange = Answers(np.where(answers.decisions == 2, -1, answers.decisions), answers.probabilities)
    assert compare(CLASSES, labels, answers, strange)["recall of crack"].second == 0
