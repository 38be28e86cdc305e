"""Estimates how long a proposed experiment takes on this machine."""

import dataclasses
import time

import numpy as np

from pipeline.proposal.choice import Choice
from pipeline.proposal.recipe_choice import RecipeFacts

# Measured on a machine of 2 cores that multiplies two matrices of this side in so many seconds.
_SIDE = 1024
_REFERENCE_SECONDS = 0.025
_FIXED_SECONDS = 60.0
_TRAIN_SHARE = 0.7
# Of the recipe tabular: values, rows by columns, that pass the network in a second; epochs until it stops; trees.
_VALUES_PER_SECOND, _EPOCHS = 90_000.0, 40
_TREES_SECONDS, _TREES_VALUES_PER_SECOND = 5.0, 20_000.0
_CATEGORY_COLUMNS = 10  # Where it is not known how many columns there are.
# Of the recipes for images: pixels that are trained on in a second, and epochs.
_PIXELS_PER_SECOND = {"image_pretrained": 80 * 192 * 192, "image_scratch": 200 * 32 * 32}
_IMAGE_EPOCHS = {"image_pretrained": 40, "image_scratch": 60}
_PIXELS = {"image_pretrained": 192 * 192, "image_scratch": 32 * 32}


def with_expected_time(
    choices: list[Choice], facts: RecipeFacts, slowness: float | None = None
) -> list[Choice]:
    """Adds to the reason of the recipe how long the run takes, as far as measured rates tell.

    Args:
        choices: The recipe first; nothing is added where there is none.
        facts: The data.
        slowness: Time that this machine takes for what the one of the rates does in 1; None measures it.
    """
    if not choices:
        return choices
    chosen = {choice.key: choice.value for choice in choices}
    seconds = expected_seconds(chosen, facts) * (measured_slowness() if slowness is None else slowness)
    recipe, *others = choices
    reason = f"{recipe.reason}. Takes about {_rounded(seconds)} on this machine; `--fast` a minute or two"
    return [dataclasses.replace(recipe, reason=reason), *others]


def expected_seconds(chosen: dict[str, object], facts: RecipeFacts) -> float:
    """Estimates the seconds of a run on the machine that the rates are of.

    Args:
        chosen: Key to value; `recipe`, and perhaps `training.folds` and `model.image`.
        facts: The data.
    """
    recipe, trained = str(chosen["recipe"]), _TRAIN_SHARE * facts.num_records
    if recipe != "tabular":
        image = chosen.get("model.image")
        size = image.get("size") if isinstance(image, dict) else None
        pixels = size[0] * size[1] if size else _PIXELS[recipe]
        return _FIXED_SECONDS + trained * _IMAGE_EPOCHS[recipe] * pixels / _PIXELS_PER_SECOND[recipe]
    folds = chosen.get("training.folds", 1)
    assert isinstance(folds, int)
    values = trained * (facts.num_columns or _CATEGORY_COLUMNS)
    network = _EPOCHS * values / _VALUES_PER_SECOND
    trees = _TREES_SECONDS + values / _TREES_VALUES_PER_SECOND if "model.tabular" in chosen else 0.0
    return _FIXED_SECONDS + folds * (network + trees)


def measured_slowness() -> float:
    """Multiplies matrices for some hundredths of a second, and returns how much longer than there that takes here."""
    random = np.random.default_rng(0)
    left, right = random.standard_normal((2, _SIDE, _SIDE), dtype=np.float32)
    seconds = []
    for _ in range(3):
        start = time.perf_counter()
        left @ right
        seconds.append(time.perf_counter() - start)
    return min(seconds) / _REFERENCE_SECONDS


def _rounded(seconds: float) -> str:
    minutes = seconds / 60
    if minutes < 1.5:
        return "a minute"
    if minutes < 90:
        step = 1 if minutes < 10 else 5
        return f"{step * round(minutes / step)} minutes"
    return f"{round(minutes / 60)} hours"
