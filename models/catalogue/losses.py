"""Losses of our own: arguments, class weights, implied prior, search range, builder and source of each."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from models.catalogue.row import OwnField, Row

# Weights of a class by its count; `network/class_weights.py` computes them.
CLASS_WEIGHTS = ("none", "inverse", "sqrt_inverse", "effective_number")


@dataclass(frozen=True)
class LossRow(Row):
    """A loss of class indices and logits.

    The builder gets the row's own fields as arguments, and `takes`.

    Attributes:
        class_weights: Class weights by default; none is for a loss that reckons with the counts itself.
        log_prior: How much of the log prior the loss adds to the logits, or the field that says so. Its
            network's probabilities assume a prior in proportion to `n**(1 - log_prior) * w`.
        takes: What the builder gets besides: `class_counts`, `class_weights`, and `beta`, 0 where classes are not
            weighed.
        check: Refuses fields of the settings that do not go together, by ValueError.
    """

    class_weights: str = "sqrt_inverse"
    log_prior: float | str = 0.0
    takes: tuple[str, ...] = ("class_weights",)
    check: Callable[[Any], None] | None = None

    @property
    def is_weighed(self) -> bool:
        """Whether class weights are what makes up for the imbalance, unless the experiment says otherwise."""
        return self.class_weights == "sqrt_inverse"


def _check_weights_are_effective_numbers(settings: Any) -> None:
    if settings.class_weights != "effective_number":
        raise ValueError(
            "class_balanced weighs classes by effective_number. Received: class_weights="
            f"{settings.class_weights!r}. Leave `class_weights` out, or name {settings.base} to weigh it otherwise."
        )


def _check_head_is_smoothed_most(settings: Any) -> None:
    if settings.tail_smoothing > settings.head_smoothing:
        raise ValueError(
            "`head_smoothing` must be at least `tail_smoothing`: larger classes are smoothed more. "
            f"Received: head_smoothing={settings.head_smoothing:g}, tail_smoothing={settings.tail_smoothing:g}."
        )


_GAMMA = OwnField(
    "gamma",
    float,
    2.0,
    "focal, and class_balanced on it, only: how strongly easy examples are played down.",
    {"ge": 0, "le": 20},
    searched=(0.5, 4.0),
)

LOSSES: tuple[LossRow, ...] = (
    LossRow(
        "cross_entropy",
        "models.network.losses.weighted_cross_entropy:WeightedCrossEntropy",
        searched=True,
        fields=(
            OwnField(
                "label_smoothing",
                float,
                0.0,
                "cross_entropy only: share of the target spread evenly over all classes.",
                {"ge": 0, "lt": 1},
            ),
        ),
    ),
    LossRow(
        "focal",
        "models.network.losses.focal:Focal",
        'Lin et al., "Focal Loss for Dense Object Detection", 2017, https://arxiv.org/abs/1708.02002',
        searched=True,
        fields=(_GAMMA,),
    ),
    LossRow(
        "class_balanced",
        "models.network.losses.class_balanced:class_balanced",
        'Cui et al., "Class-Balanced Loss Based on Effective Number of Samples", 2019, '
        "https://arxiv.org/abs/1901.05555",
        class_weights="effective_number",
        takes=("class_counts", "beta"),
        check=_check_weights_are_effective_numbers,
        fields=(
            _GAMMA,
            OwnField(
                "base",
                Literal["cross_entropy", "focal"],
                "cross_entropy",
                "class_balanced only: the loss that is weighed.",
            ),
        ),
    ),
    LossRow(
        "ldam",
        "models.network.losses.ldam:LDAM",
        'Cao et al., "Learning Imbalanced Datasets with Label-Distribution-Aware Margin Loss", 2019, '
        "https://arxiv.org/abs/1906.07413",
        class_weights="none",
        takes=("class_counts", "class_weights"),
        fields=(
            OwnField(
                "max_margin",
                float,
                0.5,
                "ldam only: margin of the rarest class, in units of a logit.",
                {"ge": 0, "le": 100},
            ),
            OwnField(
                "scale",
                float,
                1.0,
                "ldam only: multiplies the logits; 1 for plain ones, 30 for cosines.",
                {"gt": 0, "le": 1000},
            ),
        ),
    ),
    LossRow(
        "balanced_softmax",
        "models.network.losses.balanced_softmax:BalancedSoftmax",
        'Ren et al., "Balanced Meta-Softmax for Long-Tailed Visual Recognition", 2020, '
        "https://arxiv.org/abs/2007.10740",
        searched=True,
        class_weights="none",
        log_prior=1.0,
        takes=("class_counts", "class_weights"),
    ),
    LossRow(
        "logit_adjusted",
        "models.network.losses.logit_adjusted:LogitAdjusted",
        'Menon et al., "Long-tail learning via logit adjustment", 2021, https://arxiv.org/abs/2007.07314',
        searched=True,
        class_weights="none",
        log_prior="tau",
        takes=("class_counts", "class_weights"),
        fields=(
            OwnField(
                "tau",
                float,
                1.0,
                "logit_adjusted only: how much of the log prior is added in training; 1 aims at "
                "balanced accuracy, 0 is cross_entropy.",
                {"ge": 0, "le": 4},
                searched=(0.5, 2.0),
            ),
        ),
    ),
    LossRow(
        "asymmetric_focal",
        "models.network.losses.asymmetric_focal:AsymmetricFocal",
        'Ridnik et al., "Asymmetric Loss For Multi-Label Classification", 2021, https://arxiv.org/abs/2009.14119',
        fields=(
            OwnField(
                "gamma_positive",
                float,
                0.0,
                "asymmetric_focal only: focusing on the record's own class.",
                {"ge": 0, "le": 20},
            ),
            OwnField(
                "gamma_negative",
                float,
                4.0,
                "asymmetric_focal only: focusing on the other classes.",
                {"ge": 0, "le": 20},
            ),
            OwnField(
                "margin",
                float,
                0.05,
                "asymmetric_focal only: probability of a wrong class that is forgiven.",
                {"ge": 0, "lt": 1},
            ),
        ),
    ),
    LossRow(
        "label_aware_smoothing",
        "models.network.losses.label_aware_smoothing:LabelAwareSmoothing",
        'Zhong et al., "Improving Calibration for Long-Tailed Recognition", 2021, '
        "https://arxiv.org/abs/2104.00466",
        takes=("class_counts", "class_weights"),
        check=_check_head_is_smoothed_most,
        fields=(
            OwnField(
                "head_smoothing",
                float,
                0.1,
                "label_aware_smoothing only: label smoothing of the largest class.",
                {"ge": 0, "lt": 1},
                argument="head",
            ),
            OwnField(
                "tail_smoothing",
                float,
                0.0,
                "label_aware_smoothing only: label smoothing of the smallest class.",
                {"ge": 0, "lt": 1},
                argument="tail",
            ),
            OwnField(
                "smoothing_form",
                Literal["concave", "linear", "convex"],
                "concave",
                "label_aware_smoothing only: how smoothing grows with a class's count.",
                argument="form",
            ),
        ),
    ),
)
