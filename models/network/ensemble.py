"""Ensemble of classifiers in one model: the mean of their probabilities."""

from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

_MEMBER, _MEAN = "member_", "logits"


@keras.saving.register_keras_serializable(package="Counterpoise")
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


def ensemble(
    members: Sequence[keras.Model],
    weights: Sequence[float],
    priors: Sequence[Sequence[float] | np.ndarray],
    common_prior: np.ndarray,
) -> keras.Model:
    """Joins classifiers into one.

    Args:
        members: Models from a dict of inputs to logits, float `(batch, classes)`. A member may take fewer of the
            inputs than the first, which takes all.
        weights: Of the members, each at least 0, their sum 1.
        priors: Class shares that each member's probabilities assume, `(classes,)`, each above 0.
        common_prior: Class shares that those of the ensemble assume, `(classes,)`, each above 0.

    Returns:
        A model of the same inputs to log-probabilities, float32 `(batch, classes)`, with the layer `logits` at its
        end. It shares all weights with the members.
    """
    inputs = {
        name: keras.Input(tuple(one.shape)[1:], name=name, dtype=one.dtype)
        for name, one in members[0].input.items()
    }
    answers = [
        _named(member, f"{_MEMBER}{number}")(_of_member(member, inputs))
        for number, member in enumerate(members)
    ]
    shifts = [np.log(common_prior) - np.log(np.asarray(prior, np.float64)) for prior in priors]
    mean = MeanProbability(weights, [shift.tolist() for shift in shifts], name=_MEAN)
    return keras.Model(inputs, mean(answers), name="ensemble")


def members_of(model: keras.Model) -> list[keras.Model]:
    """Returns the members of an ensemble; of any other classifier that classifier."""
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
    """Returns the answer of an ensemble as a tensor, from its members' logits."""
    return model.get_layer(_MEAN)(logits)


def _of_member(member: keras.Model, inputs: Mapping[str, Any]) -> dict[str, Any]:
    return {name: inputs[name] for name in member.input}


def _named(member: keras.Model, name: str) -> keras.Model:
    """Gives a model the name that it has within another, where no two may have the same."""
    return keras.Model(member.input, member.output, name=name)
