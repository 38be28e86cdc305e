"""Loss of two branches that leads from the conventional one over to the rebalancing one."""

import keras
import tensorflow as tf

from models.network.branches.member_loss import ClassifierLoss, MemberLoss, blended_by_share


def bilateral_loss(of_one: ClassifierLoss) -> "BilateralLoss":
    """Makes the loss of two branches out of that of one classifier."""
    return BilateralLoss(of_one.loss)


@keras.saving.register_keras_serializable(package="counterpoise")
class BilateralLoss(MemberLoss):
    """Mixes two branches' logits by a share, and the losses of their labels by the same.

        z = share * z_1 + (1 - share) * z_2,    share * loss(y_1, z) + (1 - share) * loss(y_2, z)

    The share falls from 1 to 0 over the epochs, so that the trunk first learns from records as they occur.

    Call arguments:
        y_true: Float `(batch, 3)`: class index of the record, of the reversed one, and the share. Plain
            labels `(batch,)` take a share of 1/2 and the same label for both.
        y_pred: Logits, float `(batch, 2, classes)`, or `(batch, classes)` outside training.
        sample_weight: Optional weight of each record, `(batch,)`.

    Reference: Zhou et al., "BBN: Bilateral-Branch Network with Cumulative Learning for Long-Tailed Visual
    Recognition", 2020, https://arxiv.org/abs/1912.02413, equations 2 and 3

    Args:
        loss: A loss of class indices and logits `(batch, classes)`, with one value per record.
        name: Name of the loss; None takes that of `loss`.
        **kwargs: What `keras.losses.Loss` takes besides.
    """

    def losses_over_members(self, y_true: tf.Tensor, members: tf.Tensor) -> tf.Tensor:
        paired = y_true.shape.rank == 2 and y_true.shape[1] == 3
        share = tf.cast(y_true[:, 2:], tf.float32) if paired else 0.5
        logits = share * members[:, 0] + (1 - share) * members[:, 1]
        return blended_by_share(y_true, lambda labels: self.loss.call(labels, logits))
