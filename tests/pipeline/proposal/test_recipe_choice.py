"""Folds, batches and time by the size of the data."""

from hypothesis import given
from hypothesis import strategies as st

from pipeline.proposal.expected_time import expected_seconds
from pipeline.proposal.recipe_choice import RecipeFacts, in_train_and_eval, num_folds, recipe_choices
from pipeline.recipes import QUALITIES

SIZES = [500, 5_000, 50_000, 500_000, 5_000_000]


def chosen(num_records, rarest=100, has_image=False, quality="balanced"):
    facts = RecipeFacts(has_image, num_records, rarest)
    return {choice.key: choice.value for choice in recipe_choices(facts, quality)}


@given(st.integers(3, 10**7), st.integers(1, 10**6), st.sampled_from(QUALITIES))
def test_no_more_folds_than_records_of_the_rarest_class_and_one_is_no_fold(num_records, rarest, quality):
    folds = num_folds(num_records, rarest, quality)
    assert 1 <= folds <= max(1, rarest)
    assert num_folds(num_records, rarest, "fast") == 1 and folds <= num_folds(num_records, rarest, "best")


def test_small_tables_are_trained_in_folds_and_millions_of_rows_once():
    folds = [num_folds(size, 100, "balanced") for size in SIZES]
    assert folds == sorted(folds, reverse=True) and folds[0] >= 5 and folds[-1] == 1
    assert "training.folds" not in chosen(SIZES[-1]) and chosen(SIZES[0])["training.folds"] == folds[0]


def test_eval_that_the_data_give_is_kept_apart():
    facts = RecipeFacts(False, SIZES[0], 100, eval_is_given=True)
    for quality in QUALITIES:
        assert "training.folds" not in {choice.key for choice in recipe_choices(facts, quality)}


def test_larger_data_get_larger_batches():
    for has_image in (False, True):
        batches = [chosen(size, has_image=has_image)["training.batch_size"] for size in SIZES]
        assert batches == sorted(batches) and batches[0] < batches[-1]


def test_more_records_and_more_folds_take_longer():
    for has_image in (False, True):
        of_size = [
            expected_seconds(chosen(size, has_image=has_image), RecipeFacts(has_image, size, 100))
            for size in SIZES
        ]
        assert of_size[0] < of_size[1] and of_size[-2] < of_size[-1]
    facts = RecipeFacts(False, 5_000, 100)
    once, often = ({"recipe": "tabular", "training.folds": folds} for folds in (1, 10))
    assert expected_seconds(once, facts) < expected_seconds(often, facts)


def test_what_a_split_leaves_to_learn_from():
    assert in_train_and_eval(260, 0.15) == 221
    assert in_train_and_eval(3, 0.15) == 2
