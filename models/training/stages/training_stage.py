"""Stages of training as objects: what each prepares, how it fits, and the prior it leaves behind."""

from abc import ABC, abstractmethod
from typing import Protocol

import keras
import numpy as np
import tensorflow as tf

from models.training.job import StageOutcome, TrainingJob
from models.training.plan import Stage
from models.training.prior import prior_after


class Fitting(Protocol):
    """What a stage can ask for while it fits."""

    @property
    def eval_batches(self) -> tf.data.Dataset:
        """Batches of the eval split, `(inputs, labels)`, in a fixed order."""

    def by_gradient(self, stage: "TrainingStage", model: keras.Model) -> StageOutcome:
        """Trains what of the model is trainable, and leaves it with the weights of the best epoch."""

    def measured(self, model: keras.Model) -> float:
        """Measures the monitored figure of a model on the eval split."""


class TrainingStage(ABC):
    """A stage of training; a second stage is a subclass with a row in the catalogue."""

    def __init__(self, plan: Stage):
        """Initialises the stage.

        Args:
            plan: Epochs, records and learning rate.
        """
        self.plan = plan

    @abstractmethod
    def prepare(self, model: keras.Model) -> keras.Model:
        """Makes trainable what the stage learns, and nothing else.

        Args:
            model: The network with the weights to start from.

        Returns:
            The model, or one that shares its weights.
        """

    def extended(self, model: keras.Model) -> keras.Model:
        """Adds to a freshly built network the layers that the stage adds; most add none."""
        return model

    def fit(self, fitting: Fitting, model: keras.Model, before: StageOutcome | None) -> StageOutcome:
        """Fits a prepared model, and leaves it with the weights of the best epoch.

        Args:
            fitting: Trains, and measures on the eval split.
            model: What `prepare` returned.
            before: What its weights came to before, or None for initial ones.
        """
        return fitting.by_gradient(self, model)

    def prior_after(self, epoch: int, job: TrainingJob, class_counts: np.ndarray) -> np.ndarray:
        """Computes the class prior that the network's probabilities assume.

        Args:
            epoch: The epoch of the stage whose weights were kept, counted from 1.
            job: What is trained.
            class_counts: Records of each class that the stage learnt from, `(num_classes,)`, each above 0.

        Returns:
            Shares, float64 `(num_classes,)`, each above 0, sum 1.
        """
        return prior_after(self.plan, epoch, job.loss, job.model, class_counts)
