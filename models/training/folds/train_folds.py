"""Trains one network for each fold, each on the records of all others, and joins them into one model."""

import dataclasses
import hashlib
import json
import os
import statistics
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import keras
import numpy as np

from core.out_of_fold import OutOfFold
from core.progress_events import report_progress
from models.network.ensemble import ensemble
from models.network.layers.layer_seed import layer_seed
from models.training.callbacks.epoch_log import EpochFigures
from models.training.folds.kept_folds import KeptFolds
from models.training.folds.parts import Parts, part_records, read_bookkeeping
from models.training.job import StageOutcome, Trained, TrainingJob
from models.training.stage_batches import EVAL_BATCH
from models.training.train import train

# Of a fold, the callbacks of its training.
FoldCallbacks = Callable[[int], Sequence[keras.callbacks.Callback]]


@dataclass(frozen=True)
class FoldFigures:
    """What a fold came to.

    Attributes:
        records: Records that its network was not trained on.
        best_epoch: Epoch of its training that its network has the weights of, counted from 1.
        monitor_value: The monitored figure of that epoch, on these records.
    """

    records: int
    best_epoch: int
    monitor_value: float


@dataclass(frozen=True)
class FoldedTraining:
    """Result of a training by folds.

    Attributes:
        trained: The networks as one; the history and the stages are those of all folds, one after the other, named
            `fold 1`, or `fold 1: <stage>`. The best is that of the fold with the best figure, with the mean figure.
        folds: What each fold came to; fewer than asked for where a class comes in fewer sets, and none where
            that leaves no two, and one network is trained on train.
        answers: The answers out of fold; None without folds.
        kept: The finished folds, which a call with the same job finds until `finish`; None without folds.
    """

    trained: Trained
    folds: tuple[FoldFigures, ...] = ()
    answers: OutOfFold | None = None
    kept: KeptFolds | None = None

    def finish(self) -> None:
        """Removes what was kept, once all that comes of the training is written down."""
        if self.kept is not None:
            self.kept.remove()


def train_folds(job: TrainingJob, kept_in: str | None, callbacks: FoldCallbacks) -> FoldedTraining:
    """Trains a classifier by folds: `job.training.folds` networks, the mean of whose probabilities answers.

    Train and eval are one for this, and parted anew. No network learns from a record of its own fold, nor from one
    that augmentation made of such a record. Each is put under the natural prior of the records before the mean is
    taken.

    Reference: Breiman, "Stacked regressions", 1996, https://doi.org/10.1007/BF00117832, for answers that each come
    from a model that has not seen the record.

    Args:
        job: What is trained, on what, and how.
        kept_in: Folder on a local file system that finished folds are kept in, so that a later call with
            the same job goes on; None keeps nothing.
        callbacks: Makes the callbacks of a fold, which is counted from 0.

    Raises:
        ValueError: Records have no keys, or see `train`.
        DivergedError: See `train`.
    """
    paths = [*job.train.paths, *job.evaluation.paths]
    with tempfile.TemporaryDirectory(prefix="folds") as work:
        parts = part_records(paths, job.train.feature_spec, work, job.training.folds, job.seed)
        if len(parts.own) < 2:
            trained = train(job, callbacks(0))
            return FoldedTraining(dataclasses.replace(trained, warnings=(*trained.warnings, _none(job))))
        kept = KeptFolds(os.path.join(kept_in or os.path.join(work, "kept"), _digest(job, parts)))
        for fold in range(len(parts.own)):
            _train_fold(job, parts, fold, kept, callbacks)
        # Read back also where they were trained just now: the network is the same whenever the training was killed.
        members = [kept.read(fold) for fold in range(len(parts.own))]
        return dataclasses.replace(_joined(job, parts, members), kept=kept)


def _train_fold(job: TrainingJob, parts: Parts, fold: int, kept: KeptFolds, callbacks: FoldCallbacks) -> None:
    of = f"Fold {fold + 1} of {len(parts.own)}"
    if kept.has(fold):
        report_progress(kind="note", text=f"  {of} is there from before.")
        return
    report_progress(kind="note", text=f"  {of}")
    # Layers without a name are counted by process, and the names go into the model.
    keras.backend.clear_session()
    own = dataclasses.replace(
        job,
        train=dataclasses.replace(job.train, paths=parts.training(fold)),
        evaluation=dataclasses.replace(job.evaluation, paths=[parts.own[fold]]),
        seed=layer_seed(job.seed, f"fold {fold}"),
    )
    kept.add(fold, train(own, callbacks(fold)))


def _joined(job: TrainingJob, parts: Parts, members: Sequence[Trained]) -> FoldedTraining:
    own = [dataclasses.replace(job.train, paths=[path]) for path in parts.own]
    counts = np.stack([files.class_counts(len(job.classes)) for files in own])
    natural = counts.sum(axis=0) / counts.sum()
    size = len(members)
    model = ensemble(
        [member.model for member in members],
        [1 / size] * size,
        [member.best.prior for member in members],
        natural,
    )
    folds = tuple(
        FoldFigures(int(count), member.best.best_epoch, member.best.value)
        for count, member in zip(counts.sum(axis=1), members, strict=True)
    )
    made = [dataclasses.replace(job.train, paths=[path]) for path in parts.made.values()]
    drawn_from = counts.sum(axis=0) + sum(files.class_counts(len(job.classes)) for files in made)
    trained = _as_one(members, model, drawn_from, natural, job.training.monitor)
    if size < job.training.folds:
        trained = dataclasses.replace(trained, warnings=(*trained.warnings, _fewer(job, size)))
    return FoldedTraining(trained, folds, _answers(job, parts, members, natural))


def _as_one(
    members: Sequence[Trained], model: keras.Model, class_counts: np.ndarray, prior: np.ndarray, monitor: str
) -> Trained:
    """Puts what the members came to one after the other, the epochs counted through."""
    history: list[EpochFigures] = []
    stages, bests = [], []
    for number, member in enumerate(members):
        before, name = len(history), f"fold {number + 1}"

        def named(stage: str, name: str = name, single: bool = len(member.stages) == 1) -> str:
            return name if single else f"{name}: {stage}"

        def moved(
            stage: StageOutcome, before: int = before, named: Callable[[str], str] = named
        ) -> StageOutcome:
            return dataclasses.replace(stage, name=named(stage.name), best_epoch=before + stage.best_epoch)

        history += [
            {**epoch, "epoch": before + int(epoch["epoch"]), "stage": named(str(epoch["stage"]))}
            for epoch in member.history
        ]
        stages += [moved(stage) for stage in member.stages]
        bests.append(moved(member.best))
    sign = 1 if monitor.endswith("loss") else -1
    best = min(bests, key=lambda one: np.inf if np.isnan(one.value) else sign * one.value)
    return Trained(
        model,
        class_counts,
        history,
        tuple(stages),
        dataclasses.replace(
            best, value=statistics.fmean(one.value for one in bests), prior=tuple(prior.tolist())
        ),
        tuple(dict.fromkeys(warning for member in members for warning in member.warnings)),
    )


def _answers(job: TrainingJob, parts: Parts, members: Sequence[Trained], prior: np.ndarray) -> OutOfFold:
    keys: list[bytes] = []
    labels, folds, answers = [], [], []
    singles = [ensemble([member.model], [1.0], [member.best.prior], prior) for member in members]
    for fold, path in enumerate(parts.own):
        records = read_bookkeeping([path], job.train.feature_spec)
        batches = dataclasses.replace(job.train, paths=[path]).batches(EVAL_BATCH, len(records.keys))
        answers.append(np.stack([single.predict(batches, verbose=0) for single in singles]))
        keys += records.keys
        labels.append(records.labels)
        folds.append(np.full(len(records.keys), fold))
    order = sorted(range(len(keys)), key=keys.__getitem__)
    return OutOfFold(
        [keys[row].decode(errors="backslashreplace") for row in order],
        list(job.classes),
        np.concatenate(labels)[order],
        np.concatenate(folds)[order],
        np.concatenate(answers, axis=1)[:, order],
    )


def _digest(job: TrainingJob, parts: Parts) -> str:
    """Returns what differs with all that a training depends on, as hexadecimal digits."""
    settings = {
        name: getattr(job, name).model_dump(mode="json")
        for name in ("model", "loss", "training", "augmentation")
    }
    content = [parts.digest, len(parts.own), job.seed, repr(job.inputs), list(job.classes), settings]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]


def _none(job: TrainingJob) -> str:
    return (
        f"training.folds: {job.training.folds} were asked for, and there is a class whose records all belong together, "
        "so that none can be left to learn from: one network was trained on train, and eval picked its epoch."
    )


def _fewer(job: TrainingJob, folds: int) -> str:
    return (
        f"training.folds: {job.training.folds} were asked for, and there is a class of which no more than {folds} "
        f"folds can each hold some: {folds} networks were trained."
    )
