"""Mixup: records on the line between two, labels in the same shares."""

from models.input.mixing import Mixing
from models.input.mixings.pairs import Mixed, Pairs


def mixup(pairs: Pairs, mixing: Mixing) -> Mixed:
    """Blends each record x with its partner x' to `s x + (1 - s) x'`, and the labels in the same shares.

    Reference: Zhang et al., "mixup: Beyond Empirical Risk Minimization", 2018, https://arxiv.org/abs/1710.09412

    Args:
        pairs: The records.
        mixing: Nothing of it is read.
    """
    return Mixed(pairs.all_blended(), pairs.share)
