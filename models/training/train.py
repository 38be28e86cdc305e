"""Trains a classifier from settings: what the Trainer and the Tuner both call."""

import math
from collections.abc import Iterator, Sequence

import keras
import numpy as np
import tensorflow as tf

from models.network.branches.inference import inference_model
from models.network.classifier import build_classifier
from models.network.fine_tuning import fine_tuning_warnings
from models.network.losses.implied_prior import bias_counts
from models.training.compatibility import conflicts
from models.training.devices import strategy_for, visible_devices
from models.training.job import StageOutcome, Trained, TrainingJob
from models.training.plan import Stage, plan_stages
from models.training.precision import compute_precision
from models.training.stage_runner import StageRunner
from models.training.stages.make_stage import make_stage
from models.training.stages.training_stage import TrainingStage


# Nothing of ours branches on a tensor in Python, and AutoGraph's rewriting of it would take seconds.
@tf.autograph.experimental.do_not_convert
def train(job: TrainingJob, callbacks: Sequence[keras.callbacks.Callback] = ()) -> Trained:
    """Trains a classifier, stage by stage, and keeps the weights of the best epoch of all.

    Every stage starts from the best weights so far. Where a later stage comes to no better figure, the
    earlier weights are kept, and a warning says so.

    Args:
        job: What is trained, on what, and how.
        callbacks: Further Keras callbacks; they see every stage's epochs, counted through.

    Returns:
        The trained network, and how it got there.

    Raises:
        ValueError: A class has no record, or settings do not go together.
        DivergedError: The loss is no longer a finite number.
    """
    problems = conflicts(job.model, job.loss, job.training, job.augmentation, job.inputs.image is not None)
    if problems:
        raise ValueError("\n".join(problems))
    keras.utils.set_random_seed(job.seed)
    tf.config.experimental.enable_op_determinism()
    class_counts = job.train.class_counts(len(job.classes))
    stages = plan_stages(job.model, job.training, job.inputs.image is not None)
    devices = visible_devices()
    outcomes: list[StageOutcome] = []
    with compute_precision(job.training.mixed_precision), strategy_for(devices).scope():
        model = _classifier(job, class_counts)
        runner = StageRunner(job, class_counts, stages, callbacks)
        best, weights = None, model.get_weights()
        for stage in stages:
            outcome, trained = runner.run(make_stage(stage), model, best)
            outcomes.append(outcome)
            if best is None or _is_better(outcome, best, job.training.monitor):
                best, weights, model = outcome, trained.get_weights(), trained
            else:
                model.set_weights(weights)
    assert best is not None
    if job.training.mixed_precision or len(devices) > 1:
        kept = next(stage for stage in stages if stage.name == best.name)
        model = _plain(job, class_counts, make_stage(kept), weights)
    return Trained(
        inference_model(model),
        class_counts,
        runner.history,
        tuple(outcomes),
        best,
        warnings=tuple(_warnings(job, class_counts, stages, outcomes, best)),
    )


def _classifier(job: TrainingJob, class_counts: np.ndarray) -> keras.Model:
    return build_classifier(
        job.inputs, job.model, class_counts, job.seed, bias_counts(job.loss, class_counts)
    )


def _is_better(outcome: StageOutcome, best: StageOutcome, monitor: str) -> bool:
    if math.isnan(best.value):
        return not math.isnan(outcome.value)
    return outcome.value < best.value if monitor.endswith("loss") else outcome.value > best.value


def _plain(
    job: TrainingJob, class_counts: np.ndarray, stage: TrainingStage, weights: list[np.ndarray]
) -> keras.Model:
    """Rebuilds the network that a stage ended with in float32 and for one device, as it is served."""
    model = _classifier(job, class_counts)
    # Layers that a stage adds may read the weights of those below.
    model.set_weights(weights[: len(model.get_weights())])
    extended = stage.extended(model)
    extended.set_weights(weights)
    return extended


def _warnings(
    job: TrainingJob,
    class_counts: np.ndarray,
    stages: Sequence[Stage],
    outcomes: Sequence[StageOutcome],
    best: StageOutcome,
) -> Iterator[str]:
    if job.inputs.image is not None:
        yield from fine_tuning_warnings(job.model.image, job.classes, class_counts)
    if job.augmentation.in_training and not any(stage.keeps_features for stage in stages):
        yield (
            f"augmentation.image: embedding_smote made nothing: of {job.training.epochs} epochs none is frozen. Set "
            "model.image.frozen_epochs, or train for longer."
        )
    monitor = job.training.monitor
    for outcome in outcomes[outcomes.index(best) + 1 :]:
        yield (
            f"The stage {outcome.name} came to {monitor} {outcome.value:.4f}, which is no better than "
            f"{best.value:.4f} after {best.name}: the weights of {best.name} are kept."
        )
    if job.training.mixed_precision and not tf.config.list_physical_devices("GPU"):
        yield "training.mixed_precision is on without a GPU: on a CPU it makes training slower."
