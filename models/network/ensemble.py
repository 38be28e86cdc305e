"""Ensemble of classifiers in one model: the mean of their probabilities."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf

_MEMBER, _MEAN = "member_", "logits"


@keras.saving.register_keras_serializable(package="counterpoise")
class MeanProbability(keras.layers.Layer):
    """Averages the probabilities of several classifiers, each put under the same class prior first.

    From logits z_m, float `(batch, classes)` each, or `(batch, answers, classes)` of several,

        log sum_m w_m softmax(z_m + shift_m)

    float32 `(batch, classes)`. With shift_m = log t - log a_m, where a_m is the prior that a member learnt under, all
    of them answer for the prior t (Saerens et al., 2002, "Adjusting the outputs of a classifier to new a priori
    probabilities").
    """

    def __init__(self, weights: Sequence[float], shifts: Sequence[Sequence[float]], **kwargs: Any):
        """Initialises the layer.

        Args:
            weights: Of all answers, each at least 0, their sum 1.
            shifts: Of all answers, by class.
            **kwargs: As for every layer.
        """
        super().__init__(**kwargs)
        if not len(weights) == len(shifts) > 0 or min(weights) < 0 or not np.isclose(sum(weights), 1.0):
            raise ValueError(
                "Expected a weight of at least 0 and a shift for each answer, the weights' sum 1. Received: weights="
                f"{list(weights)} and {len(shifts)} shifts."
            )
        self._weights_of_answers = np.array(weights, np.float64)
        self._shifts = np.array(shifts, np.float64)

    def call(self, inputs: Sequence[tf.Tensor]) -> tf.Tensor:
        answers = [tf.cast(one if len(one.shape) == 3 else one[:, tf.newaxis], tf.float32) for one in inputs]
        lasts = np.cumsum([one.shape[1] for one in answers])
        numbers = np.split(np.arange(lasts[-1]), lasts[:-1])
        # A member without weight has no say, and the logarithm of its weight is none.
        heard = [of for of in zip(answers, numbers, strict=True) if self._weights_of_answers[of[1]].all()]
        rows = np.concatenate([of for _, of in heard])
        logits = tf.concat([of for of, _ in heard], axis=1) + tf.constant(self._shifts[rows], tf.float32)
        weights = tf.constant(np.log(self._weights_of_answers[rows])[:, np.newaxis], tf.float32)
        return tf.reduce_logsumexp(tf.nn.log_softmax(logits) + weights, axis=1)

    def compute_output_shape(self, input_shape: Sequence[Any]) -> tuple:
        return (input_shape[0][0], input_shape[0][-1])

    def get_config(self) -> dict[str, Any]:
        weights, shifts = self._weights_of_answers.tolist(), self._shifts.tolist()
        return {**super().get_config(), "weights": weights, "shifts": shifts}


@dataclass(frozen=True)
class EnsembleMember:
    """A classifier, or several in one model, with their say in an ensemble.

    Attributes:
        name: Its name in the ensemble; those of networks begin with `member_`.
        model: From a dict of inputs to logits, float `(batch, classes)`, or `(batch, answers, classes)`.
        weight: Of its probabilities, at least 0; of several answers each has an equal part of it.
        priors: Class shares that each answer assumes, `(classes,)`, each above 0.
    """

    name: str
    model: keras.Model
    weight: float
    priors: Sequence[Sequence[float]]


def ensemble(members: Sequence[EnsembleMember], prior: np.ndarray) -> keras.Model:
    """Joins classifiers into one.

    Args:
        members: The classifiers, the sum of whose weights is 1. One may take fewer of the inputs than the first,
            which takes all.
        prior: Class shares that the probabilities of the ensemble assume, `(classes,)`, each above 0.

    Returns:
        A model of the same inputs to log-probabilities, float32 `(batch, classes)`, with the layer `logits` at its
        end. It shares all weights with the members.
    """
    inputs, answers = _asked(members)
    shifts = [np.log(prior) - np.log(np.asarray(of, np.float64)) for one in members for of in one.priors]
    weights = [one.weight / len(one.priors) for one in members for _ in one.priors]
    mean = MeanProbability(weights, [shift.tolist() for shift in shifts], name=_MEAN)
    return keras.Model(inputs, mean(answers), name="ensemble")


def side_by_side(members: Sequence[EnsembleMember]) -> keras.Model:
    """Asks classifiers in one model without joining what they say.

    Returns:
        A model of the same inputs to their logits as they are, float32 `(batch, answers, classes)`, in the order of
        the members and, within one, of its priors.
    """
    inputs, answers = _asked(members)
    rows = [
        keras.layers.Reshape((len(one.priors), -1), dtype="float32")(answer)
        for one, answer in zip(members, answers, strict=True)
    ]
    return keras.Model(
        inputs, keras.layers.Concatenate(axis=1, dtype="float32")(rows) if len(rows) > 1 else rows[0]
    )


def _asked(members: Sequence[EnsembleMember]) -> tuple[dict[str, Any], list[Any]]:
    """Returns inputs, those of the first member, and what all members answer to them."""
    inputs = {
        name: keras.Input(tuple(one.shape)[1:], name=name, dtype=one.dtype)
        for name, one in members[0].model.input.items()
    }
    return inputs, [_named(one.model, one.name)(_of_member(one.model, inputs)) for one in members]


def members_of(model: keras.Model) -> list[keras.Model]:
    """Returns the networks of an ensemble; of any other classifier that classifier."""
    found = [layer for layer in model.layers if layer.name.startswith(_MEMBER)]
    return found or [model]


def joined_members(model: keras.Model, parts: Sequence[keras.Model]) -> list[Any]:
    """Applies a part of each member to the inputs of an ensemble.

    Args:
        model: The ensemble, or any other classifier.
        parts: A model of the same inputs for each of `members_of(model)`.

    Returns:
        What each part answers, as tensors over `model.input`.
    """
    named = [_named(part, f"{part.name}_{number}") for number, part in enumerate(parts)]
    return [part(_of_member(part, model.input)) for part in named]


def joined_answer(model: keras.Model, logits: Sequence[Any]) -> Any:
    """Returns the answer of an ensemble as a tensor, given its networks' logits; other members are asked."""
    others = [
        layer for layer in model.layers if isinstance(layer, keras.Model) and layer not in members_of(model)
    ]
    return model.get_layer(_MEAN)([*logits, *(one(_of_member(one, model.input)) for one in others)])


def _of_member(member: keras.Model, inputs: Mapping[str, Any]) -> dict[str, Any]:
    return {name: inputs[name] for name in member.input}


def _named(member: keras.Model, name: str) -> keras.Model:
    """Gives a model the name that it has within another, where no two may have the same."""
    return keras.Model(member.input, member.output, name=name)
