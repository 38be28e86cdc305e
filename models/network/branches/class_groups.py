"""A softmax for each group of classes that are about as frequent."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from models.network.branches.group_by_count import group_by_count
from models.network.branches.head import ClassCounts, Trunk, embedding, logits_layer
from models.settings import ModelSettings


def class_groups(trunk: Trunk, settings: ModelSettings, counts: ClassCounts, seed: int) -> keras.Model:
    """Builds one embedding and, for each group of classes, logits of its classes and of `others`.

    Args:
        trunk: What the encoders say.
        settings: Pooling, fusion, sizes of layers and kind of logits.
        counts: Of the classes; `counts.records` decide the groups, and the bias starts at the log shares of
            `counts.bias`.
        seed: Decides the initial weights and what is dropped.

    Returns:
        A model from the trunk's inputs to logits, float32 `(batch, num_classes)`; in training
        `(batch, num_groups, num_classes)`: see JoinGroups.
    """
    groups = group_by_count(counts.records)
    others = [counts.bias.sum() - counts.bias[group].sum() for group in groups]
    layer = logits_layer(settings, np.concatenate([counts.bias, others]), seed)
    logits = layer(embedding(trunk, settings, seed))
    return keras.Model(
        trunk.inputs, JoinGroups(groups, dtype="float32", name="members")(logits), name="classifier"
    )


@keras.saving.register_keras_serializable(package="counterpoise")
class JoinGroups(keras.layers.Layer):
    """Makes one answer out of a softmax for each group of classes.

    A group's softmax goes over its classes and `others`. In training each group is a member that says
    something of every class: its own logit of each of its classes, and of each of the K classes outside it
    `others - log K`, so that together they weigh as much as `others`. Otherwise a class's probability is that
    in the softmax of its own group, divided by the sum over all classes.

    Call arguments:
        inputs: Logits, float `(batch, classes + groups)`: of the classes, then of each group's `others`.
        training: Whether to answer with all groups.

    Returns:
        In training logits `(batch, groups, classes)`, otherwise log-probabilities `(batch, classes)`.

    Reference: Li et al., "Overcoming Classifier Imbalance for Long-tail Object Detection with Balanced Group
    Softmax", 2020, https://arxiv.org/abs/2006.10408

    Args:
        groups: Class indices of each group; each class is in one group, and two groups at least.
        **kwargs: What `keras.layers.Layer` takes besides.

    Raises:
        ValueError: The groups do not split the classes.
    """

    def __init__(self, groups: Sequence[Sequence[int]], **kwargs: Any):
        super().__init__(**kwargs)
        self.groups = checked_groups(groups)
        self.num_classes = sum(map(len, self.groups))

    def call(self, inputs: tf.Tensor, training: bool | None = None) -> tf.Tensor:
        # (groups, classes): 1 where the class is in the group.
        inside = tf.constant([[c in group for c in range(self.num_classes)] for group in self.groups])
        num_outside = [self.num_classes - len(group) for group in self.groups]
        others = inputs[:, self.num_classes :] - tf.math.log(tf.constant(num_outside, inputs.dtype))
        members = tf.where(inside, inputs[:, tf.newaxis, : self.num_classes], others[:, :, tf.newaxis])
        if training:
            return members
        log_probabilities = tf.nn.log_softmax(members)
        of_own_group = tf.reduce_sum(
            tf.where(inside, log_probabilities, tf.zeros_like(log_probabilities)), axis=1
        )
        return tf.nn.log_softmax(of_own_group)

    def compute_output_shape(self, input_shape: tuple) -> tuple:
        return (input_shape[0], self.num_classes)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "groups": self.groups}


def checked_groups(groups: Sequence[Sequence[int]]) -> list[list[int]]:
    """Returns groups as lists of ints, refusing those that do not split the classes.

    Raises:
        ValueError: A class is in no group or in two, a group is empty, or there is only one.
    """
    checked = [[int(index) for index in group] for group in groups]
    indices = sorted(index for group in checked for index in group)
    if len(checked) < 2 or not all(checked) or indices != list(range(len(indices))):
        raise ValueError(
            "`groups` must be at least two lists that hold each class index once, none of them empty. "
            f"Received: groups={checked}"
        )
    return checked
