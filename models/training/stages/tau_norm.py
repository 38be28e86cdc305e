"""Tau-normalisation: class vectors of a trained classifier brought nearer to one length."""

import dataclasses
from collections.abc import Sequence

import keras
import numpy as np

from models.training.classifier_layer import embedding_model
from models.training.job import StageOutcome
from models.training.stages.training_stage import Fitting, TrainingStage

TAUS = tuple(np.linspace(0, 1, 21).round(2).tolist())


class TauNormalisation(TrainingStage):
    """Computes the classifier whose tau does best on the eval split; nothing is trained.

    Reference: Kang et al., "Decoupling Representation and Classifier for Long-Tailed Recognition", 2020,
    https://arxiv.org/abs/1910.09217
    """

    def prepare(self, model: keras.Model) -> keras.Model:
        return model

    def fit(self, fitting: Fitting, model: keras.Model, before: StageOutcome | None) -> StageOutcome:
        if before is None:
            raise ValueError(f"The stage {self.plan.name} learns nothing: a stage must come before it.")
        layer = model.get_layer("logits")
        kernel, bias = layer.get_weights()
        embeddings = embedding_model(model).predict(fitting.eval_batches, verbose=0)
        labels = np.concatenate([batch.numpy().reshape(-1) for _, batch in fitting.eval_batches])
        tau, _ = best_tau(embeddings, labels, kernel, bias)
        layer.set_weights(normalised_classifier(kernel, bias, tau))
        return dataclasses.replace(
            before,
            name=self.plan.name,
            epochs=0,
            value=fitting.measured(model),
            prior=tuple(faded_prior(np.asarray(before.prior), tau)),
            trained_parameters=0,
            chosen={"tau": tau},
        )


def faded_prior(prior: np.ndarray, tau: float) -> np.ndarray:
    """Fades a prior to equal shares as tau goes from 0 to 1, `prior**(1 - tau)`, as the bias does."""
    masses = np.asarray(prior) ** (1 - tau)
    return masses / masses.sum()


def normalised_classifier(kernel: np.ndarray, bias: np.ndarray, tau: float) -> tuple[np.ndarray, np.ndarray]:
    """Scales each class's vector by its length to the power of minus tau.

    Vectors of frequent classes grow longer in training, which favours these classes. With g the geometric
    mean of the lengths, for the vector w and the bias b of a class,

        w' = w * (norm(w) / g)**-tau,    b' = (1 - tau) * b

    tau = 0 changes nothing and tau = 1 gives all vectors the length g. Dividing by g scales all logits
    alike: it keeps the temperature of the probabilities. The paper's classifier has no bias; ours starts
    as the log prior, which is to be gone once the lengths are equal.

    Example: vectors of length 4 and 1 have g = 2 and get, with tau = 0.5, the lengths 2.83 and 1.41.

    Reference: Kang et al., "Decoupling Representation and Classifier for Long-Tailed Recognition", 2020,
    https://arxiv.org/abs/1910.09217

    Args:
        kernel: Class vectors as columns, float `(units, num_classes)`.
        bias: Float `(num_classes,)`.
        tau: Float in [0, 1].

    Returns:
        The kernel and the bias, of the same shapes, float32.

    Raises:
        ValueError: `tau` is out of range, or a vector has no length.
    """
    if not 0 <= tau <= 1:
        raise ValueError(f"`tau` must be in [0, 1]. Received: tau={tau}")
    norms = np.linalg.norm(np.asarray(kernel, np.float64), axis=0)
    if not (norms > 0).all():
        raise ValueError(
            "The vector of every class must have a length above 0. Received: lengths "
            f"{norms.tolist()}. Train for more epochs, or choose another `training.second_stage`."
        )
    relative = norms / np.exp(np.log(norms).mean())
    return (kernel * relative**-tau).astype(np.float32), ((1 - tau) * bias).astype(np.float32)


def best_tau(
    embeddings: np.ndarray,
    labels: np.ndarray,
    kernel: np.ndarray,
    bias: np.ndarray,
    taus: Sequence[float] = TAUS,
) -> tuple[float, float]:
    """Chooses the tau whose classifier has the highest balanced accuracy.

    Args:
        embeddings: What the classifier reads, float `(records, units)`.
        labels: Class indices, `(records,)`.
        kernel: Class vectors as columns, `(units, num_classes)`.
        bias: `(num_classes,)`.
        taus: Values to try; of equally good ones the smallest is taken, the least change.

    Returns:
        The tau, and its balanced accuracy: the mean recall of the classes among `labels`.
    """
    scores = {}
    for tau in sorted(taus):
        scaled, shift = normalised_classifier(kernel, bias, tau)
        hits = (embeddings @ scaled + shift).argmax(axis=1) == labels
        scores[tau] = float(np.mean([hits[labels == label].mean() for label in np.unique(labels)]))
    tau = max(scores, key=lambda one: (scores[one], -one))
    return tau, scores[tau]
