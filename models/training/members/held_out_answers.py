"""Answers of members to the records that one of them was not trained on."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.out_of_fold import OutOfFold
from models.network.ensemble import EnsembleMember, ensemble
from models.training.job import TrainingJob
from models.training.members.member import Member
from models.training.members.parts import read_bookkeeping
from models.training.stage_batches import EVAL_BATCH


@dataclass(frozen=True)
class HeldOutAnswers:
    """What all members say of all records that are held out from one of them, sorted by key.

    Attributes:
        keys: Keys of the records.
        labels: Class indices, int64 `(records,)`.
        folds: int64 `(records,)`, which member was not trained on the record.
        network: The networks' log-probabilities, float32 `(members, records, classes)`, under one class prior.
        trees: Those of the trees, or None.
    """

    keys: list[bytes]
    labels: np.ndarray
    folds: np.ndarray
    network: np.ndarray
    trees: np.ndarray | None

    def of_held_out(self, log_probabilities: np.ndarray) -> np.ndarray:
        """Returns, of answers of all members, what the one says that does not know the record."""
        held_out: np.ndarray = log_probabilities[self.folds, np.arange(len(self.folds))]
        return held_out

    def out_of_fold(self, classes: Sequence[str], share: float) -> OutOfFold:
        """Returns the answers with network and trees as one; `share` is the network's."""
        keys = [key.decode(errors="backslashreplace") for key in self.keys]
        return OutOfFold(keys, list(classes), self.labels, self.folds, self.together(share))

    def together(self, share: float) -> np.ndarray:
        """Returns the log of the weighted mean of both probabilities, float32 `(members, records, classes)`."""
        if self.trees is None or share == 1:
            return self.network
        if share == 0:
            return self.trees
        both: np.ndarray = np.logaddexp(self.network + np.log(share), self.trees + np.log(1 - share))
        return both.astype(np.float32)


def held_out_answers(
    job: TrainingJob, paths: Sequence[str], members: Sequence[Member], prior: np.ndarray
) -> HeldOutAnswers:
    """Asks all members for their answers.

    Args:
        job: What was trained.
        paths: The file of each member's held-out records; several files where there is but one member.
        members: As many as folds.
        prior: Class shares that the answers are to assume, `(classes,)`.
    """
    by_fold = [[path] for path in paths] if len(members) > 1 else [list(paths)]
    parts = [member.parts(job, 0, 0.5) for member in members]
    networks = [_alone(of_member[0], prior) for of_member in parts]
    trees = [_alone(of_member[1], prior) for of_member in parts if len(of_member) > 1]
    keys: list[bytes] = []
    labels, folds, by_network, by_trees = [], [], [], []
    for fold, files in enumerate(by_fold):
        records = read_bookkeeping(files, job.train.feature_spec)
        batches = dataclasses.replace(job.train, paths=files).batches(EVAL_BATCH, len(records.keys))
        by_network.append(np.stack([one.predict(batches, verbose=0) for one in networks]))
        if trees:
            by_trees.append(np.stack([one.predict(batches, verbose=0) for one in trees]))
        keys += records.keys
        labels.append(records.labels)
        folds.append(np.full(len(records.keys), fold))
    order = sorted(range(len(keys)), key=keys.__getitem__)
    return HeldOutAnswers(
        [keys[row] for row in order],
        np.concatenate(labels)[order],
        np.concatenate(folds)[order],
        np.concatenate(by_network, axis=1)[:, order],
        np.concatenate(by_trees, axis=1)[:, order] if trees else None,
    )


def _alone(part: EnsembleMember, prior: np.ndarray):
    """Puts one model under the prior."""
    return ensemble([dataclasses.replace(part, weight=1.0)], prior)
