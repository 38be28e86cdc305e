"""Cross-entropy that asks rare classes to be ahead by a margin."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from models.network.losses.checks import check_range, class_values, cross_entropy
from models.network.losses.class_weighted import CountBased


@keras.saving.register_keras_serializable(package="counterpoise")
class LDAM(CountBased):
    """Computes the cross-entropy after a handicap for the record's own class, larger for rare classes.

    For a record of class y, with z its logits and n_k the training records of class k,

        m_k  = max_margin * (min(n) / n_k)**(1/4)
        loss = -w_y * log( exp(s (z_y - m_y)) / (exp(s (z_y - m_y)) + sum_{k != y} exp(s z_k)) )

    m_k is the paper's C / n_k**(1/4), with C such that the rarest class has `max_margin`.

    The paper's `scale` s of 30 and `max_margin` of 0.5 are for logits that are cosines, in [-1, 1], between
    a normalised embedding and a normalised class vector. Plain logits have no bound: `scale` 1, the
    default, is right for them, and a margin of 0.5 then asks the rarest class for odds exp(0.5) = 1.65
    times as high. A network can also meet the margin by growing its logits, so the effect is weaker
    than on cosines. With s other than 1 the softmax that was trained is that of `s z`. Where the network
    hands over cosines already multiplied by s, leave `scale` at 1 and set `max_margin` to 0.5 s.

    The paper re-weighs the classes, by effective number, only in the last epochs (DRW): make this loss once
    without and once with class weights.

    Call arguments:
        y_true: Class indices, any numeric dtype, `(batch,)` or `(batch, 1)`.
        y_pred: Logits, float `(batch, num_classes)`.
        sample_weight: Optional weight of each record, `(batch,)`; multiplies the class weight.

    Example: counts `[16, 1]` give the margins `[0.25, 0.5]`; logits `[[0, 0]]` and label 1 then give
    `log(1 + exp(0.5)) = 0.974`.

    Reference: Cao et al., "Learning Imbalanced Datasets with Label-Distribution-Aware Margin Loss", 2019,
    https://arxiv.org/abs/1906.07413

    Args:
        class_counts: Numbers of training records, `(num_classes,)`, each above 0.
        max_margin: Float, at least 0; margin of the rarest class. 0 is the cross-entropy of `s z`.
        scale: Float above 0; s.
        class_weights: Weights, `(num_classes,)`, each above 0; None weighs all classes by 1.
        name: Name of the loss.
        **kwargs: What `keras.losses.Loss` takes besides.

    Raises:
        ValueError: An argument is out of range, or the shapes of a call do not fit.
    """

    def __init__(
        self,
        class_counts: Sequence[float] | np.ndarray,
        max_margin: float = 0.5,
        scale: float = 1.0,
        class_weights: Sequence[float] | None = None,
        name: str = "ldam",
        **kwargs: Any,
    ):
        super().__init__(class_counts, class_weights, name=name, **kwargs)
        self.max_margin = check_range("max_margin", max_margin)
        if not 0 < scale < float("inf"):
            raise ValueError(f"`scale` must be finite and above 0. Received: scale={scale}")
        self.scale = float(scale)

    @property
    def margins(self) -> list[float]:
        """Margin of each class, `(num_classes,)`, above 0 unless `max_margin` is 0."""
        counts = np.asarray(self.class_counts)
        return (self.max_margin * (counts.min() / counts) ** 0.25).tolist()

    def record_losses(self, labels: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
        own_class = tf.one_hot(labels, len(self.class_counts), dtype=tf.float32)
        handicapped = logits - own_class * class_values(self.margins, labels)[:, tf.newaxis]
        return cross_entropy(labels, self.scale * handicapped)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "max_margin": self.max_margin, "scale": self.scale}
