"""Cross-entropy of logits to which the log prior is added while training."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from models.network.losses.checks import check_range, cross_entropy
from models.network.losses.class_weighted import CountBased


@keras.saving.register_keras_serializable(package="counterpoise")
class LogitAdjusted(CountBased):
    """Computes the cross-entropy of logits shifted by `tau` times the log prior.

    For a record of class y, with z its logits and pi_k = n_k / sum(n) the share of class k,

        loss = -w_y * log( exp(z_y + tau log pi_y) / sum_k exp(z_k + tau log pi_k) )

    The prior is explained by the shift, so the logits need not learn it: with `tau=1` their softmax
    answers as if all classes were equally frequent, and their argmax aims at balanced accuracy. The
    logits are served without the shift; `implied_prior` says which prior is left in them. A bias that
    starts at the log prior would count it twice: start it from `bias_counts`.

    The paper's post-hoc form, subtracting `tau log pi` from the logits of a plain cross-entropy at
    decision time, is no loss and has no place here.

    Call arguments:
        y_true: Class indices, any numeric dtype, `(batch,)` or `(batch, 1)`.
        y_pred: Logits, float `(batch, num_classes)`.
        sample_weight: Optional weight of each record, `(batch,)`; multiplies the class weight.

    Example: counts `[3, 1]`, logits `[[0, 0]]`, label 1 and `tau=1` give `-log(1/4) = 1.386`.

    Reference: Menon et al., "Long-tail learning via logit adjustment", 2021, equation 10,
    https://arxiv.org/abs/2007.07314

    Args:
        class_counts: Numbers of training records, `(num_classes,)`, each above 0.
        tau: Float, at least 0; 0 is the cross-entropy. The default is the paper's.
        class_weights: Weights, `(num_classes,)`, each above 0; None weighs all classes by 1.
        name: Name of the loss.
        **kwargs: What `keras.losses.Loss` takes besides.

    Raises:
        ValueError: An argument is out of range, or the shapes of a call do not fit.
    """

    def __init__(
        self,
        class_counts: Sequence[float] | np.ndarray,
        tau: float = 1.0,
        class_weights: Sequence[float] | None = None,
        name: str = "logit_adjusted",
        **kwargs: Any,
    ):
        super().__init__(class_counts, class_weights, name=name, **kwargs)
        self.tau = check_range("tau", tau)

    def record_losses(self, labels: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
        prior = np.asarray(self.class_counts) / np.sum(self.class_counts)
        adjusted = logits + tf.constant(self.tau * np.log(prior), tf.float32)
        return cross_entropy(labels, adjusted)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "tau": self.tau}
