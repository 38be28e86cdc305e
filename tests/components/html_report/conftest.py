"""Runs that never happened, made up in the forms the stages before the report write."""

import json
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from components.evaluation.answered_records import AnsweredRecords
from components.evaluation.result import Evaluation
from components.html_report.experiment import Experiment
from components.html_report.metrics_json import assemble_metrics
from components.html_report.report import render_report
from components.html_report.report_inputs import ReportInputs
from core.documents.decision import Decision
from core.documents.history import History
from core.documents.imbalance_report import ImbalanceReport
from core.documents.metrics import GateCondition, Metrics
from core.documents.priors import Priors
from core.documents.scores import ClassScores, Confusion, SliceScores, Summary, UncalibratedScores
from core.documents.split_summary import SplitSummary
from core.documents.training import Training


@dataclass
class Run:
    """What the report is made of, as JSON, which tests change before the page is drawn."""

    evaluation: dict[str, Any]
    split_summary: dict[str, Any]
    training: dict[str, Any]
    history: list[dict[str, Any]]
    experiment: dict[str, Any]
    records: AnsweredRecords | None = None
    priors: dict[str, Any] | None = None
    decided: dict[str, Any] = field(default_factory=dict)
    more: dict[str, Any] = field(default_factory=dict)

    @property
    def measured(self) -> Metrics:
        return assemble_metrics(
            self.experiment["name"],
            self.measured_on_test,
            Training.model_validate(self.training),
            Priors.model_validate(self.class_priors),
            Decision.model_validate(self.decision),
            records=self.records,
        )

    @property
    def metrics(self) -> dict[str, Any]:
        """The content of metrics.json."""
        return json.loads(self.measured.to_bytes())

    @property
    def measured_on_test(self) -> Evaluation:
        content = self.evaluation
        return Evaluation(
            n=content["n"],
            summary=Summary(**content["summary"]),
            per_class={name: ClassScores(**one) for name, one in content["per_class"].items()},
            confusion=Confusion(**content["confusion"]),
            slices={name: SliceScores(**one) for name, one in content["slices"].items()},
            uncalibrated=UncalibratedScores(**content["uncalibrated"]),
            conditions=tuple(GateCondition(**one) for one in content["conditions"]),
            blessed=content["blessed"],
            not_blessed_because=tuple(content["not_blessed_because"]),
            has_baseline=False,
        )

    @property
    def decision(self) -> dict[str, Any]:
        weights = dict.fromkeys(self.training["classes"], 1.0)
        return {
            "version": "0123456789ab",
            "classes": self.training["classes"],
            "settings": {"calibrate": True, "rule": "argmax"},
            "calibration": {"formula": "", "slope": weights, "offset": dict.fromkeys(weights, 0.0)},
            "priors": {"implied": weights, "natural": weights},
            "rule": {
                "name": "argmax",
                "formula": "",
                "matrix": [],
                "weights": weights,
                "weights_spread": None,
                "thresholds": None,
            },
            "fitted_on": {"split": "eval", "records": {}},
        } | self.decided

    @property
    def class_priors(self) -> dict[str, Any]:
        if self.priors is not None:
            return self.priors
        counts = {name: self.split_summary["classes"][name]["train"] for name in self.training["classes"]}
        shares = {name: count / sum(counts.values()) for name, count in counts.items()}
        return {
            "classes": self.training["classes"],
            "counts": {"before": counts, "after": counts},
            "priors": {"before": shares, "after": shares},
            "made": dict.fromkeys(counts, 0),
            "removed": dict.fromkeys(counts, 0),
            "strategy": {"tabular": "none", "image": "none"},
            "plan": {"make": {}, "keep": {}},
            "notes": [],
        }

    @property
    def inputs(self) -> ReportInputs:
        return ReportInputs(
            metrics=self.measured,
            split_summary=SplitSummary.model_validate(self.split_summary),
            training=Training.model_validate(self.training),
            history=History(epochs=self.history),
            experiment=Experiment.of_settings(self.experiment),
            priors=Priors.model_validate(self.class_priors),
            imbalance=ImbalanceReport.model_validate(self.imbalance),
            records=self.records,
            **self.more,
        )

    @property
    def page(self) -> str:
        return render_report(self.inputs)

    @property
    def imbalance(self) -> dict[str, Any]:
        classes = self.split_summary["classes"]
        finding = {
            "check": "class_count",
            "severity": "soft",
            "subject": next(iter(classes)),
            "value": 3,
            "limit": 10,
            "message": "A finding.",
            "advice": "An advice.",
        }
        return {
            "findings": [finding],
            "checks": {"class_count": True},
            "classes": classes,
            "balance": {
                "split": "train",
                "imbalance_ratio": 4.0,
                "effective_number_of_classes": 1.5,
                "entropy": 0.4,
            },
            "features": {"numeric": {}, "categorical": {}},
            "feature_auc": {},
            "sampled": 100,
        }


def wilson(hits: int, n: int) -> list[float]:
    """The 95 % Wilson interval of hits / n."""
    z = 1.959964
    centre, spread = hits + z * z / 2, z * math.sqrt(hits * (n - hits) / n + z * z / 4)
    return [max(0.0, (centre - spread) / (n + z * z)), min(1.0, (centre + spread) / (n + z * z))]


def evaluate(classes: list[str], counts: np.ndarray, rng: np.random.Generator) -> dict[str, Any]:
    """Scores a confusion matrix; the ranking scores, which it does not hold, are made up."""
    support, called, hits = counts.sum(1), counts.sum(0), counts.diagonal()
    per_class = {}
    for index, name in enumerate(classes):
        recall = hits[index] / support[index]
        precision = hits[index] / called[index] if called[index] else 0.0
        f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
        per_class[name] = {
            "support": int(support[index]),
            "precision": float(precision),
            "recall": float(recall),
            "recall_interval": wilson(int(hits[index]), int(support[index])),
            "f1": float(f1),
            "average_precision": float(min(1, f1 + rng.uniform(0, 0.08))),
            "roc_auc": float(min(1, 0.86 + 0.14 * f1)),
        }
    recalls = [scores["recall"] for scores in per_class.values()]

    def mean(key: str) -> float:
        return sum(scores[key] for scores in per_class.values()) / len(per_class)

    return {
        "n": int(counts.sum()),
        "summary": {
            "accuracy": float(hits.sum() / counts.sum()),
            "balanced_accuracy": mean("recall"),
            "macro_f1": mean("f1"),
            "mcc": 0.7712,
            "g_mean": float(np.prod(recalls) ** (1 / len(recalls))),
            "worst_recall": min(recalls),
            "macro_average_precision": mean("average_precision"),
            "macro_roc_auc": mean("roc_auc"),
            "brier": 0.2043,
            "ece": 0.0371,
        },
        "per_class": per_class,
        "confusion": {"classes": classes, "counts": counts.tolist()},
        "slices": {},
        "uncalibrated": {"summary": {"brier": 0.31, "ece": 0.12}},
        "conditions": [],
        "blessed": True,
        "not_blessed_because": [],
    }


def make_run(
    classes: list[str], train: list[int], name: str = "trashnet", epochs: int = 20, best: int = 14
) -> Run:
    """Makes up a run whose recall falls with the rarity of the class and whose loss falls by epoch."""
    rng = np.random.default_rng(7)
    held_out = [max(2, round(0.21 * n)) for n in train]
    counts = np.zeros((len(classes), len(classes)), int)
    for actual, n in enumerate(held_out):
        recall = 0.62 + 0.34 * (train[actual] / max(train)) ** 0.35
        chances = rng.dirichlet(np.full(len(classes), 0.4)) * (1 - recall)
        chances[actual] += recall
        counts[actual] = rng.multinomial(n, chances / chances.sum())
    history: list[dict[str, Any]] = []
    for epoch in range(1, epochs + 1):
        learned = 1 - math.exp(-epoch / 5)
        forgotten = 0.012 * max(0, epoch - best)
        noise = rng.normal(0, 0.012, 4)
        history.append(
            {
                "epoch": epoch,
                "loss": 1.9 - 1.75 * learned + abs(noise[0]),
                "accuracy": 0.3 + 0.67 * learned,
                "macro_f1": min(0.99, 0.14 + 0.82 * learned + noise[1]),
                "balanced_accuracy": 0.15 + 0.8 * learned,
                "val_loss": 1.95 - 1.5 * learned + 4 * forgotten + abs(noise[2]),
                "val_accuracy": 0.3 + 0.58 * learned,
                "val_macro_f1": 0.12 + 0.72 * learned - forgotten + noise[3],
                "val_balanced_accuracy": 0.15 + 0.66 * learned,
                **{
                    f"val_recall_{index}": min(1.0, max(0.0, 0.1 + 0.7 * learned * (n / max(train)) ** 0.2))
                    for index, n in enumerate(train)
                },
                "learning_rate": 0.001,
                "seconds": 3.25,
            }
        )
    return Run(
        evaluation=evaluate(classes, counts, rng),
        split_summary={
            "splits": ["train", "eval", "test"],
            "classes": {
                label: {"train": train[index], "eval": held_out[index], "test": held_out[index]}
                for index, label in enumerate(classes)
            },
            "duplicates": {"policy": "drop", "found": 12, "dropped": 12},
            "skipped": [
                {"where": "glass/IMG_0417.jpg", "why": "is cut off after 1,204 of 38,410 bytes"},
                {"where": "parts.csv, row 17", "why": "has 6 cells where the header has 7"},
            ],
            "skipped_count": 2,
        },
        training={
            "classes": classes,
            "class_counts": train,
            "parameters": 411_206,
            "best_epoch": best,
            "monitor": "val_macro_f1",
            "monitor_value": history[best - 1]["val_macro_f1"] if history else None,
            "seed": 0,
            "trained_parameters": 411_206,
            "best_stage": "training",
            "implied_prior": [],
            "stages": [],
            "warnings": [],
            "hyperparameters": {},
        },
        history=history,
        experiment={
            "name": name,
            "data": {
                "format": "image_folder",
                "path": "data/trashnet",
                "splits": {"train": 0.7, "eval": 0.15},
            },
            "loss": {"name": "focal", "gamma": 2.0, "class_weights": "none"},
            "training": {
                "epochs": epochs,
                "batch_size": 64,
                "optimizer": {"name": "adam", "learning_rate": 0.001},
            },
            "seed": 0,
        },
    )


SIX = (["cardboard", "glass", "metal", "paper", "plastic", "trash"], [282, 350, 287, 415, 337, 38])
TWO = (["legitimate", "fraud"], [9940, 60])
SIXTY = (
    [f"species_{index:02d}" for index in range(60)],
    [round(600 * 0.93**index) + 4 for index in range(60)],
)


def answer(run: Run, sharpness: float = 2.5, with_baseline: bool = False) -> Run:
    """Gives a run test records whose decisions make up its confusion matrix."""
    classes = tuple(run.training["classes"])
    counts = np.array(run.evaluation["confusion"]["counts"])
    labels, decisions = (np.repeat(axis.reshape(-1), counts.reshape(-1)) for axis in np.indices(counts.shape))
    rng = np.random.default_rng(11)

    def says(decided: np.ndarray, scale: float) -> np.ndarray:
        logits = rng.normal(0, 1, (len(labels), len(classes)))
        rows = np.arange(len(labels))
        logits[rows, labels] += 1.0
        logits[rows, decided] = logits.max(axis=1) + rng.exponential(1.0, len(labels))
        odds = np.exp(scale * logits)
        return (odds / odds.sum(axis=1, keepdims=True)).astype(np.float32)

    keys = np.array([f"{classes[label]}/{row:04d}.jpg" for row, label in enumerate(labels)], dtype=object)
    before = np.where(rng.random(len(labels)) < 0.06, rng.integers(0, len(classes), len(labels)), decisions)
    baseline = (before, says(before, sharpness)) if with_baseline else (None, None)
    run.records = AnsweredRecords(
        classes,
        keys,
        labels,
        decisions,
        says(decisions, sharpness),
        says(decisions, 2 * sharpness),
        *baseline,
    )
    return run


@pytest.fixture
def answered() -> Callable[..., Run]:
    """Gives a run test records: `answered(run)`."""
    return answer


@pytest.fixture
def run_of() -> Callable[..., Run]:
    """Makes a run up: `run_of(classes, train_counts, ...)`."""
    return make_run


@pytest.fixture
def six() -> Run:
    return make_run(*SIX)


@pytest.fixture
def two() -> Run:
    return make_run(*TWO, name="card fraud")


@pytest.fixture
def sixty() -> Run:
    return make_run(*SIXTY, name="species")


@pytest.fixture
def write_artifacts(tmp_path) -> Callable[[Run], dict[str, str]]:
    """Writes what the stages before the report leave, and returns the folders by channel."""

    def write(run: Run) -> dict[str, str]:
        files = {
            "examples": {"split_summary.json": run.split_summary},
            "model_run": {"training.json": run.training, "history.json": run.history},
            "evaluation": {},
            "imbalance_report": {"report.json": run.imbalance},
            "class_priors": {"priors.json": run.class_priors},
            "model": {"Format-Serving/assets.extra/decision.json": run.decision},
            "augmented_examples": {},
            "transform_graph": {},
        }
        for channel, documents in files.items():
            (tmp_path / channel).mkdir()
            for file, document in documents.items():
                path = tmp_path / channel / file
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(json.dumps(document))
        return {channel: str(tmp_path / channel) for channel in [*files, "report"]}

    return write
