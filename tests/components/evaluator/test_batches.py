"""The shard alone decides which records are read together."""

from itertools import pairwise

import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

from components.evaluator.batches import batches_of, record_batches


@given(st.lists(st.integers(0, 3 * 2**20), max_size=12))
def test_batches_hold_two_mebibytes_or_one_record(sizes):
    records = [bytes(size) for size in sizes]
    batches = list(batches_of(records))
    assert [record for batch in batches for record in batch] == records
    assert all(len(batch) == 1 or sum(map(len, batch)) <= 2 * 2**20 for batch in batches)
    # No batch ends before it must.
    assert all(sum(map(len, batch)) + len(after[0]) > 2 * 2**20 for batch, after in pairwise(batches))


def test_batches_of_small_records_have_512():
    assert [len(batch) for batch in batches_of([b"x"] * 1177)] == [512, 512, 153]


def test_records_become_columns_and_stay_what_they_are(tmp_path):
    path, records = str(tmp_path / "shard.gz"), []
    for number in range(3):
        example = tf.train.Example()
        if number:
            example.features.feature["n"].int64_list.value.append(10**17 + number)
        records.append(example.SerializeToString())
    with tf.io.TFRecordWriter(path, "GZIP") as writer:
        for record in records:
            writer.write(record)
    [batch] = record_batches(path, "raw")
    assert batch.schema.names == ["n", "raw"]
    assert batch.column(0).to_pylist() == [None, [10**17 + 1], [10**17 + 2]]
    assert batch.column(1).to_pylist() == [[record] for record in records]
