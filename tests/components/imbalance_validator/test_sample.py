import numpy as np
import pyarrow as pa
import pytest

from components.imbalance_validator.sample import sampling_rates, to_sample
from core.features import RECORD_KEY

BYTES = pa.large_list(pa.large_binary())


def test_small_data_are_taken_whole():
    assert sampling_rates({"a": 150_000, "b": 40}, 10) == {"a": 1, "b": 1}


@pytest.mark.parametrize("num_columns", [1, 10, 2000])
def test_large_data_are_thinned_to_bounds_and_rare_classes_last(num_columns):
    counts = {"a": 9_000_000, "b": 900_000, "c": 1500}
    rates = sampling_rates(counts, num_columns)
    drawn = sum(rates[name] * count for name, count in counts.items())
    assert drawn <= 210_000 and drawn * num_columns <= 44_000_000
    assert rates["c"] == 1 and rates["a"] <= rates["b"] <= 1


def test_a_thousand_classes_do_not_break_the_bound():
    counts = {str(number): 5000 for number in range(1000)}
    rates = sampling_rates(counts, 10)
    assert sum(rates[name] * count for name, count in counts.items()) <= 210_000


def test_columns_become_arrays_with_missing_values_marked():
    def table(numbers, words, keys, labels):
        return pa.table(
            {
                "n": pa.array(numbers, pa.large_list(pa.float32())),
                "w": pa.array(words, BYTES),
                RECORD_KEY: pa.array([[key] for key in keys], BYTES),
                "y": pa.array([[label] for label in labels], BYTES),
            }
        )

    tables = [
        table([[1.5], None], [[b"u"], None], [b"1", b"2"], [b"dog", b"cat"]),
        table([[np.inf], [2.5, 9.0]], [[], [b"v"]], [b"3", b"4"], [b"dog", b"dog"]),
    ]
    sample = to_sample(tables, "y", ("cat", "dog"), ["n"])
    assert sample.labels.tolist() == [1, 0, 1, 1]
    np.testing.assert_array_equal(sample.columns["n"].values, [1.5, np.nan, np.nan, 2.5])
    words = sample.columns["w"]
    assert words.missing.tolist() == [False, True, True, False]
    assert [words.categories[code] for code in words.values[~words.missing]] == ["u", "v"]
    assert len(set(sample.order.tolist())) == 4 and set(sample.columns) == {"n", "w"}


def test_nothing_drawn_is_an_empty_sample():
    assert to_sample([], "y", ("a", "b"), []).columns == {}
