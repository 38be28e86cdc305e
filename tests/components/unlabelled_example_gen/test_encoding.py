"""Numbers in whole-number columns, against the signature that takes them as floats."""

import numpy as np
import pytest
import tensorflow as tf

from components.stratified_example_gen.records import Record
from components.unlabelled_example_gen.encoding import encode_unlabelled, whole_number
from models.serving.raw_signature import to_sparse

CELLS = ["2.5", "3.5", "-0.5", "2.50000001", "1e30", "-1e30", "7e3", "12345678901234567890", "+4."]


def test_a_fraction_becomes_the_even_neighbour():
    assert [whole_number(cell) for cell in ("2.5", "3.5", "-7.4")] == ["2", "4", "-7"]


@pytest.mark.parametrize("cell", CELLS)
def test_a_whole_number_column_takes_what_predict_raw_takes(cell):
    [column] = to_sparse(tf.constant([[np.float64(cell)]]), tf.int64)
    [served] = column.values.numpy()
    [encoded] = encode_unlabelled([Record("k", "", {"count": cell})], {"count": "whole"})
    assert list(tf.train.Example.FromString(encoded).features.feature["count"].int64_list.value) == [served]


def test_whole_numbers_are_kept_to_the_last_digit():
    [encoded] = encode_unlabelled([Record("k", "", {"count": "123456789012345678"})], {"count": "whole"})
    [encoded_too] = encode_unlabelled([Record("k", "", {"count": "1600000000001.0"})], {"count": "whole"})
    whole = tf.train.Example.FromString(encoded_too).features.feature["count"].int64_list.value[0]
    assert whole == 1_600_000_000_001
    features = tf.train.Example.FromString(encoded).features.feature
    assert features["count"].int64_list.value[0] == 123456789012345678
    assert sorted(features) == ["count", "record_key"]
