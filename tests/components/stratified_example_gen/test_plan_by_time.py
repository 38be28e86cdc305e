"""Splits by time: nothing learnt from is later than what judges it, whatever groups and equal records do."""

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from components.stratified_example_gen.plan_by_time import plan_by_time
from components.stratified_example_gen.plan_reasons import CONTINUES, DUPLICATE, IN_GAP, REPEATED_LATER
from components.stratified_example_gen.settings import SPLITS, DataSettings
from core.errors import InputError
from core.splitting import DROPPED
from core.times.written import DAY

CLASSES = ["fraud", "genuine"]


def plan(labels, contents, times, groups=None, splits=None, **data):
    """Plans records of small numbers: contents, groups, and times in days."""
    contents = np.asarray(contents, np.uint64)
    digests = np.stack([contents, contents * np.uint64(7919) + np.uint64(1)], axis=1)
    experiment = DataSettings(format="csv", path="x.csv", time="when", splits={"time": splits or {}}, **data)
    groups = None if groups is None else np.asarray(groups)
    return plan_by_time(CLASSES, np.asarray(labels), digests, np.asarray(times) * DAY, experiment, groups)


@st.composite
def tables(draw):
    size = draw(st.integers(12, 40))
    column = {"min_size": size, "max_size": size}
    return {
        "labels": draw(st.lists(st.integers(0, 1), **column)),
        "contents": draw(st.lists(st.integers(0, draw(st.sampled_from([10, 1000]))), **column)),
        "times": draw(st.lists(st.integers(0, 40), **column)),
        "groups": draw(st.none() | st.lists(st.integers(0, draw(st.sampled_from([5, 1000]))), **column)),
        "duplicates": draw(st.sampled_from(["drop", "keep_together"])),
        "splits": {"gap": f"{draw(st.integers(0, 5))}d"},
    }


def brute_force(table, gap):
    """Returns each record's split by plain loops: -1 for one that is left out."""
    result = plan(**table)
    eval_from, test_from = result.borders.eval_from // DAY, result.borders.test_from // DAY
    times, size = table["times"], len(table["times"])

    def period(time):
        if time >= test_from:
            return 2
        if time >= test_from - gap:
            return None
        if time >= eval_from:
            return 1
        return None if time >= eval_from - gap else 0

    alive = [row for row in range(size) if period(times[row]) is not None]
    if table["duplicates"] == "drop":
        best = {}
        for row in alive:
            key = (table["contents"][row], table["labels"][row])
            if key not in best or period(times[row]) > period(times[best[key]]):
                best[key] = row
        alive = sorted(best.values())
    # Sets grow until nothing joins them any more.
    sets = {row: row for row in alive}
    changed = True
    while changed:
        changed = False
        for first in alive:
            for second in alive:
                tied = table["contents"][first] == table["contents"][second] or (
                    table["groups"] is not None and table["groups"][first] == table["groups"][second]
                )
                if tied and sets[first] != sets[second]:
                    sets[first] = sets[second] = min(sets[first], sets[second])
                    changed = True
    splits = [-1] * size
    for row in alive:
        last = max(period(times[other]) for other in alive if sets[other] == sets[row])
        splits[row] = last if period(times[row]) == last else -1
    return splits


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(tables())
def test_every_record_goes_where_plain_loops_put_it_and_time_group_and_content_stay_apart(table):
    assume(len(set(table["labels"])) == 2)
    try:
        result = plan(**table)
    except InputError:
        assume(False)
    gap = int(table["splits"]["gap"].removesuffix("d"))
    expected = brute_force(table, gap)
    assert np.where(result.splits == DROPPED, -1, result.splits.astype(int)).tolist() == expected
    times = np.asarray(table["times"])
    for before, after in ((0, 1), (1, 2)):
        assert times[result.splits == before].max() < times[result.splits == after].min() - gap
    for name in ("contents", "groups"):
        if table[name] is not None:
            held = {}
            for value, split in zip(table[name], result.splits, strict=True):
                if split != DROPPED:
                    held.setdefault(value, set()).add(split)
            assert all(len(splits) == 1 for splits in held.values())
    assert ((result.why_left_out == 0) == (result.splits != DROPPED)).all()


def days(count=100):
    return np.arange(count), np.tile([0, 1], count // 2)


def test_shares_are_exact_and_the_gap_comes_off_the_earlier_split():
    times, labels = days()
    result = plan(labels, times, times, splits={"train": 0.6, "eval": 0.2, "test": 0.2, "gap": "5d"})
    assert [(result.splits == place).sum() for place in range(3)] == [55, 15, 20]
    assert (result.why_left_out == IN_GAP).sum() == 10


def test_a_planted_group_a_duplicate_and_a_later_record_are_told_apart():
    times, labels = days()
    contents, groups = times.copy(), times.copy()
    groups[3], groups[95] = 200, 200  # Goes on in test.
    contents[6] = contents[96]  # Equal to one of test.
    result = plan(labels, contents, times, groups)
    assert result.splits[[3, 6, 95, 96]].tolist() == [DROPPED, DROPPED, 2, 2]
    assert result.why_left_out[[3, 6]].tolist() == [CONTINUES, REPEATED_LATER]
    dropped = plan(labels, contents, times, groups, duplicates="drop")
    assert dropped.why_left_out[6] == DUPLICATE and dropped.splits[96] == 2


def test_dates_are_borders_themselves():
    times, labels = days()
    result = plan(labels, times, times, splits={"eval_from": "1970-02-20", "test_from": "1970-03-22"})
    assert [(result.splits == place).sum() for place in range(3)] == [50, 30, 20]


def test_a_class_that_ends_before_test_is_refused_with_its_counts():
    times = np.arange(100)
    ends = (times >= 80) | (times % 2 == 1)
    with pytest.raises(
        InputError,
        match=r"class 'fraud' has no record in test \(35 in train, 5 in eval, 0 in test\)\. Its 40 records reach from "
        r"1970-01-01 to 1970-03-20; test begins at 1970-03-27",
    ):
        plan(ends.astype(int), times, times)


def test_groups_that_all_go_on_name_the_way_out():
    times, labels = days()
    with pytest.raises(InputError, match=r"as their group goes on in a later split.*do without data\.group"):
        plan(labels, times, times, times % 3)


def test_a_border_outside_of_the_data_is_refused():
    times, labels = days()
    with pytest.raises(
        InputError,
        match=r"data.splits.time.test_from: the records' times reach from 1970-01-01 to 1970-04-10",
    ):
        plan(labels, times, times, splits={"eval_from": "1970-02-20", "test_from": "2024-01-01"})


def test_splits_are_named_in_order():
    assert SPLITS == ("train", "eval", "test")
