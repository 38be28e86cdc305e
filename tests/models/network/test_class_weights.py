import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.utils.class_weight import compute_class_weight

from models.catalogue.losses import CLASS_WEIGHTS
from models.network.class_weights import class_weights

count_lists = st.lists(st.integers(1, 100_000), min_size=2, max_size=12)


def test_no_weighting_gives_every_class_one():
    assert class_weights(np.array([90, 10]), "none", 0.999).tolist() == [1, 1]


def test_inverse_weights_of_90_and_10_records():
    # 100 / (2 * 90) and 100 / (2 * 10).
    np.testing.assert_allclose(
        class_weights(np.array([90, 10]), "inverse", 0.999), [100 / 180, 5.0], rtol=1e-6
    )


def test_square_root_weights_of_90_and_10_records():
    # 1 : 3 by the roots; (90 * 1 + 10 * 3) / 100 = 1.2 is divided out.
    np.testing.assert_allclose(
        class_weights(np.array([90, 10]), "sqrt_inverse", 0.999), [1 / 1.2, 3 / 1.2], rtol=1e-6
    )


def test_effective_number_of_3_and_1_records_at_beta_one_half():
    # (1 - 1/8) / (1 - 1/2) = 7/4 effective records against 1: weights 4/7 and 1, whose mean over the
    # four records is (3 * 4/7 + 1) / 4 = 19/28.
    np.testing.assert_allclose(
        class_weights(np.array([3, 1]), "effective_number", 0.5), [16 / 19, 28 / 19], rtol=1e-6
    )


@pytest.mark.parametrize("scheme", CLASS_WEIGHTS)
@given(counts=count_lists, beta=st.floats(0, 0.9999))
def test_mean_weight_over_records_is_one(scheme, counts, beta):
    weights = class_weights(np.array(counts), scheme, beta)
    assert np.average(weights, weights=counts) == pytest.approx(1, rel=1e-5)


@pytest.mark.parametrize("scheme", CLASS_WEIGHTS)
@given(counts=count_lists)
def test_a_rarer_class_never_weighs_less(scheme, counts):
    weights = class_weights(np.array(counts), scheme, 0.999)
    assert (np.diff(weights[np.argsort(counts)]) <= 1e-6 * weights.max()).all()


@given(counts=count_lists)
def test_inverse_is_what_scikit_learn_calls_balanced(counts):
    labels = np.repeat(np.arange(len(counts)), np.minimum(counts, 50))
    expected = compute_class_weight("balanced", classes=np.arange(len(counts)), y=labels)
    np.testing.assert_allclose(class_weights(np.bincount(labels), "inverse", 0), expected, rtol=1e-5)


@given(counts=count_lists)
def test_effective_number_runs_from_equal_to_inverse_with_beta(counts):
    counts = np.array(counts)
    np.testing.assert_allclose(class_weights(counts, "effective_number", 0), np.ones(len(counts)), rtol=1e-5)
    np.testing.assert_allclose(
        class_weights(counts, "effective_number", 1 - 1e-12), class_weights(counts, "inverse", 0), rtol=1e-4
    )


@pytest.mark.parametrize("scheme", CLASS_WEIGHTS)
def test_weights_are_float32_vectors(scheme):
    weights = class_weights(np.array([5, 3, 1]), scheme, 0.9)
    assert weights.dtype == np.float32
    assert weights.shape == (3,)


def test_a_class_without_records_is_named():
    with pytest.raises(ValueError, match=r"counts \[0.0\] for the classes with index \[1\]. Add records"):
        class_weights(np.array([5, 0, 1]), "none", 0.999)


@pytest.mark.parametrize("counts", [np.array([5]), np.array([[5, 3]]), np.array(5)])
def test_counts_that_are_no_vector_of_classes_are_refused(counts):
    with pytest.raises(ValueError, match="at least two classes"):
        class_weights(counts, "none", 0.999)


def test_an_unknown_scheme_is_refused():
    with pytest.raises(ValueError, match="Received: scheme='cubic'"):
        class_weights(np.array([5, 3]), "cubic", 0.999)


def test_beta_of_one_is_refused():
    with pytest.raises(ValueError, match=r"`beta` must be in \[0, 1\). Received: beta=1"):
        class_weights(np.array([5, 3]), "effective_number", 1.0)
