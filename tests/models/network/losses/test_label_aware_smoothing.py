import numpy as np
import pytest

from models.network.losses.label_aware_smoothing import LabelAwareSmoothing
from models.network.losses.weighted_cross_entropy import WeightedCrossEntropy


def test_a_record_of_the_largest_class_is_smoothed_most():
    # p = 3/4 and 1/4, targets 0.8 and 0.2.
    loss = LabelAwareSmoothing([9, 1], head=0.2)
    expected = -(0.8 * np.log(3 / 4) + 0.2 * np.log(1 / 4))
    assert float(loss([0], [[np.log(3.0), 0.0]])) == pytest.approx(expected)


def test_a_record_of_the_smallest_class_is_not_smoothed():
    logits = np.array([[0.3, -1.0]], np.float32)
    assert float(LabelAwareSmoothing([9, 1], head=0.2)([1], logits)) == pytest.approx(
        float(WeightedCrossEntropy()([1], logits))
    )


@pytest.mark.parametrize(
    ("form", "middle"), [("concave", np.sqrt(0.5)), ("linear", 0.5), ("convex", 1 - np.sqrt(0.5))]
)
def test_the_form_decides_the_smoothing_of_a_class_in_the_middle(form, middle):
    smoothing = LabelAwareSmoothing([9, 5, 1], head=0.5, tail=0.1, form=form).smoothing
    assert smoothing == pytest.approx([0.5, 0.1 + 0.4 * middle, 0.1])


def test_classes_of_one_size_are_smoothed_as_the_tail():
    assert LabelAwareSmoothing([5, 5], head=0.5, tail=0.1).smoothing == pytest.approx([0.1, 0.1])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"head": 1}, "Received: head=1"),
        ({"head": 0.1, "tail": 0.2}, "`head` must be at least `tail`"),
        ({"form": "square"}, "concave, linear, convex. Received: form='square'"),
    ],
)
def test_an_argument_out_of_range_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        LabelAwareSmoothing([9, 1], **arguments)
