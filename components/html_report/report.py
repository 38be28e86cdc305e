"""The page `report.html`: what a run measured, for people."""

from pathlib import Path
from typing import Any

import jinja2
import yaml

from components.html_report import confusions, data_checks, figures
from components.html_report.charts import LineChart, line_chart
from components.html_report.headline import headlines, lowest_recall, rarest_first

SKIPPED_SHOWN = 50
MISTAKES_SHOWN = 8

# Name and plain meaning of each overall score.
SCORES = {
    "macro_f1": ("Macro-F1", "The mean of the classes’ F1. Every class counts the same, however rare."),
    "balanced_accuracy": ("Balanced accuracy", "The mean of the classes’ recalls."),
    "worst_recall": ("Worst recall", "The recall of the class that is found least often."),
    "g_mean": ("G-mean", "The geometric mean of the recalls: 0 as soon as one class is never found."),
    "mcc": ("Matthews correlation", "1 is perfect, 0 is no better than chance, −1 is always wrong."),
    "macro_average_precision": (
        "Macro average precision",
        "How well the records of a class rank above all others, as a mean over the classes.",
    ),
    "macro_roc_auc": (
        "Macro ROC-AUC",
        "The chance that a record of a class scores higher than one of another class; 0.5 is guessing.",
    ),
    "accuracy": ("Accuracy", "The share of all records put in the right class. The large classes decide it."),
    "brier": ("Brier score", "The squared error of the probabilities. Lower is better; 0 is perfect."),
    "ece": (
        "Calibration error",
        "How far the stated probabilities lie from how often they come true. Lower is better.",
    ),
}


def render_report(
    metrics: dict[str, Any],
    split_summary: dict[str, Any],
    training: dict[str, Any],
    history: list[dict[str, Any]],
    experiment: dict[str, Any],
    gallery: dict[str, list[dict[str, str]]] | None = None,
    imbalance: dict[str, Any] | None = None,
) -> str:
    """Renders the report of a run as one HTML page that needs nothing beside itself.

    Equal arguments give equal text. Every name that comes from the data is escaped.

    Args:
        metrics: What `assemble_metrics` returns.
        split_summary: `classes` (records of each class in each split), `deviation` (records that each class
            misses a share by at most), `duplicates`, `skipped` and `skipped_count`.
        training: `best_epoch` (1 is the first), `monitor`, `monitor_value`, `parameters` and `seed`.
        history: One dict of numbers for each epoch, with its `epoch`.
        experiment: The settings of the run.
        gallery: What `class_gallery` returns; None where the records hold no image.
        imbalance: What ImbalanceValidator's `report.json` holds; None leaves its section out.

    Returns:
        The page.
    """
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        # By hand: jinja2's own choice goes by the file's ending, and .j2 is not among those it escapes.
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(
        count=figures.count,
        counted=figures.counted,
        interval=figures.interval,
        score=figures.score,
        significant=figures.significant,
    )
    return environment.get_template("report.html.j2").render(
        metrics=metrics,
        headlines=headlines(metrics),
        scores=_scores(metrics["summary"]),
        balance=_balance(split_summary, experiment.get("data", {}).get("group") is not None),
        gallery=gallery or {},
        checks=None if imbalance is None else data_checks.lay_out(imbalance),
        near_duplicates=split_summary.get("near_duplicates", {"pairs": 0}),
        training=training,
        history=history,
        history_columns=list(dict.fromkeys(key for row in history for key in row)),
        charts=_charts(history, training["best_epoch"]),
        class_rows=_class_rows(metrics),
        matrix=confusions.lay_out(metrics["confusion"]),
        mistakes=confusions.worst_mistakes(metrics["confusion"], MISTAKES_SHOWN),
        duplicates=split_summary["duplicates"],
        skipped=split_summary["skipped"][:SKIPPED_SHOWN],
        skipped_count=split_summary["skipped_count"],
        settings=yaml.safe_dump(experiment, sort_keys=False, allow_unicode=True),
    )


def _scores(summary: dict[str, float | None]) -> list[tuple[str, float | None, str]]:
    known = [(*SCORES[key], summary[key]) for key in SCORES if key in summary]
    unknown = [(key, "", value) for key, value in summary.items() if key not in SCORES]
    return [(name, value, meaning) for name, meaning, value in known + unknown]


def _balance(split_summary: dict[str, Any], has_groups: bool) -> dict[str, Any]:
    """Returns the classes with their counts, largest in train first, and how far apart they are.

    With groups, which stay whole, also how many records each class misses its shares by; without them it is
    never as much as one, and where the data come split there are no shares.
    """
    classes, splits = split_summary["classes"], split_summary["splits"]
    deviation = split_summary.get("deviation", {}) if has_groups else {}
    train = {name: counts.get("train", 0) for name, counts in classes.items()}
    ordered = sorted(train, key=lambda name: (-train[name], name))
    largest, total = max(train.values()), sum(train.values())
    rows = [
        {
            "name": name,
            "counts": [classes[name].get(split, 0) for split in splits],
            "share": figures.percent(train[name], total),
            "bar": round(100 * train[name] / largest, 2) if largest else 0.0,
            "deviation": deviation.get(name),
        }
        for name in ordered
    ]
    smallest = train[ordered[-1]]
    return {
        "splits": splits,
        "rows": rows,
        "has_deviation": any(row["deviation"] is not None for row in rows),
        "totals": [sum(row["counts"][column] for row in rows) for column in range(len(splits))],
        "largest": ordered[0],
        "smallest": ordered[-1],
        "smallest_count": smallest,
        "ratio": f"{largest / smallest:,.1f}" if smallest else figures.MISSING,
    }


def _charts(history: list[dict[str, Any]], best_epoch: int) -> list[LineChart]:
    epochs = [row["epoch"] for row in history]

    def series(metric: str) -> dict[str, list[float | None]]:
        return {
            "Train": [row.get(metric) for row in history],
            "Eval": [row.get(f"val_{metric}") for row in history],
        }

    charts = [
        line_chart("Macro-F1", epochs, series("macro_f1"), best_epoch, ceiling=1.0),
        line_chart("Loss", epochs, series("loss"), best_epoch),
    ]
    return [chart for chart in charts if chart is not None]


def _class_rows(metrics: dict[str, Any]) -> list[dict[str, Any]]:
    """Returns a row for each class, rarest first, with its recall's interval in per cent of the scale."""
    names, worst = rarest_first(metrics), lowest_recall(metrics)
    rows = []
    for name in names:
        scores = metrics["per_class"][name]
        bounds = scores["recall_interval"]
        drawn = figures.is_number(scores["recall"]) and figures.interval(bounds) != figures.MISSING
        rows.append(
            {
                "name": name,
                **scores,
                # Where all are equal no class stands out, and a mark on each says nothing.
                "is_worst": name in worst and len(worst) < len(names),
                "bar": None
                if not drawn
                else {
                    "from": round(100 * bounds[0], 2),
                    "width": round(100 * (bounds[1] - bounds[0]), 2),
                    "at": round(100 * scores["recall"], 2),
                },
            }
        )
    return rows
