"""The document `metrics.json`: what a run measured, for programs."""

import math
from typing import Any


def assemble_metrics(
    name: str, evaluation: dict[str, Any], split_summary: dict[str, Any], training: dict[str, Any]
) -> dict[str, Any]:
    """Assembles the content of `metrics.json`.

    A number that is not finite becomes None, because JSON has no word for it. The time each stage took
    is not part of the result: only the runner knows it, once the run is over.

    Args:
        name: Name of the experiment.
        evaluation: What `read_evaluation` returns: `n`, `summary`, `per_class`, `confusion`, `slices`,
            `blessed` and `not_blessed_because`, all measured on the test split.
        split_summary: Holds `classes`: for each class, its number of records in each split.
        training: Holds `classes`, the class names in index order, and `parameters`, the model's weight count.

    Returns:
        A dict that `json` can write. The shares in `priors` are in [0, 1] and sum to 1; classes of 30 and
        10 train records have the natural prior `{"a": 0.75, "b": 0.25}`.
    """
    train_counts = {label: split_summary["classes"][label]["train"] for label in training["classes"]}
    total = sum(train_counts.values())
    prior = {label: train_count / total for label, train_count in train_counts.items()}
    document = {
        "name": name,
        "split": "test",
        "n": evaluation["n"],
        "blessed": evaluation["blessed"],
        "not_blessed_because": evaluation["not_blessed_because"],
        "summary": evaluation["summary"],
        "per_class": evaluation["per_class"],
        "confusion": evaluation["confusion"],
        "slices": evaluation["slices"],
        "uncalibrated": {},
        "contenders": {},
        "priors": {"natural": prior, "training": dict(prior)},
        "parameters": training["parameters"],
    }
    return {key: _finite(value) for key, value in document.items()}


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
