import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.minority_augmenter.units import Limits, limits, plan_units

STRATEGIES = (
    "smote",
    "oversample",
    "copy",
    "borderline_smote",
    "svm_smote",
    "adasyn",
    "smote_tomek",
    "smote_enn",
)


def test_a_class_that_fits_is_one_unit():
    layout = plan_units([100, 20, 5], {1: 80, 2: 95}, "smote", False, Limits(1000, 1000))
    assert [(unit.groups, unit.make) for unit in layout.units] == [((0,), {1: 80}), ((1,), {2: 95})]
    assert layout.first.tolist() == [-1, 0, 1]


def test_many_rows_of_few_are_made_in_several_units_on_the_same_rows():
    layout = plan_units([100, 20], {1: 80}, "smote", False, Limits(1000, 30))
    assert [(unit.groups, unit.make) for unit in layout.units] == [
        ((0,), {1: 27}),
        ((0,), {1: 27}),
        ((0,), {1: 26}),
    ]


def test_units_of_all_classes_share_the_rows_of_the_classes_to_grow():
    layout = plan_units([1000, 20], {1: 80}, "adasyn", False, Limits(520, 1000))
    assert [(unit.groups, unit.make, unit.home) for unit in layout.units] == [
        ((0, 1), {1: 40}, (0, 2)),
        ((0, 2), {1: 40}, (1, 2)),
    ]
    hashes = np.arange(8, dtype=np.uint64)
    assert layout.groups_of(np.repeat([0, 1], 4), hashes).tolist() == [1, 2, 1, 2, 0, 0, 0, 0]


@given(
    st.lists(st.integers(1, 3000), min_size=2, max_size=6),
    st.sampled_from(STRATEGIES),
    st.booleans(),
    # Far fewer rows than there are, and more.
    st.integers(10, 10**4),
    st.data(),
)
def test_units_make_exactly_what_is_planned(counts, strategy, is_nominal, most, data):
    grown = data.draw(st.sets(st.integers(0, len(counts) - 1), min_size=1, max_size=3))
    make = {label: data.draw(st.integers(1, 10**5)) for label in grown}
    layout = plan_units(counts, make, strategy, is_nominal, Limits(most, max(most, 1000)))
    total = {label: sum(unit.make.get(label, 0) for unit in layout.units) for label in grown}
    assert total == make
    assert [unit.number for unit in layout.units] == list(range(len(layout.units)))
    for unit in layout.units:
        for label in unit.make:
            own = range(layout.first[label], layout.first[label] + layout.parts[label])
            assert any(group in own for group in unit.groups)


def test_cleaning_looks_at_all_rows_even_where_nothing_is_made():
    layout = plan_units([30, 20], {}, "smote_enn", False, Limits(1000, 1000))
    assert [(unit.groups, unit.make) for unit in layout.units] == [((0, 1), {})]
    assert (layout.groups_of(np.array([0, 1]), np.zeros(2, np.uint64)) == 1).all()


def test_nothing_to_make_gathers_nothing():
    layout = plan_units([5, 5], {}, "smote", False, Limits(10, 10))
    assert layout.units == () and (layout.groups_of(np.array([0, 1]), np.zeros(2, np.uint64)) == -1).all()


@pytest.mark.parametrize(
    ("strategy", "width", "fewer"), [("smote", 10**4, "smote"), ("svm_smote", 10, "smote")]
)
def test_wide_rows_and_dear_strategies_get_smaller_units(strategy, width, fewer):
    assert limits(strategy, width, 5, False, False).rows < limits(fewer, 10, 5, False, False).rows
