"""Losses and optimizers of Keras and TensorFlow Addons that an experiment may name.

Listed here and not looked up, so that a wrong name or key is refused before TensorFlow is imported. Tests hold
the lists against the libraries.
"""

from collections.abc import Mapping
from difflib import get_close_matches
from importlib.util import find_spec
from typing import Any

ADDONS = "Addons>"
KERAS = "keras>"

KERAS_LOSSES: dict[str, tuple[str, ...]] = {
    "BinaryCrossentropy": ("from_logits", "label_smoothing"),
    "BinaryFocalCrossentropy": ("apply_class_balancing", "alpha", "gamma", "from_logits", "label_smoothing"),
    "CategoricalCrossentropy": ("from_logits", "label_smoothing"),
    "CategoricalFocalCrossentropy": ("alpha", "gamma", "from_logits", "label_smoothing"),
    "CategoricalHinge": (),
    "CosineSimilarity": (),
    "Hinge": (),
    "Huber": ("delta",),
    "KLDivergence": (),
    "LogCosh": (),
    "MeanAbsoluteError": (),
    "MeanAbsolutePercentageError": (),
    "MeanSquaredError": (),
    "MeanSquaredLogarithmicError": (),
    "Poisson": (),
    "SparseCategoricalCrossentropy": ("from_logits",),
    "SquaredHinge": (),
}
"""Losses of Keras over classes, with the arguments that `loss.config` may hold."""

ADDONS_LOSSES: dict[str, tuple[str, ...]] = {
    "Addons>PinballLoss": ("tau",),
    "Addons>SigmoidFocalCrossEntropy": ("from_logits", "alpha", "gamma"),
    "Addons>SparsemaxLoss": (),
    "Addons>WeightedKappaLoss": ("weightage", "epsilon"),
}
"""Losses of TensorFlow Addons over classes; its others compare embeddings or boxes."""

_ADAM = ("beta_1", "beta_2", "epsilon", "amsgrad")
_RECTIFIED = ("sma_threshold", "total_steps", "warmup_proportion", "min_lr")

ADDONS_OPTIMIZERS: dict[str, tuple[str, ...]] = {
    "Addons>AdaBelief": (*_ADAM, *_RECTIFIED, "rectify"),
    "Addons>AdamW": _ADAM,
    "Addons>COCOB": ("alpha",),
    "Addons>ConditionalGradient": ("lambda_", "epsilon", "ord"),
    "Addons>LAMB": (
        "beta_1",
        "beta_2",
        "epsilon",
        "exclude_from_weight_decay",
        "exclude_from_layer_adaptation",
    ),
    "Addons>LazyAdam": _ADAM,
    "Addons>Lookahead": ("optimizer", "sync_period", "slow_step_size"),
    "Addons>MovingAverage": ("optimizer", "average_decay", "num_updates", "start_step", "dynamic_decay"),
    "Addons>NovoGrad": (*_ADAM, "grad_averaging"),
    "Addons>ProximalAdagrad": (
        "initial_accumulator_value",
        "l1_regularization_strength",
        "l2_regularization_strength",
    ),
    "Addons>RectifiedAdam": (*_ADAM, *_RECTIFIED),
    "Addons>SGDW": ("momentum", "nesterov"),
    "Addons>SWA": ("optimizer", "start_averaging", "average_period"),
    "Addons>Yogi": (
        *("beta1", "beta2", "epsilon", "l1_regularization_strength", "l2_regularization_strength"),
        *("initial_accumulator_value", "activation"),
    ),
}
"""Optimizers of TensorFlow Addons, with the arguments that `training.optimizer.config` may hold."""

ADDONS_WRAPPERS = ("Addons>Lookahead", "Addons>MovingAverage", "Addons>SWA")
"""Those that direct another optimizer, `optimizer` in their config."""

ADDONS_AVERAGING = ("Addons>MovingAverage", "Addons>SWA")
"""Those that gather an average of the weights, which takes their place in evaluation and at the end."""

ADDONS_DECAYING = (
    *("Addons>AdaBelief", "Addons>AdamW", "Addons>LAMB", "Addons>NovoGrad"),
    *("Addons>RectifiedAdam", "Addons>SGDW"),
)
"""Those with a weight decay of their own."""

ADDONS_UNSCHEDULED = ("Addons>COCOB", "Addons>ConditionalGradient")
"""Those that follow no schedule: the first has no learning rate, the second takes a number alone."""


def plain_name(name: str) -> str:
    """Returns a loss's name as the lists here spell it: `keras>Hinge` is `Hinge`."""
    return name.removeprefix(KERAS)


def check_addons_available(name: str) -> None:
    """Refuses a name of TensorFlow Addons where that is not installed.

    Raises:
        ValueError: It is not.
    """
    if name.startswith(ADDONS) and find_spec("tensorflow_addons") is None:
        raise ValueError(
            f"{name!r} needs TensorFlow Addons, which runs on Python 3.10 alone and is not installed here. "
            "Name one of our own or of Keras, or use the Python 3.10 environment."
        )


def check_config(key: str, name: str, config: Mapping[str, Any], known: tuple[str, ...]) -> None:
    """Refuses arguments that a named class does not take.

    Args:
        key: Path of `config` in the experiment.
        name: Name of the class.
        config: Arguments an experiment gives.
        known: Arguments there are.

    Raises:
        ValueError: One is not known.
    """
    for argument in config:
        if argument not in known:
            nearest = get_close_matches(argument, known, n=1, cutoff=0.5)
            taken = ", ".join(known) if known else "none"
            hint = f"Did you mean {nearest[0]!r}?" if nearest else f"It takes: {taken}."
            raise ValueError(f"`{key}` of {name} holds {argument!r}, which it does not take. {hint}")
