"""What an ensemble would say of records it knows, where the truth is known because it is made up."""

import numpy as np
import pytest
from scipy.special import expit, log_softmax, logsumexp, softmax

from components.decision_calibrator.calibration import fit
from components.decision_calibrator.ensemble_answers import ensemble_log_probabilities
from core.out_of_fold import OutOfFold

EVEN = np.array([0.5, 0.5])


def members(num_records, seed, num_members=5, noise=1.0, learnt=1.5):
    """Answers of members who each err on their own, and have learnt the labels of records outside their fold.

    Returns the answers out of fold, and what the ensemble says of as many new records with their labels.
    """
    random = np.random.default_rng(seed)

    def drawn():
        truth = random.normal(-1, 2, num_records)
        labels = (random.random(num_records) < expit(truth)).astype(int)
        return truth + random.normal(0, noise, (num_members, num_records)), labels

    logits, labels = drawn()
    folds = np.arange(num_records) % num_members
    held_out = logits[folds, np.arange(num_records)]
    knows = np.arange(num_members)[:, None] != folds
    logits = logits + knows * learnt * (labels - expit(held_out))
    new, new_labels = drawn()
    keys = [str(row) for row in range(num_records)]
    return OutOfFold(keys, ["a", "b"], labels, folds, two_classes(logits)), new, new_labels


def two_classes(logits):
    return log_softmax(np.stack([np.zeros_like(logits), logits], axis=-1), axis=-1).astype(np.float32)


def slope(log_probabilities, labels):
    shares = np.bincount(labels) / len(labels)
    return fit(np.exp(log_probabilities), labels, EVEN, shares, shares).slope[0]


@pytest.mark.parametrize("noise", [0.5, 1.0, 1.5])
def test_temperature_is_nearer_to_the_ensembles_than_that_of_a_member(noise):
    answers, new, new_labels = members(20_000, 0, noise=noise)
    best = slope(logsumexp(two_classes(new), axis=0) - np.log(5), new_labels)
    member = slope(answers.answers, answers.labels)
    knowing = slope(logsumexp(answers.log_probabilities, axis=0) - np.log(5), answers.labels)
    estimated = slope(ensemble_log_probabilities(answers), answers.labels)
    assert member < estimated < best * 1.05 < knowing
    assert best - estimated < 0.6 * (best - member)


def test_members_that_agree_are_left_as_they_are():
    random = np.random.default_rng(1)
    same = np.repeat(log_softmax(random.normal(size=(1, 50, 3)), axis=2), 4, axis=0).astype(np.float32)
    answers = OutOfFold([""] * 50, list("abc"), random.integers(0, 3, 50), np.arange(50) % 4, same)
    np.testing.assert_allclose(softmax(ensemble_log_probabilities(answers)), softmax(same[0]), rtol=1e-5)


def test_what_was_learnt_of_the_labels_is_taken_out():
    answers, _, _ = members(20_000, 2, noise=0.01, learnt=2.0)
    knowing = logsumexp(answers.log_probabilities, axis=0) - np.log(5)
    estimated = ensemble_log_probabilities(answers)
    honest = answers.answers
    assert np.abs(np.exp(knowing) - np.exp(honest)).mean() > 0.05
    assert np.abs(np.exp(estimated) - np.exp(honest)).mean() < 0.002
