"""Cross-entropy whose targets are smoothed the more, the more records their class has."""

import math
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from models.network.losses.checks import check_range, class_values, cross_entropy
from models.network.losses.class_weighted import CountBased

FORMS = ("concave", "linear", "convex")


@keras.saving.register_keras_serializable(package="counterpoise")
class LabelAwareSmoothing(CountBased):
    """Computes the cross-entropy with label smoothing by class: most for the largest class.

    A network trained on a long tail is over-confident of its frequent classes. For a record of class y, with
    p the softmax of its K logits and e_y the smoothing of its class,

        loss = -w_y * ( (1 - e_y) log(p_y) + e_y / (K - 1) * sum_{k != y} log(p_k) )

    With r_k = (n_k - min(n)) / (max(n) - min(n)), from 0 for the smallest class to 1 for the largest,

        e_k = tail + (head - tail) * f(r_k)
        f(r) = sin(pi r / 2) concave | r linear | 1 + sin(3 pi / 2 + pi r / 2) convex

    Where all classes are of one size there is no head, and e_k is `tail`.

    The paper uses it in its second stage, on classes drawn alike. Its published code spreads e_y over all K
    classes; this is the formula of the paper.

    Call arguments:
        y_true: Class indices, any numeric dtype, `(batch,)` or `(batch, 1)`.
        y_pred: Logits, float `(batch, num_classes)`.
        sample_weight: Optional weight of each record, `(batch,)`; multiplies the class weight.

    Example: counts `[9, 1]` with `head=0.2, tail=0` and logits `[[log 3, 0]]`, label 0, give
    `-(0.8 log(3/4) + 0.2 log(1/4)) = 0.507`.

    Reference: Zhong et al., "Improving Calibration for Long-Tailed Recognition", 2021,
    https://arxiv.org/abs/2104.00466

    Args:
        class_counts: Numbers of training records, `(num_classes,)`, each above 0.
        head: Smoothing of the largest class, in [0, 1), at least `tail`. The paper's values run from 0.1 for
            ten classes to 0.4 for many.
        tail: Smoothing of the smallest class, in [0, 1).
        form: How smoothing grows with the count: `concave`, `linear` or `convex`.
        class_weights: Weights, `(num_classes,)`, each above 0; None weighs all classes by 1.
        name: Name of the loss.
        **kwargs: What `keras.losses.Loss` takes besides.

    Raises:
        ValueError: An argument is out of range, or the shapes of a call do not fit.
    """

    def __init__(
        self,
        class_counts: Sequence[float] | np.ndarray,
        head: float = 0.1,
        tail: float = 0.0,
        form: str = "concave",
        class_weights: Sequence[float] | None = None,
        name: str = "label_aware_smoothing",
        **kwargs: Any,
    ):
        super().__init__(class_counts, class_weights, name=name, **kwargs)
        self.head, self.tail = check_range("head", head, below=1), check_range("tail", tail, below=1)
        if head < tail:
            raise ValueError(
                f"`head` must be at least `tail`: larger classes are smoothed more. Received: head={head}, "
                f"tail={tail}"
            )
        if form not in FORMS:
            raise ValueError(f"`form` must be one of {', '.join(FORMS)}. Received: form={form!r}")
        self.form = form

    @property
    def smoothing(self) -> list[float]:
        """Smoothing of each class, `(num_classes,)`, in [tail, head]."""
        counts = np.asarray(self.class_counts)
        size = (counts - counts.min()) / max(np.ptp(counts), np.finfo(float).tiny)
        if self.form == "concave":
            size = np.sin(math.pi * size / 2)
        elif self.form == "convex":
            size = 1 + np.sin(1.5 * math.pi + math.pi * size / 2)
        return (self.tail + (self.head - self.tail) * size).tolist()

    def record_losses(self, labels: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
        own = cross_entropy(labels, logits)
        all_classes = -tf.reduce_sum(tf.nn.log_softmax(logits), axis=-1)
        smoothing = class_values(self.smoothing, labels)
        return (1 - smoothing) * own + smoothing / (len(self.class_counts) - 1) * (all_classes - own)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "head": self.head, "tail": self.tail, "form": self.form}
