import numpy as np
import pyarrow as pa
import pytest

from components.evaluation.answered_records import AnsweredRecords
from components.examples_io import encode_examples, shard_path, write_shard
from components.html_report.records.worst_records import MOST, PER_CLASS, worst_records, worst_rows

LABELS = np.array([0, 0, 0, 0, 0, 0, 0, 1, 1, 1])
DECIDED = np.array([1, 1, 1, 1, 1, 1, 0, 0, 1, 0])
GIVEN = np.array([0.6, 0.9, 0.7, 0.95, 0.8, 0.55, 0.99, 0.7, 0.99, 0.8], np.float32)


def column(values, kind=None):
    return pa.array([[value] if value is not None else [] for value in values], pa.list_(kind or pa.binary()))


@pytest.fixture
def records():
    probabilities = np.empty((10, 2), np.float32)
    probabilities[np.arange(10), DECIDED] = GIVEN
    probabilities[np.arange(10), 1 - DECIDED] = 1 - GIVEN
    keys = np.array([f"row {row}" for row in range(10)], dtype=object)
    return AnsweredRecords(("common", "rare"), keys, LABELS, DECIDED, probabilities, probabilities)


@pytest.fixture
def shards(tmp_path):
    columns = {
        "record_key": column(f"row {row}".encode() for row in range(10)),
        "label": column(b"x" for _ in range(10)),
        "width": column(([1.5, None] * 5), pa.float32()),
        "age": column(range(10), pa.int64()),
        "line": column(b"<b>A</b>" for _ in range(10)),
    }
    encoded = encode_examples(columns)
    paths = [shard_path(str(tmp_path), shard, 2) for shard in range(2)]
    write_shard(paths[0], encoded[:5])
    write_shard(paths[1], encoded[5:])
    return paths


def test_each_class_shows_its_surest_mistakes_first(records):
    assert worst_rows(records, ["rare", "common"]) == [9, 7, 3, 1, 4, 2]
    assert len(worst_rows(records, ["common"])) == PER_CLASS


def test_of_very_many_classes_the_first_are_shown(sixty, answered):
    run = answered(sixty)
    assert len(worst_rows(run.records, run.training["classes"])) <= MOST


def test_the_values_are_those_of_the_record_and_not_its_label(records, shards):
    first, second, *_ = worst_records(records, ["rare"], shards, "label", None)
    assert (first.key, first.actual, first.decided) == ("row 9", "rare", "common")
    assert first.probability == pytest.approx(0.8) and first.of_actual == pytest.approx(0.2)
    assert first.values == {"age": "9", "line": "<b>A</b>", "width": ""}
    assert second.values == {"age": "7", "line": "<b>A</b>", "width": ""}
    common = worst_records(records, ["common"], shards, "label", None)[2]
    assert common.values == {"age": "4", "line": "<b>A</b>", "width": "1.5"}


def test_a_record_that_is_not_found_is_shown_without_values(records):
    assert [one.values for one in worst_records(records, ["rare"], [], "label", "photo")] == [{}, {}]


def test_values_are_escaped_in_the_page(six, records, shards):
    six.more = {"worst": worst_records(records, ["rare"], shards, "label", None)}
    assert "&lt;b&gt;A&lt;/b&gt;" in six.page and "<b>A" not in six.page
