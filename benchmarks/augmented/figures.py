"""Figures by which a strategy of augmentation is measured."""

from collections.abc import Callable, Sequence

import numpy as np

FIGURES = {
    "macro_f1": "macro-F1",
    "corrected_macro_f1": "macro-F1, prior put back",
    "average_precision": "average precision",
}
Figures = dict[str, float]
Measure = Callable[[str, int], Figures]  # Of a strategy and a seed.


def figures_of(
    probabilities: np.ndarray,
    labels: np.ndarray,
    classes: Sequence[str],
    trained: np.ndarray,
    natural: np.ndarray,
) -> Figures:
    """Scores probabilities under the prior they were trained with, and with the natural one put back.

    Args:
        probabilities: float `(n, classes)`.
        labels: int64 `(n,)`.
        classes: Names by index; of two the second is the rare one.
        trained: Shares of the classes in training, `(classes,)`.
        natural: Shares of the classes in the data, `(classes,)`.
    """
    from components.decision_calibrator.calibration import correct_prior
    from components.evaluation.classification_metrics import classification_metrics

    corrected = correct_prior(trained, natural).apply(probabilities)
    before = classification_metrics(labels, probabilities, classes)
    after = classification_metrics(labels, corrected, classes)
    precision = (
        after.per_class[classes[1]].average_precision
        if len(classes) == 2
        else after.summary["macro_average_precision"]
    )
    return {
        "macro_f1": before.summary["macro_f1"],
        "corrected_macro_f1": after.summary["macro_f1"],
        "average_precision": precision,
    }
