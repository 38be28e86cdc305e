"""Parts of the records: no fold learns from its own records, nor from what was made of them."""

import pytest
import tensorflow as tf
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import InputError
from core.features import KEY, LABEL, METHOD, PARENTS, SET
from models.training.members.parts import part_records, read_bookkeeping

SPEC = {
    LABEL: tf.io.FixedLenFeature([], tf.int64),
    KEY: tf.io.FixedLenFeature([], tf.string),
    SET: tf.io.FixedLenFeature([], tf.int64),
}


def own(number, label, set_number=0):
    return {KEY: f"row {number}", LABEL: label, SET: set_number}


def made(number, label, parents):
    return {KEY: f"made {number}", LABEL: label, METHOD: "smote", PARENTS: parents}


@pytest.fixture
def parted(tmp_path, example, write_records):
    def part(records, folds=3, seed=0):
        work = tmp_path / f"{len(list(tmp_path.iterdir()))}"
        work.mkdir()
        serialized = [one if isinstance(one, bytes) else example(one) for one in records]
        write_records(work / "records.gz", serialized)
        return part_records([str(work / "records.gz")], SPEC, str(work), folds, seed)

    return part


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.integers(0, 1), st.integers(0, 9)), min_size=12, max_size=40),
    st.lists(st.lists(st.integers(0, 59), min_size=1, max_size=3, unique=True), max_size=20),
)
def test_what_was_made_of_a_record_is_kept_from_its_fold(parted, rows, families):
    rows = [(0, 0), (0, 0), (0, 0), (1, 0), (1, 0), (1, 0), *rows]
    records = [own(number, *row) for number, row in enumerate(rows)]
    # Some parents are no longer there.
    records += [made(n, 1, [f"row {row}" for row in parents]) for n, parents in enumerate(families)]
    parts = parted(records)
    assert set(parts.folds) == {record[KEY].encode() for record in records if PARENTS not in record}
    parents_of = {record[KEY].encode(): record.get(PARENTS) for record in records}
    for fold, path in enumerate(parts.own):
        held_out = {key for key, place in parts.folds.items() if place == fold}
        assert set(read_bookkeeping([path], SPEC).keys) == held_out
        learnt = read_bookkeeping(parts.training(fold), SPEC).keys
        assert len(learnt) == len(set(learnt))
        expected = {
            key
            for key, parents in parents_of.items()
            if not ({key} if parents is None else {one.encode() for one in parents}) & held_out
        }
        assert set(learnt) == expected


def test_sets_are_whole_and_the_digest_is_of_the_records(parted, example):
    records = [example(own(number, number % 2, 7 if number < 6 else 0)) for number in range(30)]
    parts = parted(records)
    assert len({parts.folds[f"row {number}".encode()] for number in range(6)}) == 1
    assert parted(records).digest == parts.digest
    assert parted([*records[:-1], own(29, 0)]).digest != parts.digest


def test_records_without_keys_are_refused(parted, tmp_path):
    with pytest.raises(InputError, match=r"training\.folds tells records apart by the feature record_key"):
        part_records([], {LABEL: SPEC[LABEL]}, str(tmp_path), 3, 0)
