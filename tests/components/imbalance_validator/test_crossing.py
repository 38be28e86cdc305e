import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from components.imbalance_validator.crossing import (
    check_given_copies,
    check_groups,
    check_records,
    crossing_sets,
)
from components.imbalance_validator.facts import Crossing
from components.imbalance_validator.settings import ValidationSettings

SETTINGS = ValidationSettings()


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(0, 2)), max_size=40))
def test_crossing_sets_are_what_counting_each_id_by_itself_finds(records):
    ids = np.array([record[:2] for record in records], np.uint64).reshape(-1, 2)
    splits = np.array([record[2] for record in records], int)
    expected = set()
    for one in {record[:2] for record in records}:
        rows = tuple(row for row, record in enumerate(records) if record[:2] == one)
        if len({records[row][2] for row in rows}) > 1:
            expected.add(rows)
    assert {tuple(rows.tolist()) for rows in crossing_sets(ids, splits)} == expected


def test_equal_contents_in_one_split_do_not_cross():
    ids = np.array([[1, 1], [1, 1], [2, 2]], np.uint64)
    assert crossing_sets(ids, np.array([0, 0, 1])) == []
    [rows] = crossing_sets(ids, np.array([0, 2, 1]))
    assert rows.tolist() == [0, 1]


def test_crossings_are_hard_and_named(facts_of):
    facts = facts_of(
        contents=Crossing(1, 2, ("a.csv, row 3 (train) = a.csv, row 9 (test)",)),
        keys=Crossing(2, 4, ("k",)),
        groups=Crossing(1, 5, ("'p7' (train and eval)",)),
    )
    contents, keys = check_records(facts, SETTINGS)
    [groups] = check_groups(facts, SETTINGS)
    assert {contents.severity, keys.severity, groups.severity} == {"hard"}
    assert "1 content stands in several splits, in 2 records: a.csv, row 3 (train)" in contents.message
    assert "2 record keys stand" in keys.message
    assert "'p7' (train and eval)" in groups.message
    assert check_records(facts_of(), SETTINGS) == check_groups(facts_of(), SETTINGS) == []


def test_copies_are_only_worth_a_word_where_the_data_came_split(facts_of):
    assert check_given_copies(facts_of(given_copies=3), SETTINGS) == []
    [finding] = check_given_copies(facts_of(given_copies=3, splits_given=True), SETTINGS)
    assert finding.severity == "soft" and "3 records repeat" in finding.message
