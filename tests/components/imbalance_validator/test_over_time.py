"""Splits by time: what is not in order is caught by the shards themselves, and drift is no fault."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.examples_io import encode_examples, write_shard
from components.imbalance_validator.drift import check_splits
from components.imbalance_validator.over_time import check_later_records, check_trends
from components.imbalance_validator.settings import ValidationSettings
from components.imbalance_validator.shard_index import ShardIndex, index_shard
from core.features import RECORD_KEY, RECORD_TIME
from tests.components.imbalance_validator.conftest import clean_facts
from tests.components.imbalance_validator.test_checks import moving

SETTINGS = ValidationSettings()
BASE = clean_facts()
times = st.lists(st.integers(0, 30), min_size=1, max_size=10)


def facts_with(**changes):
    import dataclasses

    return dataclasses.replace(BASE, **changes)


@given(st.tuples(times, times, times), st.integers(0, 10))
def test_a_finding_is_made_exactly_where_a_record_comes_too_late(found, gap):
    spans = {name: (min(of), max(of)) for name, of in zip(("train", "eval", "test"), found, strict=True)}
    train, held_out, test = found
    too_late = [
        any(early >= late - gap for early in before for late in after)
        for before, after in ((train, held_out), (held_out, test))
    ]
    findings = check_later_records(facts_with(time_gap=gap, time_spans=spans), SETTINGS)
    assert [finding.subject for finding in findings] == [
        name for name, is_late in zip(("train", "eval"), too_late, strict=True) if is_late
    ]
    assert all(finding.severity == "hard" for finding in findings)


def test_splits_by_something_else_may_mix_the_times():
    spans = {"train": (0, 100), "eval": (0, 100), "test": (0, 100)}
    assert check_later_records(facts_with(time_spans=spans), SETTINGS) == []


def test_drift_of_a_split_by_time_is_a_note():
    counts = np.array([[100, 300], [60, 20], [22, 64]])
    assert {finding.severity for finding in check_splits(facts_with(counts=counts), SETTINGS)} == {"hard"}
    findings = check_splits(facts_with(counts=counts, time_gap=0), SETTINGS)
    assert {finding.severity for finding in findings} == {"note"} and len(findings) == 2


@pytest.mark.parametrize(("time_gap", "severity"), [(None, "soft"), (0, "note")])
def test_a_moving_class_is_told_of_and_a_steady_one_is_not(time_gap, severity):
    over_time = moving({"cat": (0.1, 0.3, 1e-9), "dog": (0.9, 0.7, 0.02)})
    [finding] = check_trends(facts_with(over_time=over_time, time_gap=time_gap), SETTINGS)
    assert (finding.subject, finding.severity) == ("cat", severity)


def test_a_shards_index_has_the_ends_of_its_times(tmp_path):
    import pyarrow as pa

    seconds = [5, 3, 1_704_067_200_000_001, 9]
    columns = {
        RECORD_KEY: pa.array([[f"row {number}".encode()] for number in range(4)], pa.list_(pa.binary())),
        RECORD_TIME: pa.array([[second] for second in seconds], pa.list_(pa.int64())),
        "kind": pa.array([[b"cat"]] * 4, pa.list_(pa.binary())),
        "weight": pa.array([[1.0]] * 4, pa.list_(pa.float32())),
    }
    write_shard(str(tmp_path / "shard.gz"), encode_examples(columns))
    index = ShardIndex.from_bytes(index_shard(str(tmp_path / "shard.gz"), "kind").to_bytes())
    assert index.times.tolist() == [3, 1_704_067_200_000_001]
    # The time is none of what the records hold.
    assert len(np.unique(index.contents, axis=0)) == 1
