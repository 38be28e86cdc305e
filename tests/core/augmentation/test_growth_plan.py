import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.augmentation.growth_plan import plan_counts
from core.augmentation.settings import AugmentationSettings

COUNTS = {"a": 90, "b": 10}


def plan(counts=COUNTS, tabular="oversample", **settings):
    return plan_counts(counts, AugmentationSettings(tabular=tabular, **settings))


@pytest.mark.parametrize(
    ("ratio", "made"),
    [(1.0, 80), (0.5, 35), (0.1, 0), ("sqrt", 20), ({"b": 25}, 15), ({"a": 95, "b": 10}, 0)],
)
def test_classes_grow_to_their_size(ratio, made):
    done = plan(target_ratio=ratio)
    assert done.make.get("b", 0) == made and done.keep == {} and done.notes == ()


@pytest.mark.parametrize(
    ("ratio", "kept"), [(1.0, 10), (0.5, 20), (0.1, None), ("sqrt", 30), ({"a": 25}, 25)]
)
def test_undersampling_reaches_the_same_ratios_from_above(ratio, kept):
    done = plan(tabular="undersample", target_ratio=ratio)
    assert done.keep.get("a") == kept and "b" not in done.keep and done.make == {}


def test_a_share_that_binary_fractions_miss_is_exact():
    assert plan({"a": 100, "b": 1}, target_ratio=0.07).make == {"b": 6}


def test_growth_is_held_to_the_factor():
    done = plan(max_factor=2.5)
    assert done.make == {"b": 15}
    assert done.notes == ("class 'b': 25 examples instead of 90, for max_factor",)


def test_a_count_on_the_wrong_side_leaves_the_class_as_it_is():
    assert plan(target_ratio={"a": 50}).make == {}
    assert (
        plan(target_ratio={"a": 50}).notes[0].startswith("class 'a': 90 examples, more than the 50 asked for")
    )
    assert (
        plan(tabular="undersample", target_ratio={"b": 50})
        .notes[0]
        .startswith("class 'b': 10 examples, fewer")
    )


@pytest.mark.parametrize("settings", [{}, {"target_ratio": "sqrt"}])
def test_without_a_strategy_nothing_changes(settings):
    assert plan(tabular="none", **settings).make == {}


@given(
    st.lists(st.integers(1, 10**7), min_size=2, max_size=8),
    st.floats(0.01, 1) | st.just("sqrt"),
    st.sampled_from(["smote", "undersample"]),
)
def test_the_smallest_class_reaches_the_share_of_the_largest(sizes, ratio, strategy):
    counts = {str(number): size for number, size in enumerate(sizes)}
    done = plan(counts, strategy, target_ratio=ratio)
    after = {name: done.keep.get(name, size) + done.make.get(name, 0) for name, size in counts.items()}
    assert min(after.values()) >= 1
    wanted = (min(sizes) / max(sizes)) ** 0.5 if ratio == "sqrt" else ratio
    # Rounding to whole records moves a ratio by no more than one record of the smaller class.
    assert min(after.values()) + 1 >= wanted * max(after.values())
    assert all(
        after[name] <= size if strategy == "undersample" else after[name] >= size
        for name, size in counts.items()
    )


@given(
    st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 10**6), min_size=2),
    st.floats(0.001, 1) | st.just("sqrt") | st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 10**6)),
    st.none() | st.floats(1, 1000),
)
def test_training_makes_as_many_embeddings_as_the_stage_would_make_rows(counts, ratio, factor):
    embeddings = AugmentationSettings(image="embedding_smote", target_ratio=ratio, max_factor=factor)
    rows = AugmentationSettings(tabular="smote", target_ratio=ratio, max_factor=factor)
    planned = plan_counts(counts, embeddings)
    assert planned == plan_counts(counts, rows)
    # As settings reach the training: through JSON.
    assert planned == plan_counts(
        counts, AugmentationSettings.model_validate(embeddings.model_dump(mode="json"))
    )
