"""Batches of what a frozen backbone says of each image, computed once for all epochs."""

import math
from dataclasses import dataclass

import keras
import numpy as np
import tensorflow as tf

from models.input.batches import BatchPlan, batches_of_arrays
from models.network.frozen_features import embed, embedding_obstacle
from models.training.embedding_smote import EmbeddingSmote

# Features up to this size are kept in memory, where any record can be drawn at any time.
_FEATURE_BYTES = 2 * 2**30


@dataclass(frozen=True)
class FrozenBatches:
    """What takes the place of a classifier and its images while its backbone is frozen.

    Attributes:
        head: The rest of the classifier, which shares its layers and weights.
        train: Training batches with features in the place of images.
        evaluation: Evaluation batches likewise.
    """

    head: keras.Model
    train: tf.data.Dataset
    evaluation: tf.data.Dataset


def frozen_batches(
    model: keras.Model,
    records: tf.data.Dataset,
    evaluation: tf.data.Dataset,
    plan: BatchPlan,
    smote: EmbeddingSmote | None = None,
) -> FrozenBatches | None:
    """Runs the backbone once over all records.

    Args:
        model: The classifier, its backbone frozen.
        records: Batches of all training records once, in any order.
        evaluation: Evaluation batches.
        plan: How training batches are drawn from the records, synthetic ones among its counts.
        smote: Synthetic embeddings to add to those of the training records, or None.

    Returns:
        The head and its batches; None where an image differs from epoch to epoch, a pair of records is
        needed at a time, or the features do not fit in memory: training then goes over images.

    Raises:
        ValueError: Embeddings are to be added, and features are not kept, are no vectors, or stand beside
            columns.
    """
    reason = _obstacle_to_keeping(model, plan)
    if reason is not None:
        _check_no_embeddings_are_asked_for(reason, smote)
        return None
    embedded, head = embed(model, records, memory_limit=_FEATURE_BYTES)
    if _num_bytes(embedded, plan.num_records) > _FEATURE_BYTES:
        _check_no_embeddings_are_asked_for("The features do not fit in memory.", smote)
        return None
    batches = list(embedded)
    inputs = {name: tf.concat([batch[name] for batch, _ in batches], axis=0) for name in batches[0][0]}
    labels = tf.concat([label for _, label in batches], axis=0)
    if smote is not None:
        inputs, labels = _with_synthetic(inputs, labels, smote)
    embedded_evaluation, _ = embed(model, evaluation, memory_limit=_FEATURE_BYTES)
    return FrozenBatches(head, batches_of_arrays(inputs, labels, plan), embedded_evaluation)


def _obstacle_to_keeping(model: keras.Model, plan: BatchPlan) -> str | None:
    if plan.paired:
        return "Records are drawn in pairs."
    return embedding_obstacle(model, images_change=plan.mixing is not None)


def _check_no_embeddings_are_asked_for(reason: str, smote: EmbeddingSmote | None) -> None:
    if smote is not None:
        raise ValueError(
            "augmentation.image: embedding_smote works on features that a frozen backbone computes once, and they "
            f"are not kept. {reason} Set augmentation.image to rotate_scale, which makes new images."
        )


def _with_synthetic(
    inputs: dict[str, tf.Tensor], labels: tf.Tensor, smote: EmbeddingSmote
) -> tuple[dict[str, tf.Tensor], tf.Tensor]:
    if set(inputs) != {"image"}:
        raise ValueError(
            "augmentation.image: embedding_smote makes embeddings of images, and a synthetic one has no columns to "
            f"stand beside it. Received: inputs {sorted(inputs)}. Set augmentation.image to rotate_scale."
        )
    embeddings, grown = smote.with_synthetic(np.asarray(inputs["image"]), np.asarray(labels))
    return {"image": tf.constant(embeddings)}, tf.constant(grown)


def _num_bytes(batches: tf.data.Dataset, num_records: int) -> int:
    specs = tf.nest.flatten(batches.element_spec)
    return num_records * sum(math.prod(spec.shape[1:]) * spec.dtype.size for spec in specs)
