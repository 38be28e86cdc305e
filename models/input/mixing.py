"""Blends of two records of a batch, for training alone."""

from collections.abc import Sequence
from dataclasses import dataclass

import tensorflow as tf

from core.augmentation.settings import AugmentationSettings
from models.catalogue.mixing import MIXINGS
from models.catalogue.row import names_of, row_of
from models.input.mixings.pairs import Pairs

KINDS = ("none", *names_of(MIXINGS))


@dataclass(frozen=True)
class Mixing:
    """What is done to each training batch.

    Attributes:
        kind: none, or a mixing of the catalogue: see `mix_batch`.
        alpha: Both parameters of the Beta distribution that shares are drawn from, above 0.
        kappa: remix only: ratio of class counts, at least 1, from which the rarer class may take the label.
        tau: remix only: in [0, 1]; the rarer class takes the label where the commoner's share is below it.
        crop: Whether images are shifted by padding and cropping: see `crop_flip`.
        flip: Whether half of the images are mirrored left and right.
        turn: Whether images are turned, zoomed and sheared: see `turn_zoom`.
        turn_strength: turn only: how far, in (0, 1], for all classes alike; None is further for rarer ones.

    Raises:
        ValueError: A value is out of range.
    """

    kind: str = "none"
    alpha: float = 1.0
    kappa: float = 3.0
    tau: float = 0.5
    crop: bool = False
    flip: bool = False
    turn: bool = False
    turn_strength: float | None = None

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"`kind` must be one of {', '.join(KINDS)}. Received: kind={self.kind!r}")
        if not (self.alpha > 0 and self.kappa >= 1 and 0 <= self.tau <= 1):
            raise ValueError(
                "`alpha` must be above 0, `kappa` at least 1 and `tau` in [0, 1]. "
                f"Received: alpha={self.alpha}, kappa={self.kappa}, tau={self.tau}"
            )
        if self.turn_strength is not None and not 0 < self.turn_strength <= 1:
            raise ValueError(
                f"`turn_strength` must be in (0, 1] or None. Received: turn_strength={self.turn_strength}"
            )

    @property
    def mixes_labels(self) -> bool:
        return self.kind != "none"

    @classmethod
    def from_settings(cls, settings: AugmentationSettings) -> "Mixing | None":
        """Reads what an experiment's `augmentation` asks of training batches.

        Args:
            settings: `image` may name a mixing; strategies that are carried out before training are left to the
                MinorityAugmenter. `crop_flip` shifts and mirrors, but only shifts with the `preset` text.
                `turn_zoom` turns, zooms and shears, as far as `strength` says.

        Returns:
            What to do, or None if nothing.
        """
        kind = settings.image if settings.image in KINDS else "none"
        crop, turn = settings.crop_flip, settings.turn_zoom
        if kind == "none" and not crop and not turn:
            return None
        by_rarity = settings.strength is True or not turn
        return cls(
            kind,
            settings.alpha,
            crop=crop,
            flip=crop and settings.preset != "text",
            turn=turn,
            turn_strength=None if by_rarity else float(settings.strength or 1.0),
        )


def mix_batch(
    inputs: dict[str, tf.Tensor],
    labels: tf.Tensor,
    mixing: Mixing,
    class_counts: Sequence[int],
    seed: tf.Tensor,
) -> tuple[dict[str, tf.Tensor], tf.Tensor]:
    """Blends every record with another of its batch.

    The share s of each record is drawn from Beta(alpha, alpha); what is made of a record and its partner is said in
    the mixing's own file: `mixup`, `cutmix`, `remix`. Numeric columns and missing flags are blended by the shares.
    Categories have no value between them: those of the record with the greater share are taken.

    Args:
        inputs: As the network takes them: `image`, float32 `(batch, height, width, channels)`; `numeric` and
            `missing`, float32 `(batch, columns)`; `categorical`, int64 `(batch, columns)`. Any may be absent.
            Other floats are blended by the shares.
        labels: Class indices, int64 `(batch,)`.
        mixing: Which blend.
        class_counts: Numbers of training records, `(num_classes,)`.
        seed: int64 `(2,)`, decides all.

    Returns:
        The inputs, and labels, float32 `(batch, 3)`: the dominant label, the other, and the dominant one's
        share in [0.5, 1].
    """
    seeds = tf.random.experimental.stateless_split(seed, 3)
    size = tf.shape(labels)[0]
    partner = tf.argsort(tf.random.stateless_uniform((size,), seeds[0]), stable=True)
    share = _beta(size, mixing.alpha, seeds[1])
    other = tf.gather(labels, partner)
    count, other_count = (tf.gather(tf.cast(class_counts, tf.float32), each) for each in (labels, other))
    mix = row_of(MIXINGS, mixing.kind).load()
    mixed = mix(Pairs(inputs, partner, share, count, other_count, seeds[2]), mixing)
    return mixed.inputs, _mixed_labels(labels, other, mixed.share)


def _beta(size: tf.Tensor, alpha: float, seed: tf.Tensor) -> tf.Tensor:
    """Draws from Beta(alpha, alpha) as G / (G + G'), with G ~ Gamma(alpha) = Gamma(alpha + 1) U^(1 / alpha).

    In logarithms, as with a small alpha both gammas would round to 0.
    """
    seeds = tf.random.experimental.stateless_split(seed, 2)
    gammas = tf.random.stateless_gamma((2, size), seeds[0], alpha + 1.0)
    uniform = 1.0 - tf.random.stateless_uniform((2, size), seeds[1])  # Above 0.
    logs = tf.math.log(gammas) + tf.math.log(uniform) / alpha
    return tf.sigmoid(logs[0] - logs[1])


def _mixed_labels(labels: tf.Tensor, other: tf.Tensor, share: tf.Tensor) -> tf.Tensor:
    is_dominant = share >= 0.5
    first, second = tf.cast(labels, tf.float32), tf.cast(other, tf.float32)
    return tf.stack(
        [
            tf.where(is_dominant, first, second),
            tf.where(is_dominant, second, first),
            tf.maximum(share, 1 - share),
        ],
        axis=1,
    )
