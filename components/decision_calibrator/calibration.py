"""Calibration of probabilities: the prior put right, the confidence fitted on held-out records."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize, minimize_scalar
from scipy.special import log_softmax, softmax

METHODS = ("temperature", "bias_corrected", "vector")

# A float32 softmax reaches down to 1e-38 before it is 0.
SMALLEST = 1e-30
_LOG_TEMPERATURES = (np.log(0.05), np.log(20.0))
# Strength of the pull towards the prior as recorded, in records: a class of few eval records cannot say more.
_BIAS_RECORDS = 1.0


@dataclass(frozen=True)
class Calibration:
    """Turns a model's probabilities q into calibrated ones, `softmax(slope * log q + offset)`.

    Attributes:
        slope: Float `(classes,)`, above 0.
        offset: Float `(classes,)`.
    """

    slope: np.ndarray
    offset: np.ndarray

    def apply(self, probabilities: np.ndarray) -> np.ndarray:
        """Calibrates probabilities, float `(n, classes)`."""
        return softmax(self.slope * np.log(np.maximum(probabilities, SMALLEST)) + self.offset, axis=1)


def correct_prior(assumed_prior: np.ndarray, target_prior: np.ndarray) -> Calibration:
    """Exchanges the class prior in a model's probabilities.

    By Bayes' rule `p(y|x)` is proportional to `p(x|y) p(y)`. Where a model learnt under the prior `a`, and is
    used under the prior `t`, its probabilities q become `q_k t_k / a_k`, scaled to sum to 1. For two classes
    and the majority thinned to a share b this is Dal Pozzolo's `b q / ((b - 1) q + 1)`.

    References:
        Saerens et al. (2002), "Adjusting the outputs of a classifier to new a priori probabilities";
        Dal Pozzolo et al. (2015), "Calibrating probability with undersampling for unbalanced classification".

    Args:
        assumed_prior: The prior the model learnt under, float `(classes,)`, each above 0.
        target_prior: The prior where it is used, float `(classes,)`, each above 0.
    """
    return Calibration(np.ones(len(assumed_prior)), _log_prior(target_prior) - _log_prior(assumed_prior))


def fit(
    probabilities: np.ndarray,
    labels: np.ndarray,
    assumed_prior: np.ndarray,
    record_prior: np.ndarray,
    target_prior: np.ndarray,
    method: str = "temperature",
) -> Calibration:
    """Fits the confidence of a model on held-out records, and sets its prior.

    What the records say, `e_k = log q_k - log a_k` with `a` the prior the model learnt under, is scaled; the
    prior is added after it, so that the less the records say, the nearer the answer is to the prior:

        p = softmax(s_k e_k + b_k + log t_k)

    `temperature` fits one `s = 1 / T` for all classes; `bias_corrected` the `b_k` besides; `vector` every
    `s_k` and `b_k`. They minimise the negative log-likelihood of the records, with their own prior for `t`, the
    latter two with a weak pull towards what `temperature` says; then `t` is the prior where the model is used.

    References:
        Guo et al. (2017), "On calibration of modern neural networks", https://arxiv.org/abs/1706.04599;
        Alexandari et al. (2020), "Maximum likelihood with bias-corrected calibration is hard-to-beat at label
        shift adaptation", https://arxiv.org/abs/1901.06852

    Args:
        probabilities: The model's, float `(n, classes)`.
        labels: Class indices, int `(n,)`.
        assumed_prior: The prior the model learnt under, float `(classes,)`, each above 0.
        record_prior: The prior of the records, float `(classes,)`, each above 0.
        target_prior: The prior where the model is used, float `(classes,)`, each above 0.
        method: One of METHODS.

    Raises:
        ValueError: There is no record, or no such method.
    """
    if method not in METHODS or len(labels) == 0:
        raise ValueError(
            f"Expected at least one record and a method of {', '.join(METHODS)}. "
            f"Received: {len(labels)} records, method={method!r}"
        )
    evidence = np.log(np.maximum(probabilities, SMALLEST)) - _log_prior(assumed_prior)
    log_recorded = _log_prior(record_prior)
    slope = np.full(evidence.shape[1], _fit_slope(evidence, labels, log_recorded))
    bias = np.zeros(evidence.shape[1])
    if method != "temperature":
        slope, bias = _fit_by_class(evidence, labels, log_recorded, slope, method == "vector")
    return Calibration(slope, bias - slope * _log_prior(assumed_prior) + _log_prior(target_prior))


def _fit_slope(evidence: np.ndarray, labels: np.ndarray, log_prior: np.ndarray) -> float:
    found = minimize_scalar(
        lambda log_temperature: _loss(evidence * np.exp(-log_temperature) + log_prior, labels),
        bounds=_LOG_TEMPERATURES,
        method="bounded",
        options={"xatol": 1e-8},
    )
    return float(np.exp(-found.x))


def _fit_by_class(
    evidence: np.ndarray, labels: np.ndarray, log_prior: np.ndarray, slope: np.ndarray, own_slopes: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Returns slopes and biases, `(classes,)` each."""
    num_classes = evidence.shape[1]
    pull = _BIAS_RECORDS / len(labels)

    def unpacked(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        log_slopes = values[:-num_classes]
        return np.exp(log_slopes) * np.ones(num_classes), values[-num_classes:]

    def objective(values: np.ndarray) -> tuple[float, np.ndarray]:
        slopes, bias = unpacked(values)
        logits = evidence * slopes + bias + log_prior
        excess = (softmax(logits, axis=1) - np.eye(num_classes)[labels]) / len(labels)
        of_slopes = (excess * evidence * slopes).sum(axis=0)
        departure = values[:-num_classes] - start[:-num_classes]
        loss = _loss(logits, labels) + pull * (np.square(bias).sum() + np.square(departure).sum())
        of_slopes = of_slopes if own_slopes else of_slopes.sum(keepdims=True)
        return loss, np.concatenate([of_slopes + 2 * pull * departure, excess.sum(axis=0) + 2 * pull * bias])

    log_slope = np.log(slope if own_slopes else slope[:1])
    start = np.concatenate([log_slope, np.zeros(num_classes)])
    return unpacked(minimize(objective, start, jac=True, method="L-BFGS-B", options={"ftol": 1e-12}).x)


def _loss(logits: np.ndarray, labels: np.ndarray) -> float:
    return -float(log_softmax(logits, axis=1)[np.arange(len(labels)), labels].mean())


def _log_prior(prior: np.ndarray) -> np.ndarray:
    prior = np.asarray(prior, np.float64)
    if prior.ndim != 1 or not (np.isfinite(prior) & (prior > 0)).all():
        raise ValueError(f"Expected one finite share above 0 for each class. Received: {prior.tolist()}")
    return np.log(prior / prior.sum())
