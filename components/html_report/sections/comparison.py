"""Section on the comparison: this model against the last blessed one and plain ones."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from components.evaluation.answered_records import AnsweredRecords
from components.evaluation.paired_recall import paired_recall
from components.evaluation.summary_metrics import REPORTED_METRICS
from components.html_report.headline import rarest_first
from components.html_report.report_inputs import ReportInputs
from core.documents.contender_results import ContenderResult
from core.documents.metrics import Metrics

SCORES = {name: metric.title for name, metric in REPORTED_METRICS.items() if metric.beside_contenders}
THIS_MODEL = "this model"


@dataclass(frozen=True)
class ClassChange:
    """A class's recall on the same test records with the last blessed model and with this one.

    Attributes:
        name: The class.
        support: Its test records.
        before: Recall of the last blessed model, None without records.
        now: Recall of this model, or None.
        lost: Records that only the last one got right.
        gained: Records that only this one gets right.
    """

    name: str
    support: int
    before: float | None
    now: float | None
    lost: int
    gained: int


@dataclass(frozen=True)
class ModelTable:
    """Models side by side, this one first: rows of a name and a number for each model."""

    models: list[str]
    scores: list[tuple[str, list[float | None]]]
    recalls: list[tuple[str, list[float | None]]]


@dataclass(frozen=True)
class Comparison:
    """What the section shows: changes since the last blessed model, contenders or None, and those that are ahead."""

    changes: list[ClassChange]
    contenders: ModelTable | None
    ahead: Sequence[str]


def comparison(inputs: ReportInputs) -> Comparison | None:
    """Returns the comparisons; None where there is nothing to compare with."""
    names = rarest_first(inputs.metrics)
    changed = [] if inputs.records is None else class_changes(inputs.records, names)
    contenders = contender_table(inputs.metrics, names)
    if not changed and contenders is None:
        return None
    return Comparison(changed, contenders, inputs.metrics.contenders_ahead)


def contender_table(metrics: Metrics, names: Sequence[str]) -> ModelTable | None:
    """Lays out how the contenders did on the same test records; None where none took part.

    Args:
        metrics: What the run measured.
        names: Classes in the order wanted.
    """
    contenders = {name: found for name, found in metrics.contenders.items() if found.summary.model_fields_set}
    if not contenders:
        return None
    everyone: Mapping[str, Metrics | ContenderResult] = {THIS_MODEL: metrics, **contenders}
    summaries = [model.summary.measured() for model in everyone.values()]
    return ModelTable(
        models=list(everyone),
        scores=[(title, [summary.get(key) for summary in summaries]) for key, title in SCORES.items()],
        recalls=[(name, [_recall(model, name) for model in everyone.values()]) for name in names],
    )


def class_changes(records: AnsweredRecords, names: Sequence[str]) -> list[ClassChange]:
    """Compares the models class by class; empty without a last blessed one.

    Args:
        records: The test records.
        names: Classes in the order wanted.
    """
    if records.baseline_decisions is None:
        return []
    found = []
    for name in names:
        index = records.classes.index(name)
        recall = paired_recall(records.labels, records.baseline_decisions, records.decisions, index)
        before, now = _share(recall.before), _share(recall.now)
        found.append(ClassChange(name, recall.support, before, now, recall.lost, recall.gained))
    return found


def _recall(model: Metrics | ContenderResult, name: str) -> float | None:
    return model.per_class[name].recall if name in model.per_class else None


def _share(right: np.ndarray) -> float | None:
    return float(right.mean()) if len(right) else None
