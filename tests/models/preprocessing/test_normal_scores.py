import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm


def shares(values, *boundaries):
    """Scores turned back into ranks in [0, 1]."""
    from models.preprocessing.normal_scores import normal_scores

    column = np.array(values, np.float32)[:, None]
    return norm.cdf(normal_scores(column, np.array([boundaries], np.float32)))[:, 0]


def test_ranks_are_linear_between_boundaries():
    np.testing.assert_allclose(shares([10, 55, 5], 0, 10, 100), [0.5, 0.75, 0.25], rtol=1e-5)


def test_a_value_that_fills_buckets_has_the_middle_rank():
    np.testing.assert_allclose(shares([7, 8], 0, 7, 7, 7, 9), [0.5, 0.875], rtol=1e-5)


def test_the_ends_and_what_lies_beyond_are_half_a_bucket_from_the_end():
    np.testing.assert_allclose(shares([0, -1e38, 100, 1e38], 0, 10, 100), [0.25, 0.25, 0.75, 0.75], rtol=1e-5)


def test_the_greatest_floats_have_finite_ranks():
    np.testing.assert_allclose(shares([0, 1.7e38], -3.4e38, 3.4e38 / 3, 3.4e38), [0.375, 0.625], rtol=1e-2)


def test_columns_have_boundaries_of_their_own():
    from models.preprocessing.normal_scores import normal_scores

    scores = normal_scores(np.array([[5.0, 5.0]]), np.array([[0.0, 5.0, 9.0], [0.0, 1.0, 9.0]]))
    np.testing.assert_allclose(norm.cdf(scores), [[0.5, 0.75]], rtol=1e-5)


@settings(deadline=None, max_examples=50)
@given(
    st.lists(st.floats(-1e6, 1e6, width=32), min_size=2, max_size=20),
    st.lists(st.floats(-1e6, 1e6, width=32), min_size=2, max_size=20),
)
def test_a_greater_value_never_has_a_lower_score(values, boundaries):
    ranks = shares(sorted(values), *sorted(boundaries))
    assert (np.diff(ranks) >= -1e-6).all()
    assert ((ranks > 0) & (ranks < 1)).all()


@pytest.mark.parametrize("num_buckets", [4, 512])
def test_values_of_any_distribution_become_standard_normal(num_buckets):
    values = np.random.default_rng(0).lognormal(sigma=3, size=20_000)
    boundaries = np.quantile(values, np.linspace(0, 1, num_buckets + 1))
    ranks = shares(values[:2000], *boundaries)
    inside = np.linspace(0.2, 0.8, 4)
    expected = np.quantile(values, inside)
    if num_buckets == 512:
        np.testing.assert_allclose(shares(expected, *boundaries), inside, atol=0.005)
        np.testing.assert_allclose(ranks.mean(), 0.5, atol=0.02)
    assert ranks.min() == pytest.approx(0.5 / num_buckets, rel=0.5)
