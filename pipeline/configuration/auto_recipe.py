"""Resolves `recipe: auto` to what the data ask for, before anything is computed."""

import glob
import os
from collections.abc import Iterator, Mapping
from typing import Any

from components.stratified_example_gen.images.folder import open_class_folders, split_setting
from components.stratified_example_gen.settings import DataSettings, SplitPaths, SplitShares, SplitTime
from components.stratified_example_gen.sources import open_source, split_paths
from components.stratified_example_gen.table import Table
from core.errors import InputError
from pipeline.config import Experiment
from pipeline.configuration.check_with_data import check_with_data
from pipeline.configuration.content import Content
from pipeline.proposal.choice import Choice, as_content, experiment_accepts
from pipeline.proposal.expected_time import expected_time
from pipeline.proposal.image_sample import ImageSample, sample_images
from pipeline.proposal.image_weights import cached_weights
from pipeline.proposal.recipe_choice import RecipeFacts, accepted, in_train_and_eval, recipe_choices
from pipeline.recipes import RECIPES, over, with_recipe


def with_auto_recipe(experiment: Experiment, counts: Mapping[str, int]) -> tuple[Experiment, str | None]:
    """Puts the settings that the data ask for under the experiment's own, where its recipe is `auto`.

    They are those that `counterpoise init` proposes, but for what does not go together with the experiment's own; where
    that is the recipe itself, the defaults stay.

    Args:
        experiment: As it was loaded; what it says itself is told from defaults.
        counts: Class to number of records.

    Returns:
        The experiment with the recipe that was chosen in its place, and one sentence that says which and why; the
        experiment as it is and None where its recipe is another.
    """
    if experiment.recipe != "auto":
        return experiment, None
    own = experiment.model_dump(by_alias=True, exclude_unset=True, exclude={"recipe"})
    facts = _facts(experiment, counts, own)
    wishes = recipe_choices(facts, experiment.quality)

    def accepts(content: Content) -> bool:
        return experiment_accepts(over(content, own))

    choices = accepted(wishes, accepts)
    if not choices:
        plain = f"recipe: none, the plain defaults, as the experiment's own settings do not go with {wishes[0].value}."
        return experiment.model_copy(update={"recipe": "none"}), plain
    resolved = Experiment.model_validate(with_recipe(over(as_content(choices), own)))
    return resolved, _sentence(choices, expected_time(choices, facts, experiment.quality), resolved)


def with_auto_recipe_of_local_data(experiment: Experiment) -> tuple[Experiment, str | None]:
    """Resolves `recipe: auto` of an experiment that is to run elsewhere; see `with_auto_recipe`.

    Raises:
        InputError: The recipe is `auto`, and the data are not on this machine or cannot be used.
    """
    if experiment.recipe != "auto":
        return experiment, None
    missing = [path for path in split_paths(experiment.data).values() if not _is_here(path)]
    if missing:
        raise InputError(
            f"recipe: auto is chosen by the data, and {missing[0]} is not on this machine. Set recipe to one of: "
            f"{', '.join(name for name in RECIPES if name != 'auto')}."
        )
    return with_auto_recipe(*check_with_data(experiment))


def _is_here(pattern: str) -> bool:
    return os.path.exists(pattern) or bool(glob.glob(pattern))


def _sentence(choices: list[Choice], takes: str, resolved: Experiment) -> str:
    """Says which recipe was chosen, with what, why, and how long that takes."""
    chosen = {choice.key: choice for choice in choices}
    more = ["boosted trees"] if "model.tabular" in chosen else []
    more += [f"{chosen['training.folds'].value} folds"] if "training.folds" in chosen else []
    why = [chosen[key].reason for key in ("recipe", "training.batch_size") if key in chosen]
    faster = "" if resolved.quality == "fast" else "--fast takes a minute or two, and "
    return (
        f"recipe: {chosen['recipe'].value}{' with ' + ' and '.join(more) if more else ''}, chosen by the data "
        f"({'; '.join(reason[0].lower() + reason[1:] for reason in why)}), takes {takes} on this machine; {faster}"
        "recipe: none keeps the plain defaults."
    )


def _facts(experiment: Experiment, counts: Mapping[str, int], own: Content) -> RecipeFacts:
    data = experiment.data
    has_image = data.format == "image_folder" or data.image is not None
    weights: Any = own.get("model", {}).get("image", {}).get("weights")
    return RecipeFacts(
        has_image,
        sum(counts.values()),
        _to_learn_from(min(counts.values()), data),
        _num_columns(experiment),
        images=_sampled(data) if data.format == "image_folder" else None,
        weights=weights or (cached_weights() if has_image else None),
        eval_is_given=_eval_is_given(data),
    )


def _eval_is_given(data: DataSettings) -> bool:
    """Tells whether eval may be given by the data; a column is taken at its word, which may leave eval out."""
    return not isinstance(data.splits, SplitShares) and not (
        isinstance(data.splits, SplitPaths) and isinstance(data.splits.eval, float)
    )


def _to_learn_from(rarest: int, data: DataSettings) -> int:
    """Estimates how many of a class's records train and eval have; where the data come split, half of them."""
    shares = data.splits.time if isinstance(data.splits, SplitTime) else data.splits
    if isinstance(shares, SplitShares):
        return in_train_and_eval(rarest, shares.test)
    return max(1, rarest // 2)


def _num_columns(experiment: Experiment) -> int:
    source = (
        None if experiment.data.format == "image_folder" else open_source(experiment.data, experiment.seed)
    )
    return len(source.columns) if isinstance(source, Table) else 0


def _sampled(data: DataSettings) -> ImageSample | None:
    return sample_images(list(_files(data)))


def _files(data: DataSettings) -> Iterator[str]:
    for split, folder in split_paths(data).items():
        listed = open_class_folders(folder, split_setting(split))
        for name, files in listed.classes.items():
            yield from (f"{listed.folder}/{name}/{file}" for file in files)
