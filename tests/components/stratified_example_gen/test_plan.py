"""Duplicates, given splits, and records that are too few."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.stratified_example_gen.plan import UNGIVEN, plan_splits
from components.stratified_example_gen.settings import SPLITS, DataSettings
from core.errors import InputError
from core.splitting import DROPPED, split_counts

CLASSES = ["cat", "dog"]
TRAIN, EVAL, TEST = range(3)
# Twenty records of each class, all different: what the tests add to has to be splittable.
LABELS = [0] * 20 + [1] * 20
CONTENTS = list(range(40))


def plan(labels, contents, given=None, seed=0, **data):
    """Plans records whose digests are made of small numbers, one for each content."""
    contents = np.asarray(contents, np.uint64)
    digests = np.stack([contents, contents * np.uint64(7919) + np.uint64(1)], axis=1)
    given = np.full(len(labels), UNGIVEN, np.int8) if given is None else np.asarray(given, np.int8)
    settings = DataSettings(format="csv", path="x.csv", **data)
    return plan_splits(CLASSES, np.asarray(labels), digests, given, settings, seed)


def counts_of(labels, splits, label):
    own = splits[np.asarray(labels) == label]
    return np.bincount(own[own != DROPPED], minlength=3).tolist()


def test_different_records_get_exact_counts():
    result = plan(LABELS, CONTENTS, splits={"train": 0.7, "eval": 0.15, "test": 0.15})
    assert [counts_of(LABELS, result.splits, label) for label in (0, 1)] == [[14, 3, 3]] * 2
    assert result.duplicates == result.contradictory == 0


def test_dropped_duplicates_leave_one_of_each():
    labels, contents = [*LABELS, 0, 0, 1], [*CONTENTS, 3, 3, 25]
    result = plan(labels, contents, duplicates="drop")
    assert result.duplicates == 3
    assert np.flatnonzero(result.splits == DROPPED).tolist() == [40, 41, 42]
    assert counts_of(labels, result.splits, 0) == [14, 3, 3]


def test_repeats_are_kept_unless_something_else_is_asked_for():
    """A survey: 3,000 rows of 36 contents, each with a claim rate of its own between .02 and .13."""
    random = np.random.default_rng(1)
    contents = random.integers(0, 36, 3000)
    labels = (random.random(3000) < np.linspace(0.02, 0.13, 36)[contents]).astype(int)
    result = plan(labels, contents)
    assert DROPPED not in result.splits
    share = labels.mean()
    for split, asked in enumerate((0.7, 0.15, 0.15)):
        inside = result.splits == split
        assert inside.mean() == pytest.approx(asked, abs=0.02)
        assert labels[inside].mean() == pytest.approx(share, abs=0.01)
    assert result.duplicates == 3000 - len(set(zip(labels, contents, strict=True)))


def test_a_class_of_one_content_is_refused_however_often_it_is_repeated():
    with pytest.raises(InputError, match="'dog' has 1 different example among 50 records; 3 different are"):
        plan([0] * 40 + [1] * 50, [*range(40), *[40] * 50])


def test_groups_that_equal_records_tie_together_are_named_as_the_reason():
    """All groups hold the same rows: none can be parted from another."""
    contents = np.array([*range(6)] * 10, np.uint64)
    digests = np.stack([contents, contents], axis=1)
    settings = DataSettings(format="csv", path="x.csv", group="patient")
    labels = np.array([0, 0, 0, 1, 1, 1] * 10)
    given, groups = np.full(60, UNGIVEN, np.int8), np.repeat(np.arange(10), 6)
    with pytest.raises(
        InputError, match=r"1 sets, the largest of 60 records\. Groups that hold equal records count"
    ):
        plan_splits(CLASSES, labels, digests, given, settings, 0, groups)


def test_records_moved_to_where_an_equal_one_is_held_out_are_marked():
    contents = [*CONTENTS[:39], 19]
    result = plan([*LABELS[:39], 0], contents, [*GIVEN[:39], TRAIN], splits=COLUMN)
    assert np.flatnonzero(result.moved).tolist() == [39]
    assert result.splits[39] == result.splits[19] == TEST


def test_duplicates_kept_together_share_a_split():
    labels, contents = [*LABELS, 0, 0, 1], [*CONTENTS, 3, 3, 25]
    result = plan(labels, contents, duplicates="keep_together")
    assert result.duplicates == 3
    assert DROPPED not in result.splits
    assert len(set(result.splits[[3, 40, 41]])) == 1
    assert result.splits[25] == result.splits[42]


def test_duplicates_can_be_an_error_that_counts_them():
    with pytest.raises(InputError, match=r"2 records repeat.*data\.duplicates"):
        plan([*LABELS, 0, 0], [*CONTENTS, 3, 3], duplicates="error")
    plan(LABELS, CONTENTS, duplicates="error")


@pytest.mark.parametrize("policy", ["drop", "keep_together", "error"])
def test_equal_content_under_two_classes_shares_a_split_and_is_counted(policy):
    labels, contents = [*LABELS, 1, 0], [*CONTENTS, 3, 30]
    for seed in range(20):
        result = plan(labels, contents, seed=seed, duplicates=policy)
        assert result.duplicates == 0
        assert result.contradictory == 4
        assert result.splits[3] == result.splits[40] != DROPPED
        assert result.splits[30] == result.splits[41] != DROPPED


def test_another_seed_gives_another_plan_and_the_same_seed_the_same():
    first, again, other = (plan(LABELS, CONTENTS, seed=seed).splits for seed in (0, 0, 1))
    assert (first == again).all() and (first != other).any()


def place_of_each_content(labels, contents, splits):
    """Content and class to its split and the number of its records that are in it."""
    places = {}
    for label, content, split in zip(labels, contents, splits, strict=True):
        if split != DROPPED:
            places.setdefault((label, content), []).append(int(split))
    return places


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 1), st.integers(0, 59)), max_size=60),
    st.integers(0, 2**32 - 1),
    st.sampled_from(["drop", "keep_together"]),
)
def test_a_content_has_the_same_split_wherever_its_records_stand(more, seed, policy):
    labels = np.array([*LABELS, *(label for label, _ in more)])
    contents = np.array([*CONTENTS, *(content for _, content in more)])
    moved = np.random.default_rng(seed).permutation(len(labels))
    here = plan(labels, contents, duplicates=policy)
    there = plan(labels[moved], contents[moved], duplicates=policy)
    assert place_of_each_content(labels, contents, here.splits) == place_of_each_content(
        labels[moved], contents[moved], there.splits
    )
    assert (here.duplicates, here.contradictory) == (there.duplicates, there.contradictory)


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 1), st.integers(0, 59)), max_size=60),
    st.sampled_from(["drop", "keep_together"]),
)
def test_no_content_stands_in_two_splits(more, policy):
    labels = [*LABELS, *(label for label, _ in more)]
    contents = [*CONTENTS, *(content for _, content in more)]
    result = plan(labels, contents, duplicates=policy)
    by_content = {}
    for content, split in zip(contents, result.splits, strict=True):
        if split != DROPPED:
            by_content.setdefault(content, set()).add(int(split))
    assert all(len(splits) == 1 for splits in by_content.values())
    assert set(by_content) == set(contents)
    pairs = len(set(zip(labels, contents, strict=True)))
    assert result.duplicates == len(labels) - pairs
    assert (result.splits == DROPPED).sum() == (len(labels) - pairs if policy == "drop" else 0)


GIVEN = ([TRAIN] * 14 + [TEST] * 6) * 2
COLUMN = {"column": "part", "eval": 0.2}


def test_eval_is_cut_from_train_where_none_is_given():
    result = plan(LABELS, CONTENTS, GIVEN, splits=COLUMN)
    train, cut = split_counts(14, np.array([0.8, 0.2])).tolist()
    for label in (0, 1):
        assert counts_of(LABELS, result.splits, label) == [train, cut, 6]
    assert ((result.splits == TEST) == (np.array(GIVEN) == TEST)).all()


def test_eval_is_cut_likewise_from_a_train_path():
    contents, labels, given_splits = np.array(CONTENTS, np.uint64), np.array(LABELS), np.array(GIVEN, np.int8)
    settings = DataSettings(format="csv", splits={"train": "a.csv", "test": "b.csv", "eval": 0.5})
    digests = np.stack([contents, contents], axis=1)
    result = plan_splits(CLASSES, labels, digests, given_splits, settings, 0)
    assert [counts_of(LABELS, result.splits, label) for label in (0, 1)] == [[7, 7, 6]] * 2


def test_a_given_eval_is_left_as_it_is():
    asked = ([TRAIN] * 10 + [EVAL] * 4 + [TEST] * 6) * 2
    assert plan(LABELS, CONTENTS, asked, splits=COLUMN).splits.tolist() == asked


@pytest.mark.parametrize(
    ("places", "stays"),
    [([TRAIN, EVAL, TEST], TEST), ([EVAL, TRAIN], EVAL), ([TEST, TRAIN], TEST), ([TRAIN, TEST], TEST)],
)
def test_duplicate_across_given_splits_ends_in_the_most_held_out(places, stays):
    labels = [*LABELS, *[0] * len(places)]
    contents = [*CONTENTS, *[99] * len(places)]
    asked = [*([TRAIN] * 10 + [EVAL] * 4 + [TEST] * 6) * 2, *places]
    copies = slice(40, None)

    dropped = plan(labels, contents, asked, splits=COLUMN, duplicates="drop").splits[copies]
    assert sorted(dropped) == sorted([stays] + [DROPPED] * (len(places) - 1))
    assert dropped[places.index(stays)] == stays

    kept = plan(labels, contents, asked, splits=COLUMN, duplicates="keep_together").splits[copies]
    assert kept.tolist() == [stays] * len(places)


def test_equal_content_under_two_classes_across_given_splits_ends_in_test():
    labels, contents, asked = [*LABELS, 0, 1], [*CONTENTS, 99, 99], [*GIVEN, TRAIN, TEST]
    result = plan(labels, contents, asked, splits=COLUMN)
    assert result.splits[40:].tolist() == [TEST, TEST]
    assert result.contradictory == 2


@pytest.mark.parametrize(("missing", "all_in"), [(TEST, TRAIN), (TRAIN, TEST)])
def test_class_missing_in_a_given_split_is_refused(missing, all_in):
    asked = [*GIVEN[:20], *[all_in] * 20]
    with pytest.raises(InputError, match=f"'dog' has no example in the {SPLITS[missing]} split"):
        plan(LABELS, CONTENTS, asked, splits=COLUMN)


def test_class_is_missing_in_train_where_its_train_records_repeat_its_test_records():
    contents = [*CONTENTS[:20], *([30, 31] * 7), *([30, 31] * 3)]
    with pytest.raises(InputError, match="'dog' has no example in the train split"):
        plan(LABELS, contents, GIVEN, splits=COLUMN, duplicates="keep_together")


@pytest.mark.parametrize("count", [1, 2])
def test_class_of_fewer_than_three_is_refused_with_its_count(count):
    example = "1 example;" if count == 1 else "2 examples;"
    with pytest.raises(InputError, match=f"'dog' has {example} 3 are needed"):
        plan([0] * 20 + [1] * count, range(20 + count))


def test_class_of_fewer_than_three_different_records_is_refused():
    with pytest.raises(InputError, match="'dog' has 2 different examples among 3 records; 3 different"):
        plan([0] * 20 + [1] * 3, [*range(20), 20, 21, 21])


def test_class_of_three_stands_in_every_split():
    splits = plan([0] * 20 + [1] * 3, range(23)).splits
    assert sorted(splits[20:]) == [TRAIN, EVAL, TEST]
