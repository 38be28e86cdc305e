"""Runs that never happened, made up in the forms the stages before the report write."""

import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from components.html_report.metrics_json import assemble_metrics
from components.html_report.report import render_report


@dataclass
class Run:
    """What the report is made of."""

    evaluation: dict[str, Any]
    split_summary: dict[str, Any]
    training: dict[str, Any]
    history: list[dict[str, Any]]
    experiment: dict[str, Any]

    @property
    def metrics(self) -> dict[str, Any]:
        return assemble_metrics(self.experiment["name"], self.evaluation, self.split_summary, self.training)

    @property
    def page(self) -> str:
        return render_report(
            self.metrics,
            self.split_summary,
            self.training,
            self.history,
            self.experiment,
            imbalance=self.imbalance,
        )

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
    history = []
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
        }
        for channel, documents in files.items():
            (tmp_path / channel).mkdir()
            for file, document in documents.items():
                (tmp_path / channel / file).write_text(json.dumps(document))
        return {channel: str(tmp_path / channel) for channel in [*files, "report"]}

    return write
