"""Answers of a trial to the eval records, kept so that two trials can be compared record by record."""

import io
import os
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import tensorflow as tf
from tfx.dsl.io import fileio

from models.training.job import Trained, TrainingJob

ANSWERS_FILE = "answers.npz"
_BATCH = 256


@dataclass(frozen=True)
class EvalAnswers:
    """A trained network's answers to the eval records, in the order of the files.

    Attributes:
        labels: Class indices, int64 `(n,)`.
        probabilities: float32 `(n, num_classes)`.
    """

    labels: np.ndarray
    probabilities: np.ndarray


def answers_of(job: TrainingJob, trained: Trained) -> EvalAnswers:
    """Asks the network of a training for the records it was chosen by."""
    num_records = int(job.evaluation.class_counts(len(job.classes)).sum())
    batches = job.evaluation.batches(_BATCH, num_records)
    labels = np.concatenate([label.numpy().reshape(-1) for _, label in batches])
    logits = trained.model.predict(batches, verbose=0)
    return EvalAnswers(labels, tf.nn.softmax(logits).numpy())


def joined_answers(answers: Sequence[EvalAnswers]) -> EvalAnswers:
    """Puts the answers to several lots of records one after the other."""
    return EvalAnswers(
        np.concatenate([one.labels for one in answers]),
        np.concatenate([one.probabilities for one in answers]),
    )


def write_answers(folder: str, answers: EvalAnswers) -> None:
    """Writes `answers.npz`."""
    content = io.BytesIO()
    np.savez_compressed(content, labels=answers.labels, probabilities=answers.probabilities)
    with fileio.open(os.path.join(folder, ANSWERS_FILE), "wb") as handle:
        handle.write(content.getvalue())
