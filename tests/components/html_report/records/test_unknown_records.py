from dataclasses import replace

import numpy as np

from components.html_report.records.unknown_records import unknown_records
from tests.components.html_report.records.test_worst_records import records, shards  # noqa: F401


def test_the_most_unlike_records_come_first_with_their_values(records, shards):  # noqa: F811
    unlikeness = np.arange(10, dtype=np.float32) % 7
    called = replace(records, unlikeness=unlikeness, unknown=unlikeness > 4)
    shown = unknown_records(called, shards, "label", None)
    assert [(one.key, one.unlikeness) for one in shown] == [("row 6", 6), ("row 5", 5)]
    assert (shown[0].actual, shown[0].decided) == ("common", "common")
    assert shown[1].values == {"age": "5", "line": "<b>A</b>", "width": ""}


def test_of_a_model_that_calls_nothing_unknown_there_are_none(records, shards):  # noqa: F811
    assert unknown_records(records, shards, "label", None) == []
