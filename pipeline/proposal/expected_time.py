"""Estimates how long a proposed experiment takes on this machine."""

import dataclasses
import time

import numpy as np

from pipeline.proposal.choice import Choice
from pipeline.proposal.recipe_choice import RecipeFacts
from pipeline.recipes import Quality

# Measured on a machine of 2 cores that multiplies two matrices of this side in so many seconds.
_SIDE = 1024
_REFERENCE_SECONDS = 0.025
_FIXED_SECONDS = 60.0
_OF_QUALITY = {"fast": 0.1, "balanced": 1.0, "best": 2.0}
_TRAIN_SHARE = 0.7
# Of the recipe tabular: values, rows by columns, that pass the network in a second; epochs until it stops; trees.
_VALUES_PER_SECOND, _EPOCHS = 90_000.0, 40
_TREES_SECONDS, _TREES_VALUES_PER_SECOND = 5.0, 20_000.0
_CATEGORY_COLUMNS = 10  # Where it is not known how many columns there are.
# Of the recipes for images: pixels that are trained on in a second, and epochs.
_PIXELS_PER_SECOND = {"image_pretrained": 80 * 192 * 192, "image_scratch": 200 * 32 * 32}
_IMAGE_EPOCHS = {"image_pretrained": 40, "image_scratch": 60}
_PIXELS = {"image_pretrained": 192 * 192, "image_scratch": 32 * 32}


def with_expected_time(choices: list[Choice], facts: RecipeFacts) -> list[Choice]:
    """Adds to the reason of the recipe, which is the first choice, how long the run takes."""
    if not choices:
        return choices
    recipe, *others = choices
    takes = f"Takes {expected_time(choices, facts)} on this machine, with --fast a minute or two"
    return [dataclasses.replace(recipe, reason=f"{recipe.reason}. {takes}"), *others]


def expected_time(choices: list[Choice], facts: RecipeFacts, quality: Quality = "balanced") -> str:
    """Says about how long a run takes on this machine, as far as measured rates and its speed tell.

    Args:
        choices: The recipe, and what goes over it.
        facts: The data.
        quality: Of the experiment.
    """
    chosen = {choice.key: choice.value for choice in choices}
    return f"about {_rounded(measured_slowness() * expected_seconds(chosen, facts, quality))}"


def expected_seconds(chosen: dict[str, object], facts: RecipeFacts, quality: Quality = "balanced") -> float:
    """Estimates the seconds of a run on the machine that the rates are of.

    Args:
        chosen: Key to value; `recipe`, and perhaps `training.folds` and `model.image`.
        facts: The data.
        quality: Of the experiment.
    """
    return _FIXED_SECONDS + _OF_QUALITY[quality] * _training_seconds(chosen, facts)


def _training_seconds(chosen: dict[str, object], facts: RecipeFacts) -> float:
    recipe, trained = str(chosen["recipe"]), _TRAIN_SHARE * facts.num_records
    if recipe != "tabular":
        image = chosen.get("model.image")
        size = image.get("size") if isinstance(image, dict) else None
        pixels = size[0] * size[1] if size else _PIXELS[recipe]
        return trained * _IMAGE_EPOCHS[recipe] * pixels / _PIXELS_PER_SECOND[recipe]
    folds = chosen.get("training.folds", 1)
    assert isinstance(folds, int)
    values = trained * (facts.num_columns or _CATEGORY_COLUMNS)
    network = _EPOCHS * values / _VALUES_PER_SECOND
    trees = _TREES_SECONDS + values / _TREES_VALUES_PER_SECOND if "model.tabular" in chosen else 0.0
    return folds * (network + trees)


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


def expected_fixed_seconds() -> float:
    """Returns the seconds of a run on the machine that the rates are of, but for its training."""
    return _FIXED_SECONDS
