"""Transform on Beam against NumPy and Counter, over one table with every kind of column."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from scipy.stats import norm, rankdata

from core.features import (
    CATEGORICAL,
    CLASSES_VOCABULARY,
    KEY,
    LABEL,
    MISSING,
    MISSING_CATEGORY,
    NUMERIC,
    categories_vocabulary,
)

# More than one of Beam's batches: they start at one record and double.
SIZE = 300
KIND = "kind of / défaut"
CLASSES = {"zz most": 160, "Straße": 90, "a rare": 50}
NUMBERS = {
    "complete": tf.float32,
    "odd number present": tf.float32,
    "even/number/present": tf.float32,
    "ganze Zahlen, größer": tf.int64,
    "far from zero": tf.float32,
    "never present": tf.float32,
    "constant": tf.float32,
    "constant with gaps": tf.float32,
    "beyond float32": tf.float32,
}
TEXTS = ("Farbe / größe", "all unique", "full", "never there", "once missing", "record_key")


def numbers(name: str, i: int, random: np.random.Generator) -> Any:
    value = float(np.float32(random.normal(20, 3)))
    return {
        "complete": value,
        "odd number present": value if i < 201 else None,
        "even/number/present": value if i % 3 else None,
        "ganze Zahlen, größer": None if i % 4 == 0 else int(value),
        "far from zero": 1e6 + value,
        "never present": None,
        # The mean of many such numbers is not exactly the number, in float32.
        "constant": -1234.567,
        "constant with gaps": 0.1 if i % 2 else None,
        "beyond float32": float("inf") if i % 5 == 0 else value,
    }[name]


def texts(name: str, i: int) -> str | None:
    return {
        # "hapax" is there once.
        "Farbe / größe": "hapax" if i == 17 else ("rot & weiß", "grün", "grün", None, "a,b\tc")[i % 5],
        "all unique": f"serial {i}",
        "full": ("yes", "no", "no")[i % 3],
        "never there": None,
        "once missing": None if i == 5 else "there",
        "record_key": f"row {i}",
    }[name]


@dataclass(frozen=True)
class Run:
    records: list[dict[str, Any]]
    transformed: Any
    columns: dict[str, np.ndarray]

    def raw(self, name: str) -> np.ndarray:
        """A numeric column as floats, NaN where there is no finite number."""
        values = np.array([np.nan if r[name] is None else r[name] for r in self.records], np.float64)
        return np.where(np.isfinite(values), values, np.nan)

    def position(self, name: str) -> int:
        return sorted(NUMBERS).index(name)

    def category_position(self, name: str) -> int:
        return sorted(set(TEXTS) - {"record_key"}).index(name)

    def indices(self, name: str) -> np.ndarray:
        return self.columns[CATEGORICAL][:, self.category_position(name)]

    def vocabulary_size(self, name: str) -> int:
        vocabulary = categories_vocabulary(self.category_position(name))
        return self.transformed.output.vocabulary_size_by_name(vocabulary)


@pytest.fixture(scope="module")
def run(transform_records) -> Run:
    random = np.random.default_rng(3)
    labels = [name for name, count in CLASSES.items() for _ in range(count)]
    random.shuffle(labels)
    records = [
        {KIND: labels[i]}
        | {name: numbers(name, i, random) for name in NUMBERS}
        | {name: texts(name, i) for name in TEXTS}
        for i in range(SIZE)
    ]
    dtypes = {KIND: tf.string, **NUMBERS, **{name: tf.string for name in TEXTS}}
    transformed = transform_records(records, dtypes, KIND, None)
    return Run(records, transformed, transformed.columns())


PRESENT = [name for name in NUMBERS if "constant" not in name and "never" not in name]


@pytest.mark.parametrize("name", PRESENT)
def test_numbers_become_normal_scores_of_their_ranks_among_the_values_present(run, name):
    raw = run.raw(name).astype(np.float32)
    present = ~np.isnan(raw)
    # The mean rank of equal values, from the least at 0 to the greatest at 1.
    shares = (rankdata(raw[present]) - 1) / (present.sum() - 1)
    scores = run.columns[NUMERIC][present, run.position(name)]
    # A value of 300 takes up 1/300 of the ranks.
    np.testing.assert_allclose(norm.cdf(scores), np.clip(shares, 0.001, 0.999), atol=0.005)


@pytest.mark.parametrize("name", PRESENT)
def test_normal_scores_keep_the_order_of_the_values(run, name):
    raw = run.raw(name).astype(np.float32)
    present = ~np.isnan(raw)
    scores = run.columns[NUMERIC][present, run.position(name)]
    np.testing.assert_array_equal(rankdata(scores, "dense"), rankdata(raw[present], "dense"))


@pytest.mark.parametrize("name", PRESENT)
def test_a_missing_number_becomes_the_median_of_those_present(run, name):
    present = np.sort(run.raw(name)[~np.isnan(run.raw(name))]).astype(np.float32)
    # Of an even number of values, the higher of the two in the middle.
    median = float(present[len(present) // 2])
    value = int(median) if NUMBERS[name] == tf.int64 else median
    empty, filled = run.transformed.apply([{}, {name: value}])[NUMERIC][:, run.position(name)]
    assert empty == pytest.approx(filled, abs=1e-6)
    imputed = run.columns[NUMERIC][np.isnan(run.raw(name)), run.position(name)]
    assert set(imputed.tolist()) <= {float(empty)}


@pytest.mark.parametrize("name", PRESENT)
def test_numbers_beyond_those_of_train_score_as_its_least_and_greatest(run, name):
    value = int(1e9) if NUMBERS[name] == tf.int64 else 1e30
    beyond = run.transformed.apply([{name: -value}, {name: value}])[NUMERIC][:, run.position(name)]
    scores = run.columns[NUMERIC][:, run.position(name)]
    np.testing.assert_allclose(beyond, [scores.min(), scores.max()], atol=1e-6)


def test_the_columns_have_odd_and_even_numbers_of_values(run):
    present = {name: int((~np.isnan(run.raw(name))).sum()) for name in NUMBERS}
    assert present["odd number present"] % 2 == 1
    assert present["even/number/present"] % 2 == 0 < present["even/number/present"] < SIZE


def test_missing_numbers_are_flagged_and_no_others(run):
    expected = np.stack([np.isnan(run.raw(name)) for name in sorted(NUMBERS)], axis=1)
    np.testing.assert_array_equal(run.columns[MISSING], expected.astype(np.float32))


@pytest.mark.parametrize("name", ["constant", "constant with gaps", "never present"])
def test_a_column_with_at_most_one_value_is_zero(run, name):
    assert not run.columns[NUMERIC][:, run.position(name)].any()
    served = run.transformed.apply([{}, {name: 7.0}, {name: -1e30}])
    assert not served[NUMERIC][:, run.position(name)].any()
    assert served[MISSING][:, run.position(name)].tolist() == [1, 0, 0]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_a_number_that_is_none_counts_as_missing(run, value):
    served, empty = run.transformed.apply([{"complete": value}]), run.transformed.apply([{}])
    np.testing.assert_array_equal(served[NUMERIC], empty[NUMERIC])
    np.testing.assert_array_equal(served[MISSING], empty[MISSING])


def test_labels_become_indices_commonest_class_first(run):
    names = [name.decode() for name in run.transformed.output.vocabulary_by_name(CLASSES_VOCABULARY)]
    assert names == sorted(CLASSES, key=CLASSES.__getitem__, reverse=True)
    assert [names[index] for index in run.columns[LABEL]] == [record[KIND] for record in run.records]


@pytest.mark.parametrize("name", ["Farbe / größe", "full", "once missing"])
def test_every_category_seen_twice_has_an_index_and_the_rest_share_the_last(run, name):
    cells = [MISSING_CATEGORY if record[name] is None else record[name] for record in run.records]
    counts = Counter(cells)
    known = {cell for cell, count in counts.items() if count > 1}
    pairs = set(zip(cells, run.indices(name).tolist(), strict=True))
    assert len(pairs) == len(counts)
    assert {index for cell, index in pairs if cell in known} == set(range(len(known)))
    assert {index for cell, index in pairs if cell not in known} <= {len(known)}
    assert run.vocabulary_size(name) == len(known)


def test_missing_is_a_category_of_its_own(run):
    name = "Farbe / größe"
    by_cell = {record[name]: index for record, index in zip(run.records, run.indices(name), strict=True)}
    assert by_cell[None] not in {index for cell, index in by_cell.items() if cell is not None}
    assert by_cell[None] < run.vocabulary_size(name)
    assert set(run.indices("never there").tolist()) == {0}


@pytest.mark.parametrize("cell", ["purple", "Rot & Weiß", "hapax", "two\nlines"])
def test_an_unknown_category_falls_into_the_bucket_after_the_vocabulary(run, cell):
    name = "Farbe / größe"
    served = run.transformed.apply([{name: cell}])[CATEGORICAL][0, run.category_position(name)]
    assert served == run.vocabulary_size(name) == 4


@pytest.mark.parametrize(
    ("cell", "spelling"),
    [
        ("\ufeffgru\u0308n\r\n", "grün"),
        ("rot\u00a0& weiß", "rot & weiß"),
        ("rot\n&\u2028weiß", "rot & weiß"),
        ("a,b c", "a,b\tc"),
        ("", None),
        ("N/A", None),
        (" ?\u200b", None),
    ],
)
def test_every_spelling_of_a_category_is_that_category(run, cell, spelling):
    column = "Farbe / größe"
    served = run.transformed.apply([{column: cell}, {column: spelling}])[CATEGORICAL]
    assert served[0, run.category_position(column)] == served[1, run.category_position(column)] < 4


def test_a_column_without_any_category_seen_twice_falls_into_the_unknown_bucket(run):
    assert set(run.indices("all unique").tolist()) == {run.vocabulary_size("all unique")}
    served = run.transformed.apply([{"all unique": "serial 1"}, {"all unique": "new"}, {}])[CATEGORICAL]
    assert set(served[:, run.category_position("all unique")]) == {run.vocabulary_size("all unique")}


def test_outputs_have_one_column_for_each_feature_and_the_record_key_apart(run):
    spec = run.transformed.output.transformed_feature_spec()
    described = {name: (feature.shape, feature.dtype) for name, feature in spec.items()}
    assert described == {
        LABEL: ([], tf.int64),
        KEY: ([], tf.string),
        NUMERIC: ([len(NUMBERS)], tf.float32),
        MISSING: ([len(NUMBERS)], tf.float32),
        CATEGORICAL: ([len(TEXTS) - 1], tf.int64),
    }


@pytest.mark.parametrize("batch_size", [1, 7, SIZE])
def test_the_learnt_graph_transforms_batches_of_any_size_as_beam_did(run, batch_size):
    chosen = range(0, SIZE, 1 if batch_size == SIZE else 50)
    for start in chosen if batch_size < SIZE else [0]:
        served = run.transformed.apply(run.records[start : start + batch_size])
        for name, values in served.items():
            expected = run.columns[name][start : start + batch_size]
            if name == KEY:
                assert values.tolist() == expected.tolist()
            else:
                np.testing.assert_allclose(values, expected, atol=1e-6, err_msg=name)


def test_a_record_keeps_its_key_and_a_request_needs_none(run):
    assert run.columns[KEY].tolist() == [f"row {i}".encode() for i in range(SIZE)]
    assert run.transformed.apply([{}, {"record_key": "mine"}])[KEY].tolist() == [b"", b"mine"]


def test_the_first_of_several_values_counts(run):
    several = run.transformed.apply([{"complete": [21.5, 3.0], "full": ["no", "yes"]}, {}])
    single = run.transformed.apply([{"complete": 21.5, "full": "no"}, {}])
    for name in (NUMERIC, MISSING, CATEGORICAL):
        np.testing.assert_array_equal(several[name], single[name])


def test_a_record_without_a_label_has_the_index_minus_one(run):
    assert run.transformed.apply([{}, {KIND: "Straße"}, {KIND: "never seen"}])[LABEL].tolist() == [-1, 1, -1]
