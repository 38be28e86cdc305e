"""Section on the checks: what ImbalanceValidator found in the data."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from components.html_report import number_format
from components.html_report.report_inputs import ReportInputs
from core.documents.imbalance_report import (
    CategorySummary,
    Finding,
    ImbalanceReport,
    NumberSummary,
)

FEATURES_SHOWN = 60
FINDINGS_SHOWN = 100
_CATEGORIES_SHOWN = 3
_SEVERITIES = {"hard": "must be mended", "soft": "look into this", "note": "for the record"}
_Summary = TypeVar("_Summary", NumberSummary, CategorySummary)


@dataclass(frozen=True)
class WordedFinding:
    """A finding, its severity in words, and whether it asks for nothing."""

    finding: Finding
    severity: str
    is_note: bool


@dataclass(frozen=True)
class FeatureRow:
    """A feature: its name, its AUC, and the lines of each class's cell."""

    name: str
    auc: float | None
    cells: list[list[str]]


@dataclass(frozen=True)
class FeatureTable:
    """Features of a kind by class, those that tell the classes apart best first; `hidden` are left out."""

    title: str
    classes: list[str]
    rows: list[FeatureRow]
    hidden: int


@dataclass(frozen=True)
class DataChecks:
    """What was found in the data.

    Attributes:
        findings: Hard ones first.
        more: Number of findings that are left out.
        ratio: Imbalance ratio of train.
        effective: Effective number of classes of train.
        num_classes: Number of classes.
        skipped: Checks that were not run.
        tables: Of numbers and of categories, as far as there are such.
        sampled: Train records that these were measured on.
    """

    findings: list[WordedFinding]
    more: int
    ratio: float | None
    effective: float | None
    num_classes: int
    skipped: list[str]
    tables: list[FeatureTable]
    sampled: int


def data_checks(inputs: ReportInputs) -> DataChecks | None:
    """Returns the findings, and the features by class; None where nothing was checked."""
    found = inputs.imbalance
    if found is None:
        return None
    tables = [
        _table(found, found.features.numeric, "Numbers by class", _number_lines),
        _table(found, found.features.categorical, "Categories by class", _category_lines),
    ]
    return DataChecks(
        findings=[
            WordedFinding(one, _SEVERITIES[one.severity], one.severity == "note")
            for one in found.findings[:FINDINGS_SHOWN]
        ],
        more=max(0, len(found.findings) - FINDINGS_SHOWN),
        ratio=found.balance.imbalance_ratio,
        effective=found.balance.effective_number_of_classes,
        num_classes=len(found.classes),
        skipped=[name for name, was_run in found.checks.items() if not was_run],
        tables=[table for table in tables if table.rows],
        sampled=found.sampled,
    )


def _table(
    found: ImbalanceReport,
    features: Mapping[str, Mapping[str, _Summary]],
    title: str,
    lines_of: Callable[[_Summary], list[str]],
) -> FeatureTable:
    ordered = sorted(features, key=lambda name: (-(found.feature_auc.get(name) or 0.0), name))
    classes = list(dict.fromkeys(name for by_class in features.values() for name in by_class))

    def cell(by_class: Mapping[str, _Summary], name: str) -> list[str]:
        return lines_of(by_class[name]) if name in by_class else [number_format.MISSING]

    rows = [
        FeatureRow(name, found.feature_auc.get(name), [cell(features[name], one) for one in classes])
        for name in ordered[:FEATURES_SHOWN]
    ]
    return FeatureTable(title, classes, rows, hidden=max(0, len(ordered) - FEATURES_SHOWN))


def _number_lines(stats: NumberSummary) -> list[str]:
    return [
        f"mean {number_format.significant(stats.mean)}",
        f"median {number_format.significant(stats.median)}",
        *_missing(stats.missing),
    ]


def _category_lines(stats: CategorySummary) -> list[str]:
    shown = [f"{value} {number_format.percent(share, 1)}" for value, share in stats.top[:_CATEGORIES_SHOWN]]
    return [*shown, *_missing(stats.missing)] or [number_format.MISSING]


def _missing(share: float) -> list[str]:
    return [f"{number_format.percent(share, 1)} missing"] if share else []
