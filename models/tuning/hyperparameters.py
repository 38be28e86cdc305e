"""A search space as Keras Tuner's hyperparameters."""

import contextlib
import json
from collections.abc import Mapping
from typing import Any

from keras_tuner import HyperParameters

from models.tuning.conditions import CONDITIONS, in_order
from models.tuning.dimension import Dimension
from models.tuning.trial_settings import AS_JSON, Values


def hyperparameters_of(space: Mapping[str, Dimension], first: Values) -> HyperParameters:
    """Declares a space to Keras Tuner.

    What has an effect only with certain values of another setting of the space is declared in a
    conditional scope: no trial has a value for it otherwise.

    Args:
        space: Dotted keys with their dimensions.
        first: Values of the first trial; they become the defaults.

    Returns:
        Hyperparameters named by the keys, parents first, with the values of the first trial.
    """
    hyperparameters = HyperParameters()
    for key in in_order(list(space)):
        condition = CONDITIONS.get(key)
        scope: contextlib.AbstractContextManager[Any] = contextlib.nullcontext()
        if condition is not None and condition.parent in space:
            scope = hyperparameters.conditional_scope(condition.parent, list(condition.values))
        with scope:
            _declare(hyperparameters, key, space[key], first.get(key, space[key].first))
    hyperparameters.ensure_active_values()
    return hyperparameters


def _declare(hyperparameters: HyperParameters, key: str, dimension: Dimension, default: Any) -> None:
    if dimension.choice is not None and set(dimension.choice_types) == {bool} and len(dimension.choice) == 2:
        hyperparameters.Boolean(key, default=default)
    elif dimension.choice is not None:
        values = _encoded(dimension)
        hyperparameters.Choice(key, values, default=values[dimension.choice.index(default)], ordered=False)
    else:
        assert dimension.limits is not None
        kind = hyperparameters.Float if dimension.float_range is not None else hyperparameters.Int
        number = float if dimension.float_range is not None else int
        kind(
            key,
            *(number(limit) for limit in dimension.limits),
            step=None if dimension.step is None else number(dimension.step),
            sampling="log" if dimension.log else "linear",
            default=number(default),
        )


def _encoded(dimension: Dimension) -> list[Any]:
    assert dimension.choice is not None
    types = dimension.choice_types
    if len(types) == 1 and types <= {str, int, float}:
        return list(dimension.choice)
    return [value if isinstance(value, str) else AS_JSON + json.dumps(value) for value in dimension.choice]
