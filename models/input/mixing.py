"""Blends of two records of a batch, for training alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import tensorflow as tf

KINDS = ("none", "mixup", "cutmix", "remix")


@dataclass(frozen=True)
class Mixing:
    """What is done to each training batch.

    Attributes:
        kind: none, mixup, cutmix or remix: see `mix_batch`.
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
    def from_settings(cls, settings: Mapping[str, Any]) -> "Mixing | None":
        """Reads what an experiment's `augmentation` asks of training batches.

        Args:
            settings: `image` or, for tables, `tabular` may name mixup, cutmix or remix; `crop_flip` true
                shifts and mirrors, only shifts with the `preset` text. `turn_zoom` true turns, zooms and
                shears, as far as `strength` says. `alpha` as above. Strategies that are carried out before
                training are left to the MinorityAugmenter.

        Returns:
            What to do, or None if nothing.
        """
        named = [settings.get(name, "none") for name in ("image", "tabular")]
        kind = next((name for name in named if name in KINDS[1:]), "none")
        crop = bool(settings.get("crop_flip")) or "crop_flip" in named
        turn = bool(settings.get("turn_zoom"))
        if kind == "none" and not crop and not turn:
            return None
        given = {name: settings[name] for name in ("alpha", "kappa", "tau") if settings.get(name) is not None}
        strength = settings.get("strength", True)
        return cls(
            kind,
            crop=crop,
            flip=crop and settings.get("preset") != "text",
            turn=turn,
            turn_strength=None if strength is True or not turn else float(strength or 1.0),
            **given,
        )


def mix_batch(
    inputs: dict[str, tf.Tensor],
    labels: tf.Tensor,
    mixing: Mixing,
    class_counts: Sequence[int],
    seed: tf.Tensor,
) -> tuple[dict[str, tf.Tensor], tf.Tensor]:
    """Blends every record with another of its batch.

    With the share s of each record drawn from Beta(alpha, alpha), and x, x' the two records:

    - mixup: `s x + (1 - s) x'`, the labels in the same shares.
    - cutmix: x with a box of x' pasted in, of `1 - s` of its area, at a random place and cut at the
      borders; the labels in the shares of the pixels.
    - remix: x blended as by mixup; the rarer class takes the whole label where its count is at most
      1 / kappa of the other's and the other's share below tau.

    Numeric columns and missing flags are blended by the shares. Categories have no value between them:
    those of the record with the greater share are taken.

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

    Reference:
        Zhang et al., "mixup", 2018, https://arxiv.org/abs/1710.09412;
        Yun et al., "CutMix", 2019, https://arxiv.org/abs/1905.04899;
        Chou et al., "Remix", 2020, https://arxiv.org/abs/2007.03943.
    """
    seeds = tf.random.experimental.stateless_split(seed, 3)
    size = tf.shape(labels)[0]
    partner = tf.argsort(tf.random.stateless_uniform((size,), seeds[0]), stable=True)
    share = _beta(size, mixing.alpha, seeds[1])
    mixed = dict(inputs)
    if mixing.kind == "cutmix" and "image" in inputs:
        mixed["image"], share = _with_box(inputs["image"], partner, share, seeds[2])
    for name, values in inputs.items():
        if not (name == "image" and mixing.kind == "cutmix"):
            mixed[name] = _blended(values, tf.gather(values, partner), share)
    other = tf.gather(labels, partner)
    if mixing.kind == "remix":
        counts = tf.cast(class_counts, tf.float32)
        share = remixed(share, tf.gather(counts, labels), tf.gather(counts, other), mixing)
    return mixed, _mixed_labels(labels, other, share)


def remixed(share: tf.Tensor, count: tf.Tensor, other_count: tf.Tensor, mixing: Mixing) -> tf.Tensor:
    """Gives a rare class the whole label: the share of the first label by remix, all float32 `(batch,)`."""
    loses = (count >= mixing.kappa * other_count) & (share < mixing.tau)
    wins = (other_count >= mixing.kappa * count) & (1 - share < mixing.tau)
    return tf.where(loses, 0.0, tf.where(wins, 1.0, share))


def _beta(size: tf.Tensor, alpha: float, seed: tf.Tensor) -> tf.Tensor:
    """Draws from Beta(alpha, alpha) as G / (G + G'), with G ~ Gamma(alpha) = Gamma(alpha + 1) U^(1 / alpha).

    In logarithms, as with a small alpha both gammas would round to 0.
    """
    seeds = tf.random.experimental.stateless_split(seed, 2)
    gammas = tf.random.stateless_gamma((2, size), seeds[0], alpha + 1.0)
    uniform = 1.0 - tf.random.stateless_uniform((2, size), seeds[1])  # Above 0.
    logs = tf.math.log(gammas) + tf.math.log(uniform) / alpha
    return tf.sigmoid(logs[0] - logs[1])


def _blended(values: tf.Tensor, others: tf.Tensor, share: tf.Tensor) -> tf.Tensor:
    share = tf.reshape(share, [-1, *[1] * (values.shape.rank - 1)])
    if not values.dtype.is_floating:
        return tf.where(share >= 0.5, values, others)
    share = tf.cast(share, values.dtype)
    return share * values + (1 - share) * others


def _with_box(
    images: tf.Tensor, partner: tf.Tensor, share: tf.Tensor, seed: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor]:
    """Pastes boxes; returns the images, and the share of pixels that are still the first image's."""
    size = tf.shape(images)[0]
    centres = tf.random.stateless_uniform((2, size), seed)
    inside = []
    for axis in range(2):
        side = tf.cast(tf.shape(images)[1 + axis], tf.float32)
        half = tf.sqrt(1 - share) * side / 2
        first, last = (tf.round(centres[axis] * side + sign * half)[:, tf.newaxis] for sign in (-1, 1))
        places = tf.range(side)
        inside.append((places >= first) & (places < last))
    box = inside[0][:, :, tf.newaxis] & inside[1][:, tf.newaxis, :]
    kept = 1 - tf.reduce_mean(tf.cast(box, tf.float32), axis=[1, 2])
    return tf.where(box[..., tf.newaxis], tf.gather(images, partner), images), kept


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
