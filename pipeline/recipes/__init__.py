"""Recipes: settings that go well together; an experiment names one and changes what it likes."""

import copy
import functools
from pathlib import Path
from typing import Any, Literal, get_args

import yaml

from core.errors import InputError
from core.printable import shortened
from core.suggestions import nearest
from pipeline.configuration.content import Content

# auto is chosen once the data have been looked at, by pipeline.configuration.auto_recipe; none is the plain defaults.
Recipe = Literal["auto", "none", "image_pretrained", "image_scratch", "tabular"]
RECIPES: tuple[str, ...] = get_args(Recipe)
BUNDLES = tuple(name for name in RECIPES if name not in ("auto", "none"))
Quality = Literal["fast", "balanced", "best"]
QUALITIES: tuple[str, ...] = get_args(Quality)


def with_recipe(content: Content) -> Content:
    """Puts the settings of the recipe that an experiment names under the experiment's own.

    Between the two go those of `quality`: `fast` and `best` change how long a recipe trains, and on what.

    Args:
        content: An experiment as it stands in its file; its `recipe` may name one, its `quality` a quality.

    Returns:
        The experiment with the recipe's settings wherever it says nothing itself; of `auto` there are none yet.

    Raises:
        InputError: There is no such recipe.
    """
    name = content.get("recipe", "auto")
    name = "none" if name is None else name
    if name not in RECIPES:
        hint = nearest(str(name), list(RECIPES))
        way_out = f"Did you mean {hint!r}?" if hint else f"Recipes: {', '.join(RECIPES)}."
        raise InputError(f"recipe: there is no recipe {shortened(repr(name), 200)}. {way_out}")
    settings = _settings(name) if name in BUNDLES else {}
    return over(over(settings, _settings("qualities").get(name, {}).get(_quality(content), {})), content)


def _quality(content: Content) -> str:
    quality = content.get("quality")
    # Another is refused with the settings.
    return quality if quality in QUALITIES else "balanced"


def _settings(name: str) -> Content:
    return copy.deepcopy(_read(name))


@functools.cache
def _read(name: str) -> Content:
    content: Any = yaml.safe_load((Path(__file__).parent / f"{name}.yaml").read_text(encoding="utf-8"))
    assert isinstance(content, dict)
    return content


def over(settings: Content, own: Content) -> Content:
    """Returns nested settings, `own` in place of the others; another name brings its own defaults with it."""
    if any(key in own and own[key] != settings.get(key) for key in {"name", "encoder"} & settings.keys()):
        return own
    result = {key: value for key, value in settings.items() if key not in _unsuited(settings, own)}
    for key, value in own.items():
        nested = isinstance(value, dict) and isinstance(result.get(key), dict)
        result[key] = over(result[key], value) if nested else value
    return result


def _unsuited(settings: Content, own: Content) -> set[str]:
    """Returns the keys that go with a backbone, a way to train it or a rule, which the experiment does not take."""

    def is_another(key: str) -> bool:
        return key in own and own[key] != settings.get(key)

    unsuited = {"alpha"} if is_another("backbone") else set()
    if is_another("fine_tune") or ("weights" in own and own["weights"] is None):
        unsuited |= {"frozen_epochs", "last_block_epochs"}
    # Costs decide in place of a rule.
    return unsuited | ({"rule"} if own.get("costs") is not None else set())
