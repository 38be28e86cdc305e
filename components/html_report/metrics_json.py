"""The document `metrics.json`: what a run measured, for programs."""

import math
from typing import Any


def assemble_metrics(
    name: str,
    evaluation: dict[str, Any],
    training: dict[str, Any],
    class_priors: dict[str, Any],
    decision: dict[str, Any],
) -> dict[str, Any]:
    """Assembles the content of `metrics.json`.

    A number that is not finite becomes None, because JSON has no word for it. The time each stage took
    is not part of the result: only the runner knows it, once the run is over.

    Args:
        name: Name of the experiment.
        evaluation: What `read_evaluation` returns: `n`, `summary`, `per_class`, `confusion`, `slices`,
            `uncalibrated`, `conditions`, `blessed` and `not_blessed_because`, all measured on the test split.
        training: Holds `parameters`, the model's weight count.
        class_priors: Holds `priors`: the shares of train's classes `before` and `after` augmentation.
        decision: How the model decides, as DecisionCalibrator left it beside the model.

    Returns:
        A dict that `json` can write. The shares in `priors` are in [0, 1] and sum to 1; classes of 30 and
        10 train records have the natural prior `{"a": 0.75, "b": 0.25}`, and the training prior
        `{"a": 0.5, "b": 0.5}` where 20 of the rare one were added.
    """
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
        "gate": evaluation["conditions"],
        "decision": {key: decision[key] for key in ("version", "settings", "calibration", "rule")},
        "uncalibrated": evaluation["uncalibrated"],
        "contenders": {},
        "priors": {
            "natural": class_priors["priors"]["before"],
            "training": class_priors["priors"]["after"],
        },
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
