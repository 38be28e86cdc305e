"""Chooses the new records that a person should label, and says why."""

from collections.abc import Sequence

import numpy as np

from components.review.item import Item
from components.review.worth_a_label import rare_class_doubt, spread_out

# Of the records wanted, those unlike all that was trained on are at most one in so many.
_UNLIKE_SHARE = 4


def records_to_label(
    keys: Sequence[str],
    classes: Sequence[str],
    probabilities: np.ndarray,
    prior: np.ndarray,
    embeddings: np.ndarray,
    unlike: np.ndarray,
    where: str,
    most: int,
) -> list[Item]:
    """Lists records without a class that are worth one, and such as are unlike all that was trained on.

    Args:
        keys: Keys of the records.
        classes: Names of the classes.
        probabilities: What the model says, float `(records, classes)`.
        prior: Class shares that it assumes, float `(classes,)`.
        embeddings: float `(records, units)`.
        unlike: See unlike_training.
        where: What the records are called.
        most: Number of records wanted.

    Returns:
        In the order to look at them, an unlike one before every three others while there are any.
    """
    doubt = rare_class_doubt(probabilities, prior)
    strange = [row for row in np.argsort(-unlike, kind="stable") if unlike[row] > 0][: most // _UNLIKE_SHARE]
    others = np.setdiff1d(np.arange(len(keys)), strange)
    doubtful = others[spread_out(doubt[others], embeddings[others], most - len(strange))]
    likeliest = probabilities.argmax(axis=1)

    def item(row: int, is_strange: bool) -> Item:
        best = np.argsort(-probabilities[row], kind="stable")[:2]
        says = " and ".join(f"{probabilities[row, place]:.2g} to {classes[place]!r}" for place in best)
        if is_strange:
            reason = f"Farther from every class than {unlike[row]:.1%} of the held-out records; the model gives {says}."
        else:
            reason = f"The model gives {says}."
        return Item(
            keys[row],
            where,
            None,
            classes[likeliest[row]],
            "unlike" if is_strange else "worth a label",
            reason,
            float(unlike[row] if is_strange else doubt[row]),
        )

    items: list[Item] = []
    rest = [item(row, False) for row in doubtful]
    for row in strange:
        items += [item(row, True), *rest[: _UNLIKE_SHARE - 1]]
        del rest[: _UNLIKE_SHARE - 1]
    return [*items, *rest]
