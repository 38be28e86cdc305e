"""Thresholds and the confident joint, against a worked example and a loop over records."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from components.review.confident_learning import class_confidences, confidence_evidence, confident_classes


def test_a_worked_example():
    labels = np.array([0, 0, 0, 1])
    answers = np.array([[0.9, 0.1], [0.8, 0.2], [0.4, 0.6], [0.6, 0.4]])
    np.testing.assert_allclose(class_confidences(answers, labels), [0.7, 0.4])
    # The third reaches the rare class's 0.4 and not the common one's 0.7; so does the fourth.
    assert confident_classes(answers, labels).tolist() == [0, 0, 1, 1]
    np.testing.assert_allclose(
        confidence_evidence(answers, labels)[2], [np.log(0.4 / 0.7**0.5), np.log(0.6 / 0.4**0.5)]
    )


def test_no_record_is_held_for_a_class_that_none_is_labelled_with():
    labels, answers = np.array([0, 0, 1]), np.array([[0.1, 0.1, 0.8]] * 3)
    assert (confident_classes(answers, labels) != 2).all()
    assert np.isneginf(confidence_evidence(answers, labels)[:, 2]).all()


@given(st.integers(0, 2**32 - 1), st.integers(2, 5), st.integers(1, 40))
def test_the_confident_joint_equals_that_of_a_loop(seed, num_classes, size):
    random = np.random.default_rng(seed)
    answers = random.dirichlet(np.ones(num_classes), size)
    labels = random.integers(0, num_classes, size)
    expected = []
    for row in answers:
        reached = [
            place
            for place in range(num_classes)
            if (labels == place).any() and row[place] >= np.mean(answers[labels == place, place])
        ]
        expected.append(max(reached, key=lambda place: row[place], default=-1))
    # A mean may differ in its last digit from one computed in another order.
    agree = confident_classes(answers, labels) == expected
    assert agree.sum() >= size - 1
