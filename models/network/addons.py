"""TensorFlow Addons, where it is installed."""

import warnings
from types import ModuleType
from typing import Any

import keras

from models.named_classes import ADDONS, ADDONS_DECAYING, ADDONS_WRAPPERS, check_addons_available


def import_addons() -> ModuleType:
    """Imports TensorFlow Addons, which registers its classes with Keras as `Addons>Name`.

    Returns:
        The module.

    Raises:
        ImportError: It is not installed.
    """
    with warnings.catch_warnings():
        # On import it says that it is no longer developed. Who names a class of it knows.
        warnings.simplefilter("ignore")
        import tensorflow_addons
    return tensorflow_addons


def addons_optimizer(
    name: str,
    config: dict[str, Any],
    learning_rate: float | keras.optimizers.schedules.LearningRateSchedule,
    weight_decay: float = 0.0,
    clip_norm: float | None = None,
) -> Any:
    """Makes an optimizer of TensorFlow Addons.

    They are of the kind Keras keeps in `keras.optimizers.legacy`, and so are those they wrap. A wrapper
    (Lookahead, MovingAverage, SWA) takes `optimizer` in its config: adam, the default, sgd with momentum 0.9, or
    the name of another one of TensorFlow Addons; learning rate and weight decay are that one's.

    MovingAverage and SWA gather the average beside the weights: `assign_averages` puts it in their place.

    Args:
        name: `Addons>` and the name of the class.
        config: Its arguments besides learning rate, weight decay and clipping.
        learning_rate: Float above 0, or a schedule.
        weight_decay: Float, at least 0; above 0 only for an optimizer that has one.
        clip_norm: Norm of all gradients together that a step may have, or None.

    Returns:
        The optimizer.

    Raises:
        ValueError: TensorFlow Addons is not installed, `name` is not in it, or the config does not fit.
    """
    check_addons_available(name)
    optimizer_class = getattr(import_addons().optimizers, name.removeprefix(ADDONS), None)
    if not name.startswith(ADDONS) or optimizer_class is None:
        raise ValueError(f"TensorFlow Addons has no such optimizer. Received: {name!r}")
    arguments = dict(config)
    if clip_norm is not None:
        arguments["global_clipnorm"] = clip_norm
    if name in ADDONS_WRAPPERS:
        arguments["optimizer"] = _wrapped(arguments.get("optimizer", "adam"), learning_rate, weight_decay)
    else:
        if name != "Addons>COCOB":
            arguments["learning_rate"] = learning_rate
        if name in ADDONS_DECAYING:
            arguments["weight_decay"] = weight_decay
        elif weight_decay:
            raise ValueError(_no_decay(name, weight_decay))
    try:
        return optimizer_class(**arguments)
    except (TypeError, ValueError) as err:
        raise ValueError(f"`training.optimizer.config` does not fit {name}: {err}") from err


def assign_averages(model: keras.Model) -> bool:
    """Replaces a compiled model's trained weights by the averages its optimizer has gathered.

    For MovingAverage and SWA. Batch normalisation keeps the statistics of the weights it was trained with.

    Args:
        model: A model that was fitted.

    Returns:
        Whether there were averages; SWA has none before its `start_averaging`.
    """
    if not has_averages(model):
        return False
    _optimizer(model).assign_average_vars(model.trainable_variables)
    return True


def has_averages(model: keras.Model) -> bool:
    """Tells whether a compiled model's optimizer has averages of the trained weights."""
    optimizer = _optimizer(model)
    if not hasattr(optimizer, "assign_average_vars"):
        return False
    return int(optimizer.iterations) > optimizer.get_config().get("start_averaging", 0)


def _optimizer(model: keras.Model) -> Any:
    # Mixed precision wraps the optimizer to scale the loss.
    return getattr(model.optimizer, "inner_optimizer", model.optimizer)


def _wrapped(name: Any, learning_rate: Any, weight_decay: float) -> Any:
    if isinstance(name, str) and name.startswith(ADDONS) and name not in ADDONS_WRAPPERS:
        return addons_optimizer(name, {}, learning_rate, weight_decay)
    if name not in ("adam", "sgd"):
        raise ValueError(
            "`training.optimizer.config.optimizer` must be adam, sgd, or the name of an optimizer of TensorFlow "
            f"Addons that is no wrapper, such as Addons>LAMB. Received: {name!r}"
        )
    if weight_decay:
        raise ValueError(_no_decay(name, weight_decay))
    if name == "sgd":
        return keras.optimizers.legacy.SGD(learning_rate, momentum=0.9)
    return keras.optimizers.legacy.Adam(learning_rate)


def _no_decay(name: str, weight_decay: float) -> str:
    return (
        f"`training.optimizer.weight_decay` must be 0 with {name}, which has none. Received: {weight_decay:g}. "
        f"Those that have: {', '.join(ADDONS_DECAYING)}."
    )
