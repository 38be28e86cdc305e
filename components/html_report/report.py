"""The page `report.html`: what a run measured, for people."""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jinja2
import yaml

from components.evaluation.answered_records import AnsweredRecords
from components.html_report import number_format
from components.html_report.charts.curves import OPEN_CLASSES, class_curves
from components.html_report.charts.reliability import reliability
from components.html_report.charts.training_charts import constant_rate, history_columns, training_charts
from components.html_report.sections import (
    augmentation,
    balance,
    comparison,
    confusions,
    data_checks,
    decision,
    gate,
    left_out,
    thresholds,
    tuning,
)
from components.html_report.sections.class_rows import class_rows, score_rows
from components.html_report.sections.headline import headlines, rarest_first
from components.html_report.sections.model_card import model_card

if TYPE_CHECKING:  # These modules import TensorFlow, which a page does not need.
    from components.html_report.sections.explanations import Explanations
    from components.html_report.sections.projection import Projection
    from components.html_report.sections.synthetic_gallery import SyntheticImage
    from components.html_report.sections.worst_records import WrongRecord

SKIPPED_SHOWN = 50
MISTAKES_SHOWN = 8
REASONS_SHOWN = 6
_SCRIPT = "threshold_explorer.js.j2"


@dataclass(frozen=True)
class ReportInputs:
    """What the page is made of.

    Attributes:
        metrics: What `assemble_metrics` returns.
        split_summary: `classes` (records of each class in each split), `deviation` (records that each class
            misses a share by at most), `duplicates`, `skipped`, `skipped_count`, and what `account_text` reads.
        training: `classes`, `best_epoch` (1 is the first), `monitor`, `monitor_value`, `parameters`, `seed`.
        history: One dict of numbers for each epoch, with its `epoch` and its `stage`.
        experiment: The settings of the run.
        priors: What augmentation did: the content of `priors.json`.
        imbalance: What ImbalanceValidator's `report.json` holds; None leaves its section out.
        records: The test records with the model's answers; None leaves out all that is drawn of them.
        gallery: What `class_gallery` returns; empty where the records hold no image.
        worst: The surest mistakes.
        synthetic: Synthetic images beside their parents.
        projection: Real and synthetic rows on a plane, or None.
        explanations: What the model looked at, or None.
        versions: Package to version.
    """

    metrics: dict[str, Any]
    split_summary: dict[str, Any]
    training: dict[str, Any]
    history: list[dict[str, Any]]
    experiment: dict[str, Any]
    priors: dict[str, Any] = field(default_factory=dict)
    imbalance: dict[str, Any] | None = None
    records: AnsweredRecords | None = None
    gallery: Mapping[str, list[dict[str, str]]] = field(default_factory=dict)
    worst: list["WrongRecord"] = field(default_factory=list)
    synthetic: list["SyntheticImage"] = field(default_factory=list)
    projection: "Projection | None" = None
    explanations: "Explanations | None" = None
    versions: Mapping[str, str] = field(default_factory=dict)


def render_report(inputs: ReportInputs) -> str:
    """Renders the report of a run as one HTML page that needs nothing beside itself.

    Equal inputs give equal text. Every name that comes from the data is escaped, and of scripts the page's own
    alone may run.

    Args:
        inputs: What the page is made of.

    Returns:
        The page.
    """
    environment = _environment()
    script = environment.get_template(_SCRIPT).render()
    sections = {
        **_verdict(inputs),
        **_data(inputs),
        **_training(inputs),
        **_scores(inputs),
        **_answers(inputs),
        **_provenance(inputs),
    }
    return environment.get_template("page.html.j2").render(
        **sections, script=script, script_hash=_hash(script), metrics=inputs.metrics
    )


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
        # By hand: jinja2's own choice goes by the file's ending, and .j2 is not among those it escapes.
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(
        breakable=number_format.breakable,
        count=number_format.count,
        counted=number_format.counted,
        interval=number_format.interval,
        score=number_format.score,
        significant=number_format.significant,
    )
    return environment


def _hash(script: str) -> str:
    """Returns what a Content-Security-Policy knows a script by."""
    return "sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def _verdict(inputs: ReportInputs) -> dict[str, Any]:
    return {
        "headlines": headlines(inputs.metrics),
        "reasons_shown": REASONS_SHOWN,
        "conditions": gate.lay_out(inputs.metrics.get("gate", [])),
    }


def _data(inputs: ReportInputs) -> dict[str, Any]:
    summary = inputs.split_summary
    return {
        "balance": balance.lay_out(summary, inputs.experiment.get("data", {}).get("group") is not None),
        "checks": None if inputs.imbalance is None else data_checks.lay_out(inputs.imbalance),
        "gallery": inputs.gallery,
        "augmented": augmentation.lay_out(inputs.priors),
        "synthetic": inputs.synthetic,
        "projection": inputs.projection,
        "near_duplicates": summary.get("near_duplicates", {"pairs": 0}),
        "duplicates": summary["duplicates"],
        "account": left_out.lay_out(summary),
        "skipped": summary["skipped"][:SKIPPED_SHOWN],
        "skipped_count": summary["skipped_count"],
    }


def _training(inputs: ReportInputs) -> dict[str, Any]:
    history = inputs.history
    return {
        "training": inputs.training,
        "history": history,
        "history_columns": history_columns(history),
        "charts": training_charts(history, inputs.training),
        "constant_rate": constant_rate(history),
        "tuning": tuning.lay_out(inputs.metrics, inputs.split_summary, inputs.experiment),
    }


def _scores(inputs: ReportInputs) -> dict[str, Any]:
    metrics, names = inputs.metrics, rarest_first(inputs.metrics)
    return {
        "scores": score_rows(metrics["summary"]),
        "class_rows": class_rows(metrics),
        "matrix": confusions.lay_out(metrics["confusion"]),
        "mistakes": confusions.worst_mistakes(metrics["confusion"], MISTAKES_SHOWN),
        "decision": decision.lay_out(metrics["decision"], names),
        "calibration_scores": comparison.calibration_scores(metrics),
        "contenders": comparison.lay_out(metrics, names),
    }


def _answers(inputs: ReportInputs) -> dict[str, Any]:
    """Returns what is drawn of the model's answers to the test records."""
    records, names = inputs.records, rarest_first(inputs.metrics)
    return {
        "records": records,
        "curves": class_curves(records, names) if records else [],
        "open_classes": OPEN_CLASSES,
        "reliability": reliability(records) if records else None,
        "explorer": thresholds.lay_out(records, names) if records else None,
        "changes": gate.changes(records, names) if records else [],
        "worst": inputs.worst,
        "explanations": inputs.explanations,
    }


def _provenance(inputs: ReportInputs) -> dict[str, Any]:
    return {
        "card": model_card(
            inputs.metrics,
            inputs.split_summary,
            inputs.training,
            inputs.experiment,
            inputs.imbalance,
            inputs.versions,
        ),
        "settings": yaml.safe_dump(inputs.experiment, sort_keys=False, allow_unicode=True),
    }
