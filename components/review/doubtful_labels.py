"""Chooses the records of a run whose labels a person should look at, and says why."""

from collections.abc import Collection, Sequence

import numpy as np

from components.review.contradictions import Contradictions, find_contradictions
from components.review.item import Item
from components.review.label_suspicion import Suspicion, suspect_labels
from components.review.review_order import interleaved, rarer_class


def doubtful_labels(
    keys: Sequence[str],
    classes: Sequence[str],
    labels: np.ndarray,
    where: Sequence[str],
    probabilities: np.ndarray,
    sources: np.ndarray,
    embeddings: np.ndarray,
    contents: np.ndarray,
    hashes: np.ndarray,
    most: int,
    seen: Collection[str] = (),
) -> list[Item]:
    """Lists the labels that are probably wrong, and those that another record contradicts.

    A record's score is the higher of the two. A label that nothing but a low probability speaks against is not doubted:
    another class must be the likelier.

    Args:
        keys: Keys of the records.
        classes: Names of the classes.
        labels: Class indices, int `(records,)`.
        where: Split of each record.
        probabilities: See suspect_labels, also for `sources` and `embeddings`.
        sources: Likewise.
        embeddings: Likewise.
        contents: See find_contradictions, also for `hashes`.
        hashes: Likewise.
        most: Number of records wanted.
        seen: Keys of records that a person has looked at before; they are left out.

    Returns:
        In the order to look at them; see interleaved.
    """
    suspicion = suspect_labels(probabilities, labels, sources, embeddings)
    against = find_contradictions(labels, contents, hashes)
    doubted = np.where(suspicion.suggested != labels, suspicion.score, 0.0)
    by_others = against.score > doubted
    score = np.where(by_others, against.score, doubted)
    suggested = np.where(by_others, against.suggested, suspicion.suggested)
    if seen:
        score[[key in seen for key in keys]] = 0
    counts = np.bincount(labels, minlength=len(classes))
    return [
        Item(
            key=keys[row],
            where=where[row],
            label=classes[labels[row]],
            suggested=classes[suggested[row]],
            kind="contradiction" if by_others[row] else "label",
            reason=" ".join(
                sentence
                for sentence in (
                    _why_contradicted(row, keys, classes, against),
                    _why_doubted(row, classes, labels, probabilities, suspicion),
                )
                if sentence
            ),
            score=float(score[row]),
        )
        for row in interleaved(score, rarer_class(labels, suggested, counts), most)
    ]


def _why_contradicted(row: int, keys: Sequence[str], classes: Sequence[str], against: Contradictions) -> str:
    if against.partner[row] < 0:
        return ""
    return f"It is like {keys[against.partner[row]]}, which is {classes[against.suggested[row]]!r}."


def _why_doubted(
    row: int, classes: Sequence[str], labels: np.ndarray, probabilities: np.ndarray, suspicion: Suspicion
) -> str:
    label, suggested = labels[row], suspicion.suggested[row]
    if suggested == label:
        return ""
    asked = (
        f"A model that was not trained on it gives {probabilities[row, suggested]:.2g} to {classes[suggested]!r} and "
        f"{probabilities[row, label]:.2g} to {classes[label]!r}"
    )
    nearest = suspicion.nearest[row]
    if nearest < 0:
        return f"{asked}."
    return f"{asked}; among the embeddings it lies nearest to the middle of {classes[nearest]!r}."
