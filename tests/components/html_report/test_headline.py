import pytest

from components.html_report.headline import headlines, lowest_recall, rarest_first
from core.documents.metrics import ClassPriors, Metrics
from tests.components.html_report import made_up
from tests.components.html_report.made_up import class_scores


def metrics_of(
    classes: dict[str, tuple[int, float | None]], natural: dict[str, float] | None = None
) -> Metrics:
    """Metrics of classes given as name: (support, recall)."""
    scores = {
        name: class_scores(support, recall=recall, recall_interval=(0.1, 0.5), average_precision=0.33)
        for name, (support, recall) in classes.items()
    }
    summary = {"macro_f1": 0.61, "balanced_accuracy": 0.62, "worst_recall": 0.25}
    return made_up.metrics_of(scores, summary, priors=ClassPriors(natural=natural or {}, training={}))


def test_classes_come_rarest_first():
    assert rarest_first(metrics_of({"a": (9, 1.0), "b": (1, 1.0), "c": (5, 1.0)})) == ["b", "c", "a"]


def test_train_share_then_name_decides_between_equal_supports():
    classes = {"z": (2, 1.0), "y": (2, 1.0), "x": (2, 1.0)}
    assert rarest_first(metrics_of(classes, {"x": 0.4, "y": 0.3, "z": 0.3})) == ["y", "z", "x"]


def test_lowest_recall_lists_every_class_that_shares_it():
    assert lowest_recall(metrics_of({"a": (9, 0.5), "b": (1, 0.5), "c": (5, 0.9)})) == ["b", "a"]


def test_lowest_recall_passes_over_classes_without_test_records():
    assert lowest_recall(metrics_of({"a": (9, 0.5), "b": (0, None)})) == ["a"]
    assert lowest_recall(metrics_of({"a": (0, None)})) == []


def test_many_classes_lead_with_macro_f1():
    chosen = headlines(metrics_of({"a": (9, 1.0), "b": (4, 0.25), "c": (5, 1.0)}))
    assert [(headline.title, headline.value) for headline in chosen] == [
        ("Macro-F1", 0.61),
        ("Balanced accuracy", 0.62),
        ("Worst recall", 0.25),
    ]
    assert chosen[-1].note == "b, 4 test records. 95 % interval 0.100–0.500."


@pytest.mark.parametrize("rarer", ["a", "b"])
def test_two_classes_lead_with_average_precision_of_the_rarer(rarer):
    classes = {"a": (95, 0.5), "b": (95, 0.5)} | {rarer: (5, 0.5)}
    first = headlines(metrics_of(classes))[0]
    assert (first.title, first.value) == (f"Average precision of {rarer}", 0.33)
    assert first.note.endswith("their share, 5.0\N{NO-BREAK SPACE}%.")
