"""Chooses the settings of an experiment that follow from its data."""

import math
from collections.abc import Callable

from components.imbalance_validator.settings import ValidationSettings
from components.stratified_example_gen.plan import MIN_CLASS_COUNT
from components.stratified_example_gen.settings import SplitShares
from pipeline.proposal.choice import Accepts, Choice, experiment_accepts, first_accepted
from pipeline.proposal.data_facts import DataFacts
from pipeline.proposal.expected_time import with_expected_time
from pipeline.proposal.image_weights import cached_weights
from pipeline.proposal.recipe_choice import RecipeFacts, accepted, in_train_and_eval, recipe_choices

_GROUP_DRIFT = 0.2


def recipe(made: list[Choice], facts: DataFacts, accepts: Accepts = experiment_accepts) -> list[Choice]:
    """Chooses the limits of validation, the recipe, and what goes over its settings.

    What the settings do not accept beside the choices made before it is left out.

    Args:
        made: Choices made already; at least name and data.
        facts: The data.
        accepts: Tells whether an experiment may say this.

    Returns:
        `made`, with the new choices behind.
    """
    choices = list(made)
    topics: list[Callable[[DataFacts], list[Choice]]] = [_class_count_limit, _drift_limit]
    for topic in topics:
        choices += first_accepted(choices, topic(facts), accepts)
    of_data = recipe_facts(facts)
    return choices + with_expected_time(accepted(recipe_choices(of_data), accepts, choices), of_data)


def recipe_facts(facts: DataFacts) -> RecipeFacts:
    """Takes from the data what decides the recipe."""
    roles = facts.roles
    comes_split = facts.layout.paths.keys() != {None} or (roles is not None and roles.split is not None)
    rarest = facts.rarest if comes_split else in_train_and_eval(facts.rarest, SplitShares().test)
    num_columns = 0 if roles is None else len(roles.numeric) + len(roles.categorical) + len(roles.slips)
    has_image = facts.layout.format == "image_folder" or facts.images is not None
    weights = cached_weights() if has_image else None
    is_by_time = facts.time is not None and facts.time.is_split_by
    eval_is_given = (
        is_by_time or "eval" in facts.layout.paths or (roles is not None and roles.split is not None)
    )
    return RecipeFacts(
        has_image, facts.num_records, rarest, num_columns, facts.images, weights, eval_is_given
    )


def _class_count_limit(facts: DataFacts) -> list[Choice]:
    """Lowers the least class count to what the splits need where a class has fewer records than the default.

    Not to the class's own count: a duplicate in it would stop the run.
    """
    count = min(facts.counts.values())
    if count >= ValidationSettings().min_class_count:
        return []
    reason = f"The rarest class has {count} records, so its scores will be coarse; {MIN_CLASS_COUNT} fill the three splits"
    return [Choice("validation.min_class_count", MIN_CLASS_COUNT, reason)]


def _drift_limit(facts: DataFacts) -> list[Choice]:
    """Raises the limit of label drift where splits so small, or of whole groups, cannot have equal class shares."""
    if facts.layout.paths.keys() != {None} or (facts.roles is not None and facts.roles.split is not None):
        return []
    if facts.time is not None and facts.time.is_split_by:
        # Drift over time is information, not a fault.
        return []
    least = ValidationSettings().max_label_drift
    if facts.roles is not None and facts.roles.group is not None:
        reason = "Groups stay whole, so the classes' shares differ between the splits"
        return [Choice("validation.max_label_drift", max(_GROUP_DRIFT, least), reason)]
    drift = expected_drift(facts.counts, SplitShares().as_dict())
    if drift <= least:
        return []
    reason = "In splits this small a single record moves a class's share by more than the default limit"
    return [Choice("validation.max_label_drift", min(1.0, math.ceil(100 * drift) / 100), reason)]


def expected_drift(counts: dict[str, int], shares: dict[str, float]) -> float:
    """Estimates the most by which a class's share may differ between two splits.

    A class's count in a split is within one of its share and at least one, so its share of the split is off by at
    most one record of the split's, on top of what the rounding up to one does.
    """
    rounded = {
        split: {name: max(1, round(count * share)) for name, count in counts.items()}
        for split, share in shares.items()
    }
    sizes = {split: sum(of_class.values()) for split, of_class in rounded.items()}
    spreads = []
    for name in counts:
        in_splits = [rounded[split][name] / sizes[split] for split in shares]
        spreads.append(max(in_splits) - min(in_splits))
    return max(spreads) + 1 / min(sizes.values())
