import numpy as np
import pyarrow as pa
import pytest

from components.evaluation.answered_records import AnsweredRecords
from components.examples_io import encode_examples, shard_path, write_shard
from components.html_report.records import explanations
from components.html_report.records.explanations import column_bars, explain, explained_rows
from core.callbacks import Explained

LABELS = np.array([0, 0, 0, 1, 1])
DECIDED = np.array([0, 0, 1, 1, 1])


@pytest.fixture
def records():
    given = np.array([0.7, 0.9, 0.8, 0.6, 0.95], np.float32)
    probabilities = np.empty((5, 2), np.float32)
    probabilities[np.arange(5), DECIDED] = given
    probabilities[np.arange(5), 1 - DECIDED] = 1 - given
    keys = np.array(list("abcde"), dtype=object)
    return AnsweredRecords(("common", "rare"), keys, LABELS, DECIDED, probabilities, probabilities)


@pytest.fixture
def shards(tmp_path):
    keys = pa.array([[key.encode()] for key in "abcde"], pa.list_(pa.binary()))
    path = shard_path(str(tmp_path), 0, 1)
    write_shard(path, encode_examples({"record_key": keys}))
    return [path]


def told(weights):
    """An explain_fn that weighs two columns."""

    def explain_fn(model_run, transform_graph, label, image, examples, class_indices):
        assert (model_run, transform_graph, label, image) == ("run", "graph", "kind", None)
        assert len(examples) == len(class_indices)
        return (
            None
            if weights is None
            else Explained(
                maps=None,
                image_method=None,
                columns=["<i>width", "age"],
                column_weights=np.tile(np.array(weights, np.float32), (len(examples), 1)),
                signed=True,
                column_method="a method",
            )
        )

    return explain_fn


def test_the_surest_right_and_the_surest_wrong_decision_are_chosen(records):
    assert explained_rows(records, ["rare", "common"]) == [4, 3, 1, 2]


def test_the_largest_columns_come_first_with_their_side():
    bars = column_bars(["a", "b", "c"], np.array([0.2, -0.8, 0.0]), signed=True)
    assert [(bar.name, bar.width, bar.speaks_for) for bar in bars] == [("b", 100.0, False), ("a", 25.0, True)]
    assert column_bars(["a"], np.array([0.5]), signed=False)[0].speaks_for is None


def test_every_class_gets_its_explanations(records, shards, monkeypatch, six):
    monkeypatch.setattr(explanations, "told", told([1.0, -0.5]), raising=False)
    path = "components.html_report.records.explanations.told"
    found = explain(records, ["rare", "common"], shards, path, "run", "graph", "kind", None)
    assert list(found.by_class) == ["rare", "common"]
    assert [one.key for one in found.by_class["common"]] == ["b", "c"]
    assert found.by_class["common"][1].decided == "rare"
    six.records, six.more = records_of(six), {"explanations": found}
    page = six.page
    assert "&lt;i&gt;width" in page and "<i>width" not in page
    assert page.count("Wrongly called") == 1 and page.count("Rightly called") == 3 and "a method" in page


def records_of(run):
    counts = np.zeros(len(run.training["classes"]), int)
    classes = tuple(run.training["classes"])
    probabilities = np.eye(len(classes), dtype=np.float32)
    rows = np.arange(len(counts))
    return AnsweredRecords(classes, rows.astype(str).astype(object), rows, rows, probabilities, probabilities)


def test_where_nothing_is_explained_the_page_says_so(records, shards, monkeypatch, six):
    monkeypatch.setattr(explanations, "told", told(None), raising=False)
    path = "components.html_report.records.explanations.told"
    assert explain(records, ["rare"], shards, path, "run", "graph", "kind", None) is None
    assert explain(records, ["rare"], [], path, "run", "graph", "kind", None) is None
    six.records = records_of(six)
    assert "Nothing is shown here" in six.page
