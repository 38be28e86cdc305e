import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.augmentation.growth_plan import plan_counts
from core.augmentation.settings import AugmentationSettings
from models.training.synthetic_counts import synthetic_counts


@pytest.mark.parametrize(
    ("augmentation", "made"),
    [
        ({}, 80),
        ({"target_ratio": 0.5}, 35),
        ({"target_ratio": 0.1}, 0),
        ({"target_ratio": "sqrt"}, 20),
        ({"target_ratio": {"b": 25}}, 15),
        ({"target_ratio": {"a": 5, "b": 5}}, 0),
        ({"max_factor": 2.5}, 15),
    ],
)
def test_classes_lack_what_their_size_asks_for(augmentation, made):
    assert synthetic_counts({"a": 90, "b": 10}, augmentation) == ({"b": made} if made else {})


@given(
    st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 10**6), min_size=2),
    st.floats(0.001, 1) | st.just("sqrt") | st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 10**6)),
    st.none() | st.floats(1, 1000),
)
def test_training_makes_what_the_stage_plans(counts, ratio, factor):
    settings = AugmentationSettings(image="embedding_smote", target_ratio=ratio, max_factor=factor)
    planned = plan_counts(counts, settings)
    assert synthetic_counts(counts, settings.model_dump()) == planned.make
    assert synthetic_counts(counts, settings.model_dump(mode="json")) == planned.make
    as_rows = plan_counts(counts, settings.model_copy(update={"image": "none", "tabular": "smote"}))
    assert planned == as_rows


def test_a_share_that_binary_fractions_miss_is_exact():
    assert synthetic_counts({"a": 100, "b": 1}, {"target_ratio": 0.07}) == {"b": 6}
