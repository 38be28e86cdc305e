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

    From logits z_m, float `(batch, classes)` each,

        log sum_m w_m softmax(z_m + shift_m)

    float32 `(batch, classes)`. With shift_m = log t - log a_m, where a_m is the prior that a member learnt under, all
    of them answer for the prior t (Saerens et al., 2002, "Adjusting the outputs of a classifier to new a priori
    probabilities").
    """

    def __init__(self, weights: Sequence[float], shifts: Sequence[Sequence[float]], **kwargs: Any):
        """Initialises the layer.

        Args:
            weights: Of the members, each at least 0, their sum 1.
            shifts: Of the members, by class.
            **kwargs: As for every layer.
        """
        super().__init__(**kwargs)
        if not len(weights) == len(shifts) > 0 or min(weights) < 0 or not np.isclose(sum(weights), 1.0):
            raise ValueError(
                "Expected a weight of at least 0 and a shift for each member, the weights' sum 1. Received: weights="
                f"{list(weights)} and {len(shifts)} shifts."
            )
        self._weights_of_members = [float(weight) for weight in weights]
        self._shifts = [[float(value) for value in shift] for shift in shifts]

    def call(self, inputs: Sequence[tf.Tensor]) -> tf.Tensor:
        # A member without weight has no say, and the logarithm of its weight is none.
        terms = [
            tf.nn.log_softmax(tf.cast(logits, tf.float32) + tf.constant(shift, tf.float32)) + np.log(weight)
            for logits, shift, weight in zip(inputs, self._shifts, self._weights_of_members, strict=True)
            if weight > 0
        ]
        return tf.reduce_logsumexp(tf.stack(terms), axis=0)

    def compute_output_shape(self, input_shape: Sequence[Any]) -> tuple:
        return tuple(input_shape[0])

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "weights": self._weights_of_members, "shifts": self._shifts}


@dataclass(frozen=True)
class EnsembleMember:
    """A classifier with its say in an ensemble.

    Attributes:
        name: Its name in the ensemble; those of networks begin with `member_`.
        model: From a dict of inputs to logits, float `(batch, classes)`.
        weight: Of its probabilities, at least 0.
        prior: Class shares that they assume, `(classes,)`, each above 0.
    """

    name: str
    model: keras.Model
    weight: float
    prior: Sequence[float]


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
    inputs = {
        name: keras.Input(tuple(one.shape)[1:], name=name, dtype=one.dtype)
        for name, one in members[0].model.input.items()
    }
    answers = [_named(one.model, one.name)(_of_member(one.model, inputs)) for one in members]
    shifts = [np.log(prior) - np.log(np.asarray(one.prior, np.float64)) for one in members]
    mean = MeanProbability([one.weight for one in members], [shift.tolist() for shift in shifts], name=_MEAN)
    return keras.Model(inputs, mean(answers), name="ensemble")


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
