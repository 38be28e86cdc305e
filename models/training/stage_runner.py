"""Runs one stage of the plan after another on the same records."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from models.input.batches import BatchPlan
from models.input.mixing import Mixing
from models.network.backbones.batch_norm import frozen_batch_norm_as_affine
from models.network.fine_tuning import set_trainable
from models.network.layers.layer_seed import layer_seed
from models.network.metrics import make_metrics
from models.network.projection import Projection, with_projection
from models.training.batch_norm_statistics import measure_batch_norm
from models.training.callbacks.best_epoch import BestEpoch
from models.training.callbacks.epoch_counter import EpochCounter
from models.training.callbacks.epoch_log import EpochLog
from models.training.callbacks.epoch_progress import EpochProgress
from models.training.callbacks.finite_loss import FiniteLoss
from models.training.callbacks.weight_average import WeightAverage
from models.training.class_scales import with_class_scales
from models.training.classifier_layer import embedding_model, num_trained, reset_classifier, train_only
from models.training.embedding_smote import EmbeddingSmote
from models.training.frozen_batches import frozen_batches
from models.training.job import StageOutcome, TrainingJob
from models.training.objective import stage_objective
from models.training.optimizers.factory import make_optimizer
from models.training.plan import Stage
from models.training.prior import prior_after, prior_after_normalisation
from models.training.steps_at_once import steps_at_once
from models.training.tau_normalisation import best_tau, normalised_classifier

# Evaluation keeps no activations for a gradient: it has room for larger batches.
_EVAL_BATCH = 256


class StageRunner:
    """Runs stages, and counts their epochs through.

    Attributes:
        history: Figures of every epoch so far.
    """

    def __init__(
        self,
        job: TrainingJob,
        class_counts: np.ndarray,
        stages: Sequence[Stage],
        callbacks: Sequence[keras.callbacks.Callback],
    ):
        """Initialises the runner.

        Args:
            job: What is trained.
            class_counts: Training records of each class, `(num_classes,)`.
            stages: All stages to come.
            callbacks: Further callbacks of every stage.
        """
        self._job = job
        self._class_counts = class_counts
        self._callbacks = list(callbacks)
        # One for all stages, so that a later one goes on with what it has learnt.
        self._projection: Projection | None = None
        self._epochs_to_come = sum(stage.epochs for stage in stages)
        self._epoch = tf.Variable(0, trainable=False, dtype=tf.int64, name="epoch")
        self._log = EpochLog()
        batch_size = max(job.training.batch_size, _EVAL_BATCH)
        self._num_eval_records = int(job.evaluation.class_counts(len(class_counts)).sum())
        self._eval_batches = job.evaluation.batches(batch_size, self._num_eval_records)

    @property
    def history(self) -> list[dict[str, Any]]:
        return self._log.epochs

    def run(
        self, stage: Stage, model: keras.Model, before: StageOutcome | None
    ) -> tuple[StageOutcome, keras.Model]:
        """Runs a stage; the model is left with the weights of the stage's best epoch.

        Args:
            stage: What to do.
            model: The network with the weights to start from.
            before: What these weights came to, or None for initial ones.

        Returns:
            What the stage came to, and the model: the same, or one that shares its weights.
        """
        if stage.part == "nothing":
            if before is None:
                raise ValueError(f"The stage {stage.name} learns nothing: a stage must come before it.")
            return self._normalise(stage, model, before), model
        if stage.part == "classifier":
            reset_classifier(model)
            train_only(model, "logits")
        elif stage.part == "class_scales":
            model = with_class_scales(model)
            train_only(model, "class_scales")
        else:
            set_trainable(model, stage.part)
        return self._fit(stage, model), model

    def _fit(self, stage: Stage, model: keras.Model) -> StageOutcome:
        job, first = self._job, len(self.history)
        smote = self._smote(stage)
        counts = self._class_counts + (0 if smote is None else np.asarray(smote.make))
        plan = self._batch_plan(stage, counts)
        fitted = self._fitted(stage, model)
        network, train, evaluation = self._on_what(stage, fitted, plan, smote)
        loss, switches = stage_objective(job.loss, job.model, counts, stage, first)
        at_once = steps_at_once(
            plan.num_batches,
            stage.epochs,
            small=job.inputs.image is None or network is not fitted,
            each_step_counts=job.training.ema is not None,
        )
        finite = FiniteLoss()
        network.compile(
            self._optimizer(stage, network, plan.num_batches),
            finite.watched(loss) if at_once > 1 else loss,
            metrics=make_metrics(len(self._class_counts), self._num_eval_records),
            steps_per_execution=at_once,
        )
        best = BestEpoch(job.training.monitor, job.training.patience, first + (stage.class_weights_from or 0))
        self._log.stage = stage.name
        with frozen_batch_norm_as_affine(network):
            network.fit(
                train,
                validation_data=evaluation,
                initial_epoch=first,
                epochs=first + stage.epochs,
                callbacks=[
                    finite,
                    EpochCounter(self._epoch, stage.start),
                    *switches,
                    best,
                    self._log,
                    EpochProgress(first + self._epochs_to_come, plan.num_batches),
                    *self._callbacks,
                    # Last: those before it are to see the average at an epoch's end.
                    *([WeightAverage(job.training.ema)] if job.training.ema is not None else []),
                ],
                verbose=0,
            )
        measured = self._with_measured_batch_norm(stage, network, plan)
        self._epochs_to_come -= stage.epochs
        return StageOutcome(
            name=stage.name,
            epochs=len(self.history) - first,
            value=best.value if measured is None else measured,
            best_epoch=best.epoch,
            prior=tuple(prior_after(stage, best.epoch - first, job.loss, job.model, counts)),
            trained_parameters=num_trained(model),
        )

    def _with_measured_batch_norm(self, stage: Stage, network: keras.Model, plan: BatchPlan) -> float | None:
        """Measures statistics of batch normalisation where a stage asks for it; returns the monitored figure then."""
        if not self._job.training.precise_batch_norm or stage.part not in ("all", "last_block"):
            return None
        unmixed = self._job.train.training_batches(plan.batch_size, self._class_counts, plan.seed)
        if not measure_batch_norm(network, unmixed, plan.batch_size):
            return None
        figures = network.evaluate(self._eval_batches, return_dict=True, verbose=0)
        return figures[self._job.training.monitor.removeprefix("val_")]

    def _smote(self, stage: Stage) -> EmbeddingSmote | None:
        """Says which synthetic embeddings a stage learns from besides the records."""
        if stage.part != "head":
            return None
        job = self._job
        seed = layer_seed(job.seed, "embedding_smote")
        return EmbeddingSmote.from_settings(job.augmentation, job.classes, self._class_counts, seed)

    def _fitted(self, stage: Stage, model: keras.Model) -> keras.Model:
        """Returns the classifier, with a projection where the stage learns features by a contrastive loss."""
        if not self._job.loss.contrastive or stage.balanced:
            return model
        if self._projection is None:
            self._projection = Projection(seed=self._job.seed, name="projection")
        return with_projection(model, self._projection)

    def _batch_plan(self, stage: Stage, class_counts: np.ndarray) -> BatchPlan:
        mixing = Mixing.from_settings(self._job.augmentation)
        if stage.balanced and mixing is not None:
            # Blends help to learn features; these are learnt.
            mixing = dataclasses.replace(mixing, kind="none")
        return BatchPlan(
            self._job.training.batch_size,
            class_counts.tolist(),
            layer_seed(self._job.seed, stage.name),
            stage.sampling,
            stage.span or stage.epochs,
            self._epoch,
            mixing,
            paired=self._job.model.branches == "bilateral",
        )

    def _on_what(
        self, stage: Stage, model: keras.Model, plan: BatchPlan, smote: EmbeddingSmote | None
    ) -> tuple[keras.Model, tf.data.Dataset, tf.data.Dataset]:
        """Returns what to fit, and its batches for training and evaluation."""
        train = self._job.train
        if stage.part == "head":
            records = train.batches(_EVAL_BATCH, int(self._class_counts.sum()))
            frozen = frozen_batches(model, records, self._eval_batches, plan, smote)
            if frozen is not None:
                return frozen.head, frozen.train, frozen.evaluation
        batches = train.training_batches(
            plan.batch_size,
            plan.class_counts,
            plan.seed,
            sampling=plan.sampling,
            epochs=plan.epochs,
            epoch=plan.epoch,
            mixing=plan.mixing,
            paired=plan.paired,
        )
        return model, batches, self._eval_batches

    def _optimizer(self, stage: Stage, model: keras.Model, steps: int) -> keras.optimizers.Optimizer:
        settings = self._job.training.optimizer
        changes: dict[str, float] = {
            "learning_rate": stage.learning_rate,
            "warmup_epochs": min(settings.warmup_epochs, stage.epochs - 1),
        }
        if self._job.inputs.image is None or stage.part in ("head", "classifier", "class_scales"):
            changes["backbone_rate"] = 1.0
        return make_optimizer(
            settings.model_copy(update=changes),
            steps_per_epoch=steps,
            epochs=stage.epochs,
            model=model,
            backbone=self._job.model.image.backbone,
        )

    def _normalise(self, stage: Stage, model: keras.Model, before: StageOutcome) -> StageOutcome:
        layer = model.get_layer("logits")
        kernel, bias = layer.get_weights()
        embeddings = embedding_model(model).predict(self._eval_batches, verbose=0)
        labels = np.concatenate([batch.numpy().reshape(-1) for _, batch in self._eval_batches])
        tau, _ = best_tau(embeddings, labels, kernel, bias)
        layer.set_weights(normalised_classifier(kernel, bias, tau))
        # What was compiled may be another model, over a frozen backbone's features.
        model.compile(metrics=make_metrics(len(self._class_counts), self._num_eval_records))
        figures = model.evaluate(self._eval_batches, return_dict=True, verbose=0)
        return dataclasses.replace(
            before,
            name=stage.name,
            epochs=0,
            value=figures[self._job.training.monitor.removeprefix("val_")],
            prior=tuple(prior_after_normalisation(np.asarray(before.prior), tau)),
            trained_parameters=0,
            chosen={"tau": tau},
        )
