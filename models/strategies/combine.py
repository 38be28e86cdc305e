"""Settings of strategies together, put over those of plain cross entropy. No TensorFlow."""

from collections.abc import Iterable, Mapping
from typing import Any

from core.augmentation.settings import AugmentationSettings
from core.strategy_plan import Combination, PlannedStrategy
from models.settings import TrainingSections
from models.tuning.trial_settings import trial_settings


def combined(names: Iterable[str], strategies: Mapping[str, PlannedStrategy]) -> Mapping[str, Any] | None:
    """Puts the settings of strategies together; None where two of them want different values of one key."""
    values: dict[str, Any] = {}
    for name in names:
        for key, value in strategies[name].settings.items():
            if key in values and values[key] != value:
                return None
            values[key] = value
    return values


def combined_sections(
    plain: TrainingSections, values: Mapping[str, Any], has_image: bool
) -> TrainingSections:
    """Puts settings of strategies over those of plain cross entropy.

    Args:
        plain: The settings of plain cross entropy.
        values: Dotted keys with the strategies' values.
        has_image: Whether the records have an image.

    Raises:
        ValueError: They do not go together.
    """
    sections = trial_settings(plain, values, has_image)
    # A trial puts its values over these without a check of what goes together.
    AugmentationSettings.model_validate(sections.augmentation.model_dump(mode="json"))
    return sections


def added(
    combination: Combination, strategy: PlannedStrategy, order: Mapping[str, int]
) -> Combination | None:
    """Adds a strategy, in the order of the plan; None where the decision is drawn by another rule already."""
    if strategy.rule is not None and combination.rule != "argmax":
        return None
    names = tuple(sorted((*combination.names, strategy.name), key=order.__getitem__))
    return Combination(names, strategy.rule or combination.rule)


def trained_names(combination: Combination, strategies: Mapping[str, PlannedStrategy]) -> tuple[str, ...]:
    """Returns those of the strategies that change the training."""
    return tuple(name for name in combination.names if strategies[name].rule is None)
