"""Runner of a training's stages, one after another on the same records."""

from collections.abc import Sequence

import keras
import numpy as np
import tensorflow as tf

from models.input.batches import BatchPlan
from models.network.backbones.batch_norm import frozen_batch_norm_as_affine
from models.network.metrics import make_metrics
from models.network.projection import Projection, with_projection
from models.network.refined_loss import RefinedLoss
from models.training.batch_norm_statistics import measure_batch_norm
from models.training.callbacks.best_epoch import BestEpoch
from models.training.callbacks.epoch_counter import EpochCounter
from models.training.callbacks.epoch_log import EpochFigures, EpochLog
from models.training.callbacks.epoch_progress import EpochProgress
from models.training.callbacks.finite_loss import FiniteLoss
from models.training.callbacks.optimizer_average import OptimizerAverage
from models.training.callbacks.weight_average import WeightAverage
from models.training.classifier_layer import num_trained
from models.training.job import StageOutcome, TrainingJob
from models.training.objective import stage_objective
from models.training.optimizers.factory import make_optimizer
from models.training.plan import Stage
from models.training.stage_batches import (
    EVAL_BATCH,
    StageBatches,
    batch_plan,
    stage_batches,
    synthetic_embeddings,
)
from models.training.stages.training_stage import TrainingStage
from models.training.step_functions import trace_once
from models.training.steps_at_once import steps_at_once


class StageRunner:
    """Runs stages, and counts their epochs through.

    Attributes:
        eval_batches: Batches of the eval split, `(inputs, labels)`, in the order of the files.
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
        batch_size = max(job.training.batch_size, EVAL_BATCH)
        self._num_eval_records = int(job.evaluation.class_counts(len(class_counts)).sum())
        self.eval_batches = job.evaluation.batches(batch_size, self._num_eval_records)

    @property
    def history(self) -> list[EpochFigures]:
        """Figures of every epoch so far."""
        return self._log.epochs

    def run(
        self, stage: TrainingStage, model: keras.Model, before: StageOutcome | None
    ) -> tuple[StageOutcome, keras.Model]:
        """Runs a stage; the model is left with the weights of the stage's best epoch.

        Args:
            stage: What to do.
            model: The network with the weights to start from.
            before: What these weights came to, or None for initial ones.

        Returns:
            What the stage came to, and the model: the same, or one that shares its weights.
        """
        prepared = stage.prepare(model)
        return stage.fit(self, prepared, before), prepared

    def measured(self, model: keras.Model) -> float:
        """Measures the monitored figure of a model on the eval split."""
        # What was compiled may be another model, over a frozen backbone's features.
        model.compile(metrics=self._metrics())
        return self._monitored(model)

    def by_gradient(self, stage: TrainingStage, model: keras.Model) -> StageOutcome:
        """Trains what of a model is trainable, and leaves it with the weights of the stage's best epoch."""
        job, planned, first = self._job, stage.plan, len(self.history)
        smote = synthetic_embeddings(job, self._class_counts, planned)
        counts = self._class_counts + (0 if smote is None else np.asarray(smote.make))
        plan = batch_plan(job, counts, planned, self._epoch)
        projected = self._with_projection(planned, model)
        batches = stage_batches(job, projected, planned, plan, self.eval_batches, smote)
        small = job.inputs.image is None or batches.network is not projected
        switches = self._compile(planned, batches.network, counts, plan.num_batches, small)
        trace_once(batches.network, projected.output_shape[-1])
        best = BestEpoch(
            job.training.monitor, job.training.patience, first + (planned.class_weights_from or 0)
        )
        self._fit(planned, batches, [*switches, best], plan.num_batches)
        measured = self._with_measured_batch_norm(planned, batches.network, plan)
        self._epochs_to_come -= planned.epochs
        return StageOutcome(
            name=planned.name,
            epochs=len(self.history) - first,
            value=best.value if measured is None else measured,
            best_epoch=best.epoch,
            prior=tuple(stage.prior_after(best.epoch - first, job, counts)),
            trained_parameters=num_trained(model),
        )

    def _compile(
        self, stage: Stage, network: keras.Model, class_counts: np.ndarray, num_batches: int, small: bool
    ) -> list[keras.callbacks.Callback]:
        """Compiles the network for a stage, and returns the callbacks that belong to its loss."""
        job = self._job
        loss, switches = stage_objective(job.loss, job.model, class_counts, stage, len(self.history))
        at_once = steps_at_once(num_batches, small=small, each_step_counts=job.training.ema is not None)
        finite = FiniteLoss()
        network.compile(
            self._optimizer(stage, network, num_batches),
            finite.watched(loss) if at_once > 1 else loss,
            metrics=self._metrics(),
            steps_per_execution=at_once,
        )
        return [finite, EpochCounter(self._epoch, stage.start), *switches]

    def _fit(
        self,
        stage: Stage,
        batches: StageBatches,
        callbacks: Sequence[keras.callbacks.Callback],
        num_batches: int,
    ) -> None:
        first, decay = len(self.history), self._job.training.ema
        self._log.stage = stage.name
        with frozen_batch_norm_as_affine(batches.network):
            batches.network.fit(
                batches.train,
                validation_data=batches.evaluation,
                initial_epoch=first,
                epochs=first + stage.epochs,
                callbacks=[
                    *callbacks,
                    self._log,
                    EpochProgress(first + self._epochs_to_come, num_batches),
                    *self._callbacks,
                    # Last: those before it are to see the average at an epoch's end.
                    WeightAverage(decay) if decay is not None else OptimizerAverage(),
                ],
                # The batches come shuffled, and Keras 3 warns where it is told to shuffle them itself.
                shuffle=False,
                verbose=0,
            )

    def _with_measured_batch_norm(self, stage: Stage, network: keras.Model, plan: BatchPlan) -> float | None:
        """Measures statistics of batch normalisation where a stage asks for it; returns the monitored figure then."""
        if not self._job.training.precise_batch_norm or not stage.trains_backbone:
            return None
        unmixed = self._job.train.training_batches(plan.batch_size, self._class_counts, plan.seed)
        if not measure_batch_norm(network, unmixed, plan.batch_size):
            return None
        return self._monitored(network)

    def _monitored(self, network: keras.Model) -> float:
        figures = network.evaluate(self.eval_batches, return_dict=True, verbose=0)
        value: float = figures[self._job.training.monitor.removeprefix("val_")]
        return value

    def _metrics(self) -> list[keras.metrics.Metric]:
        num_classes, num_records = len(self._class_counts), self._num_eval_records
        metrics = make_metrics(num_classes, num_records)
        if self._job.training.monitor == "val_refined_loss":
            metrics.append(RefinedLoss(num_classes, num_records))
        return metrics

    def _with_projection(self, stage: Stage, model: keras.Model) -> keras.Model:
        """Returns the classifier, with a projection where the stage learns features by a contrastive loss."""
        if not self._job.loss.contrastive or stage.balanced:
            return model
        if self._projection is None:
            self._projection = Projection(seed=self._job.seed, name="projection")
        return with_projection(model, self._projection)

    def _optimizer(self, stage: Stage, model: keras.Model, steps: int) -> keras.optimizers.Optimizer:
        settings = self._job.training.optimizer
        changes: dict[str, float] = {
            "learning_rate": stage.learning_rate,
            "warmup_epochs": min(settings.warmup_epochs, stage.epochs - 1),
        }
        if self._job.inputs.image is None or not stage.trains_backbone:
            changes["backbone_rate"] = 1.0
        return make_optimizer(
            settings.model_copy(update=changes),
            steps_per_epoch=steps,
            epochs=stage.epochs,
            model=model,
            backbone=self._job.model.image.backbone,
        )
