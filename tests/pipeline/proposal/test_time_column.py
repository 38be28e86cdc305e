"""init proposes time where a date column orders the file or shares drift over it, says why, and else leaves it."""

from datetime import datetime, timedelta

import numpy as np
import pytest

from pipeline.config import load_experiment
from pipeline.proposal.propose import propose
from tests.pipeline.proposal.tables import facts_of, measured, write_table

START = datetime(2024, 1, 1)
NUM = 600
HOURS = [START + timedelta(hours=row) for row in range(NUM)]
EVEN = ["fraud" if row % 6 == 0 else "genuine" for row in range(NUM)]


def table(when, kinds=EVEN, **more):
    return {"amount": measured(NUM), "when": when, **more, "class": kinds}


def drifting(seed=0):
    random = np.random.default_rng(seed).random(NUM)
    return [
        "fraud" if one < share else "genuine"
        for one, share in zip(random, np.linspace(0.02, 0.3, NUM), strict=True)
    ]


def shuffled(*columns):
    order = np.random.default_rng(1).permutation(NUM)
    return [[column[row] for row in order] for column in columns]


def test_a_file_in_the_order_of_its_dates_is_split_by_them(tmp_path):
    time = facts_of(tmp_path, table(HOURS)).time
    assert time.is_split_by and time.name == "when" and "the file is in their order" in time.why
    assert "moves from" not in time.why


def test_a_share_that_drifts_over_dates_in_no_order_is_seen_with_its_figures(tmp_path):
    when, kinds = shuffled(HOURS, drifting())
    time = facts_of(tmp_path, table(when, kinds)).time
    assert time.is_split_by and "the share of fraud moves from" in time.why and "(p = " in time.why


@pytest.mark.parametrize("seed", range(5))
def test_dates_in_no_order_over_which_nothing_drifts_are_left_alone(tmp_path, seed):
    when = [HOURS[row] for row in np.random.default_rng(seed).permutation(NUM)]
    assert facts_of(tmp_path, table(when)).time is None


def test_births_are_no_times_of_records(tmp_path):
    columns = table(HOURS, drifting())
    columns["date_of_birth"] = columns.pop("when")
    assert (
        facts_of(
            tmp_path,
            {**{name: columns[name] for name in columns if name != "class"}, "class": columns["class"]},
        ).time
        is None
    )


@pytest.mark.parametrize(("name", "unit"), [("day", "d"), ("step", None), ("Time", None)])
def test_numbers_are_times_by_their_columns_name_and_order(tmp_path, name, unit):
    columns = {"amount": measured(NUM), name: [row // 3 for row in range(NUM)], "class": EVEN}
    time = facts_of(tmp_path, columns).time
    assert (time.name, time.unit, time.is_split_by) == (name, unit, True)
    columns[name] = shuffled(columns[name])[0]
    assert facts_of(tmp_path, columns).time is None


def test_other_numbers_that_grow_are_none(tmp_path):
    columns = {"amount": measured(NUM), "odometer": [row // 3 for row in range(NUM)], "class": EVEN}
    assert facts_of(tmp_path, columns).time is None


def test_a_class_that_ends_early_keeps_the_split_by_shares_and_says_so(tmp_path):
    kinds = ["fraud" if row < 100 else "genuine" for row in range(NUM)]
    time = facts_of(tmp_path, table(HOURS, kinds)).time
    assert time is not None and not time.is_split_by and "split by shares all the same" in time.why


def test_groups_that_come_again_all_the_time_give_way_and_are_no_feature(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()
    path = write_table(tmp_path / "data" / "t.csv", table(HOURS, card=[row * 7 % 50 for row in range(NUM)]))
    data = load_experiment(propose(path, "t.yaml").output).data
    assert data.group is None and data.drop == ("card",) and data.splits.time.train == 0.7


def test_the_proposal_loads_with_its_reason_as_a_comment(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()
    proposal = propose(write_table(tmp_path / "data" / "t.csv", table(HOURS)), "t.yaml")
    experiment = load_experiment(proposal.output)
    assert experiment.data.time == "when" and experiment.training.folds == 1
    assert "# Times (year, month, day" in proposal.text and "the file is in their order" in " ".join(
        proposal.text.split()
    )
    assert "when" not in experiment.data.drop
