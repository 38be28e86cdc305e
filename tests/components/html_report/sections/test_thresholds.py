import numpy as np
import pytest
from sklearn.metrics import f1_score, precision_score, recall_score

from components.evaluation.answered_records import AnsweredRecords
from components.html_report.sections.thresholds import CLASSES_SHOWN, class_thresholds
from core.documents.decision import CoverageFigures, QueueFigures, QueueSize
from tests import made_documents


def two_classes(n=4000):
    random = np.random.default_rng(5)
    labels = (random.random(n) < 0.05).astype(np.int64)
    second = 1 / (1 + np.exp(-random.normal(2.5 * labels - 2, 1)))
    probabilities = np.column_stack([1 - second, second])
    keys = np.arange(n).astype(str).astype(object)
    return AnsweredRecords(
        ("no", "yes"), keys, labels, (second > 0.31).astype(np.int64), probabilities, probabilities
    )


def test_the_row_of_two_classes_is_what_the_rule_decides():
    records = two_classes()
    row = class_thresholds(records, ["yes"]).rows[0]
    assert row.precision == pytest.approx(precision_score(records.labels, records.decisions))
    assert row.recall == pytest.approx(recall_score(records.labels, records.decisions))
    assert row.f1 == pytest.approx(f1_score(records.labels, records.decisions))
    assert row.flagged == records.decisions.sum() and row.threshold == pytest.approx(0.31, abs=0.01)


def test_thresholds_that_are_kept_have_exact_counts():
    records = two_classes()
    one = class_thresholds(records, ["yes"]).data["classes"][0]
    assert len(one["thresholds"]) <= 200 and one["thresholds"] == sorted(one["thresholds"], reverse=True)
    scores = np.sort(records.probabilities[:, 1])[::-1]
    for hits, alarms in list(zip(one["hits"], one["alarms"], strict=True))[::9]:
        flagged = records.probabilities[:, 1] >= scores[hits + alarms - 1]
        assert (flagged & (records.labels == 1)).sum() == hits
        assert (flagged & (records.labels == 0)).sum() == alarms
    assert one["hits"][one["start"]] + one["alarms"][one["start"]] == records.decisions.sum()


def test_every_threshold_of_few_records_is_kept(six, answered):
    records = answered(six).records
    one = class_thresholds(records, ["trash"]).data["classes"][0]
    distinct = len(np.unique(records.probabilities[:, records.classes.index("trash")]))
    assert len(one["thresholds"]) == min(distinct, 200) or distinct > 200


def test_queue_and_sets_have_their_places_among_the_thresholds():
    records = two_classes()
    size = QueueSize(share=0.03, threshold=0.5, threshold_spread=(0.4, 0.5, 0.6), records=9)
    names = ("no", "yes")
    decision = made_documents.decision(list(names)).figures()
    decision = decision.model_copy(
        update={
            "rule": decision.rule.model_copy(
                update={"queue": QueueFigures(class_name="yes", size=size, others=())}
            ),
            "coverage": CoverageFigures(
                formula="",
                coverage=0.9,
                thresholds={"no": 0.6, "yes": 0.1},
                records=dict.fromkeys(names, 50),
                fewest_records=9,
                own_weight=dict.fromkeys(names, 1.0),
            ),
        }
    )
    no, yes = class_thresholds(records, names, decision).data["classes"]
    flagged = [yes["hits"][yes[mark]] + yes["alarms"][yes[mark]] for mark in ("queue", "sets")]
    yeses = records.probabilities[:, 1]
    assert flagged == [(yeses > 0.5).sum(), (yeses >= np.float32(0.1)).sum()]
    # The recall at the bound of the sets is how often they hold the class.
    held = (yeses >= np.float32(0.1))[records.labels == 1]
    assert yes["hits"][yes["sets"]] == held.sum()
    assert no["queue"] is None and no["sets"] is not None
    assert max(len(one["thresholds"]) for one in (no, yes)) <= 200


def test_of_very_many_classes_the_first_are_shown(sixty, answered):
    found = class_thresholds(answered(sixty).records, sixty.training["classes"])
    assert len(found.rows) == CLASSES_SHOWN and found.hidden == 60 - CLASSES_SHOWN
