"""Names of the contenders."""

from typing import Literal

ContenderName = Literal[
    "majority",
    "logistic_regression",
    "gradient_boosting",
    "weighted_gradient_boosting",
    "balanced_random_forest",
    "linear_probe",
]
