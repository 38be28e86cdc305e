"""Batches of a stage, and the network they fit: over records, or over features that a frozen backbone keeps."""

import dataclasses
from dataclasses import dataclass

import keras
import numpy as np
import tensorflow as tf

from models.catalogue.branches import BRANCHES
from models.catalogue.row import row_of
from models.input.batches import BatchPlan
from models.input.mixing import Mixing
from models.network.layers.layer_seed import layer_seed
from models.training.embedding_smote import EmbeddingSmote
from models.training.frozen_batches import frozen_batches
from models.training.job import TrainingJob
from models.training.plan import Stage

# Evaluation keeps no activations for a gradient: it has room for larger batches.
EVAL_BATCH = 256


@dataclass(frozen=True)
class StageBatches:
    """What a stage learns from, and what is chosen by.

    Attributes:
        network: What is fitted: the classifier, or its head where features take the place of images.
        train: Training batches for it, an epoch at a time.
        evaluation: Evaluation batches for it.
    """

    network: keras.Model
    train: tf.data.Dataset
    evaluation: tf.data.Dataset


def synthetic_embeddings(job: TrainingJob, class_counts: np.ndarray, stage: Stage) -> EmbeddingSmote | None:
    """Returns the synthetic embeddings that a stage learns from besides the records; None for none."""
    if not stage.keeps_features:
        return None
    seed = layer_seed(job.seed, "embedding_smote")
    return EmbeddingSmote.from_settings(job.augmentation, job.classes, class_counts, seed)


def batch_plan(job: TrainingJob, class_counts: np.ndarray, stage: Stage, epoch: tf.Variable) -> BatchPlan:
    """Plans how a stage's batches are drawn and changed.

    Args:
        job: What is trained.
        class_counts: Records of each class to draw from, synthetic ones included, `(num_classes,)`.
        stage: The stage.
        epoch: int64 `()`, its number in the training.
    """
    mixing = Mixing.from_settings(job.augmentation)
    if stage.balanced and mixing is not None:
        # Blends help to learn features; these are learnt.
        mixing = dataclasses.replace(mixing, kind="none")
    return BatchPlan(
        job.training.batch_size,
        class_counts.tolist(),
        layer_seed(job.seed, stage.name),
        stage.sampling,
        stage.span or stage.epochs,
        epoch,
        mixing,
        paired=row_of(BRANCHES, job.model.branches).draws_pairs,
    )


def stage_batches(
    job: TrainingJob,
    model: keras.Model,
    stage: Stage,
    plan: BatchPlan,
    evaluation: tf.data.Dataset,
    smote: EmbeddingSmote | None,
) -> StageBatches:
    """Makes the batches of a stage.

    Args:
        job: What is trained.
        model: The classifier, prepared for the stage.
        stage: The stage.
        plan: How batches are drawn and changed.
        evaluation: Evaluation batches.
        smote: Synthetic embeddings to add, which are among the plan's counts, or None.
    """
    if stage.keeps_features:
        num_records = plan.num_records - (0 if smote is None else sum(smote.make))
        records = job.train.batches(EVAL_BATCH, num_records)
        frozen = frozen_batches(model, records, evaluation, plan, smote)
        if frozen is not None:
            return StageBatches(frozen.head, frozen.train, frozen.evaluation)
    batches = job.train.training_batches(
        plan.batch_size,
        plan.class_counts,
        plan.seed,
        sampling=plan.sampling,
        epochs=plan.epochs,
        epoch=plan.epoch,
        mixing=plan.mixing,
        paired=plan.paired,
    )
    return StageBatches(model, batches, evaluation)
