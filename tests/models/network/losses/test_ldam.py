import numpy as np
import pytest

from models.network.losses.ldam import LDAM


def test_a_class_sixteen_times_as_large_has_half_the_margin():
    assert LDAM([16, 1], max_margin=0.5).margins == pytest.approx([0.25, 0.5])


def test_the_margin_is_taken_from_the_logit_of_the_own_class():
    assert float(LDAM([16, 1])([1], [[0.0, 0.0]])) == pytest.approx(np.log(1 + np.exp(0.5)))


def test_the_scale_multiplies_logits_and_margin():
    # A cosine of 0.9 against 0.1, less the margin of 0.5, times 30.
    loss = LDAM([16, 1], scale=30)
    expected = np.log1p(np.exp(-30 * (0.9 - 0.5 - 0.1)))
    assert float(loss([1], [[0.1, 0.9]])) == pytest.approx(expected, rel=1e-3)


@pytest.mark.parametrize(("key", "value"), [("max_margin", -1), ("scale", 0), ("scale", float("nan"))])
def test_an_argument_out_of_range_is_refused(key, value):
    with pytest.raises(ValueError, match=f"Received: {key}={value}"):
        LDAM([16, 1], **{key: value})
