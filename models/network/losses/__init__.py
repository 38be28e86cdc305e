"""Losses over integer labels and logits that know how many records each class has."""

from models.network.losses.adapted import Adapted
from models.network.losses.asymmetric_focal import AsymmetricFocal
from models.network.losses.balanced_softmax import BalancedSoftmax
from models.network.losses.factory import make_loss
from models.network.losses.focal import Focal
from models.network.losses.implied_prior import bias_counts, implied_prior
from models.network.losses.label_aware_smoothing import LabelAwareSmoothing
from models.network.losses.ldam import LDAM
from models.network.losses.logit_adjusted import LogitAdjusted
from models.network.losses.supervised_contrastive import SupervisedContrastive
from models.network.losses.weighted_cross_entropy import WeightedCrossEntropy
from models.network.losses.with_contrastive import WithContrastive

__all__ = [
    "LDAM",
    "Adapted",
    "AsymmetricFocal",
    "BalancedSoftmax",
    "Focal",
    "LabelAwareSmoothing",
    "LogitAdjusted",
    "SupervisedContrastive",
    "WeightedCrossEntropy",
    "WithContrastive",
    "bias_counts",
    "implied_prior",
    "make_loss",
]
