"""Answers of members to the records that one of them was not trained on."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import log_softmax

from core.out_of_fold import OutOfFold
from models.network.ensemble import side_by_side
from models.training.job import TrainingJob
from models.training.members.member import Member, models_of
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
    models = models_of(job, members, 0.5)
    asked = side_by_side(models)
    keys: list[bytes] = []
    labels, folds, logits = [], [], []
    for fold, files in enumerate(by_fold):
        records = read_bookkeeping(files, job.train.feature_spec)
        batches = dataclasses.replace(job.train, paths=files).batches(EVAL_BATCH, len(records.keys))
        logits.append(asked.predict(batches, verbose=0))
        keys += records.keys
        labels.append(records.labels)
        folds.append(np.full(len(records.keys), fold))
    order = sorted(range(len(keys)), key=keys.__getitem__)
    learnt_under = np.array([of for one in models for of in one.priors])
    # By Bayes' rule, one prior for the others.
    shifted = np.concatenate(logits)[order] + np.log(prior / learnt_under)
    answers = log_softmax(shifted, axis=2).transpose(1, 0, 2).astype(np.float32)
    return HeldOutAnswers(
        [keys[row] for row in order],
        np.concatenate(labels)[order],
        np.concatenate(folds)[order],
        answers[: len(members)],
        answers[len(members) :] if len(answers) > len(members) else None,
    )
