"""Remix: records blended as by mixup, of which the rarer class may take the whole label."""

import tensorflow as tf

from models.input.mixing import Mixing
from models.input.mixings.pairs import Mixed, Pairs


def remix(pairs: Pairs, mixing: Mixing) -> Mixed:
    """Blends records as by mixup; the rarer class may take the whole label.

    It does where its count is at most 1 / kappa of the other's, and the other's share below tau.

    Reference: Chou et al., "Remix: Rebalanced Mixup", 2020, https://arxiv.org/abs/2007.03943

    Args:
        pairs: The records.
        mixing: `kappa` and `tau`.
    """
    return Mixed(pairs.all_blended(), remixed(pairs.share, pairs.count, pairs.partner_count, mixing))


def remixed(share: tf.Tensor, count: tf.Tensor, other_count: tf.Tensor, mixing: Mixing) -> tf.Tensor:
    """Gives a rare class the whole label: the share of the first label by remix, all float32 `(batch,)`."""
    loses = (count >= mixing.kappa * other_count) & (share < mixing.tau)
    wins = (other_count >= mixing.kappa * count) & (1 - share < mixing.tau)
    return tf.where(loses, 0.0, tf.where(wins, 1.0, share))
