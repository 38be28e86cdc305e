"""Trains the members of a model, by folds where these are asked for, and joins them into one."""

import dataclasses
import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import keras
import numpy as np

from core.out_of_fold import OutOfFold
from core.progress_events import report_progress
from models.network.ensemble import ensemble
from models.training.job import Trained, TrainingJob
from models.training.members.as_one import trained_as_one
from models.training.members.blend import BlendFigures, blend_figures, network_share
from models.training.members.held_out_answers import HeldOutAnswers, held_out_answers
from models.training.members.kept_members import KeptMembers
from models.training.members.member import Member, models_of, train_member
from models.training.members.parts import Parts, part_records

# Of a member, the callbacks of its training.
MemberCallbacks = Callable[[int], Sequence[keras.callbacks.Callback]]


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
class TrainedMembers:
    """Result of a training.

    Attributes:
        trained: The members as one; of several, see `trained_as_one`.
        folds: What each fold came to; fewer than asked for where a class comes in fewer sets, and none where one
            network was trained on train, and eval picked its epoch.
        answers: The answers out of fold; None without folds.
        blend: What network and trees come to; None without trees.
        kept: The finished members, which a call with the same job finds until `finish`; None without folds.
    """

    trained: Trained
    folds: tuple[FoldFigures, ...] = ()
    answers: OutOfFold | None = None
    blend: BlendFigures | None = None
    kept: KeptMembers | None = None

    def finish(self) -> None:
        """Removes what was kept, once all that comes of the training is written down."""
        if self.kept is not None:
            self.kept.remove()


def train_members(job: TrainingJob, kept_in: str | None, callbacks: MemberCallbacks) -> TrainedMembers:
    """Trains a classifier: one network or, by folds, several, and trees beside each where these are enabled.

    With `job.training.folds` above 1 train and eval are one, and parted anew. No member learns from a record of its own
    fold, nor from one that augmentation made of such a record. The mean of their probabilities answers, once each is
    put under the natural prior of the records.

    Reference: Breiman, "Stacked regressions", 1996, https://doi.org/10.1007/BF00117832, for answers that each come
    from a model that has not seen the record.

    Args:
        job: What is trained, on what, and how.
        kept_in: Folder on a local file system that finished members are kept in, so that a later call with
            the same job goes on; None keeps nothing.
        callbacks: Makes the callbacks of a member, which is counted from 0.

    Raises:
        InputError: There are to be folds, and records have no keys.
        ValueError: See `train`.
        DivergedError: See `train`.
    """
    if job.training.folds == 1:
        return _single(job, callbacks)
    paths = [*job.train.paths, *job.evaluation.paths]
    with tempfile.TemporaryDirectory(prefix="folds") as work:
        parts = part_records(paths, job.train.feature_spec, work, job.training.folds, job.seed)
        if len(parts.own) < 2:
            return _with_warning(_single(job, callbacks), _no_folds(job))
        kept = KeptMembers(kept_in or os.path.join(work, "kept"), _digest(job, parts))
        for fold in range(len(parts.own)):
            _train_fold(job, parts, fold, kept, callbacks)
        # Read back also where they were trained just now: the model is the same whenever the training was killed.
        members = [kept.read(fold) for fold in range(len(parts.own))]
        joined = dataclasses.replace(_by_folds(job, parts, members), kept=kept)
        return (
            _with_warning(joined, _fewer(job, len(members))) if len(members) < job.training.folds else joined
        )


def _single(job: TrainingJob, callbacks: MemberCallbacks) -> TrainedMembers:
    member = train_member(job, callbacks(0))
    if member.trees is None:
        return TrainedMembers(member.network)
    natural = member.network.class_counts / member.network.class_counts.sum()
    answers = held_out_answers(job, job.evaluation.paths, [member], natural)
    share, figures = _blend(job, answers)
    model = ensemble(models_of(job, [member], share), natural)
    best = dataclasses.replace(member.network.best, prior=tuple(natural.tolist()))
    return TrainedMembers(dataclasses.replace(member.network, model=model, best=best), blend=figures)


def _train_fold(
    job: TrainingJob, parts: Parts, fold: int, kept: KeptMembers, callbacks: MemberCallbacks
) -> None:
    of = f"Fold {fold + 1} of {len(parts.own)}"
    if kept.has(fold):
        report_progress(kind="note", text=f"  {of} is there from before.")
        return
    report_progress(kind="note", text=f"  {of}")
    # Layers without a name are counted by process, and the names go into the model.
    keras.backend.clear_session()
    kept.add(fold, train_member(parts.job(job, fold), callbacks(fold)))


def _by_folds(job: TrainingJob, parts: Parts, members: Sequence[Member]) -> TrainedMembers:
    counts = np.stack([_class_counts(job, path) for path in parts.own])
    natural = counts.sum(axis=0) / counts.sum()
    answers = held_out_answers(job, parts.own, members, natural)
    share, figures = _blend(job, answers)
    model = ensemble(models_of(job, members, share), natural)
    networks = [member.network for member in members]
    drawn_from = counts.sum(axis=0) + sum(_class_counts(job, path) for path in parts.made.values())
    return TrainedMembers(
        trained_as_one(networks, model, drawn_from, natural, job.training.monitor),
        tuple(
            FoldFigures(int(count), network.best.best_epoch, network.best.value)
            for count, network in zip(counts.sum(axis=1), networks, strict=True)
        ),
        answers.out_of_fold(job.classes, share),
        figures,
    )


def _blend(job: TrainingJob, answers: HeldOutAnswers) -> tuple[float, BlendFigures | None]:
    """Returns the network's share, and what it is chosen by; 1 and None without trees."""
    if answers.trees is None:
        return 1.0, None
    network, trees = answers.of_held_out(answers.network), answers.of_held_out(answers.trees)
    is_fitted = job.model.blend == "fitted"
    share = network_share(network, trees, answers.labels) if is_fitted else float(job.model.blend)
    together = answers.of_held_out(answers.together(share))
    return share, blend_figures(share, is_fitted, network, trees, together, answers.labels)


def _class_counts(job: TrainingJob, path: str) -> np.ndarray:
    return dataclasses.replace(job.train, paths=[path]).class_counts(len(job.classes))


def _digest(job: TrainingJob, parts: Parts) -> str:
    """Returns what differs with all that a training depends on, as hexadecimal digits."""
    settings = {
        name: getattr(job, name).model_dump(mode="json")
        for name in ("model", "loss", "training", "augmentation")
    }
    content = [parts.digest, len(parts.own), job.seed, repr(job.inputs), list(job.classes), settings]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]


def _with_warning(result: TrainedMembers, warning: str) -> TrainedMembers:
    trained = dataclasses.replace(result.trained, warnings=(*result.trained.warnings, warning))
    return dataclasses.replace(result, trained=trained)


def _no_folds(job: TrainingJob) -> str:
    return (
        f"training.folds: {job.training.folds} were asked for, and there is a class whose records all belong together, "
        "so that none can be left to learn from: one network was trained on train, and eval picked its epoch."
    )


def _fewer(job: TrainingJob, folds: int) -> str:
    return (
        f"training.folds: {job.training.folds} were asked for, and there is a class of which no more than {folds} "
        f"folds can each hold some: {folds} networks were trained."
    )
