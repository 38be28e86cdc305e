"""Chooses the recipe that some data ask for, and what of it follows from their size."""

import math
from dataclasses import dataclass

from pipeline.proposal.choice import Accepts, Choice, first_accepted
from pipeline.proposal.image_sample import ImageSample
from pipeline.recipes import Quality

# Records up to: folds of quality balanced, and of quality best. Every fold trains once more.
_FOLDS = ((50_000, 5, 10), (300_000, 3, 5), (1_000_000, 1, 3), (math.inf, 1, 1))
_ENOUGH_RARE = 20_000
# Records below: records per step. TabM's, see pipeline/recipes/tabular.yaml.
_TABLE_BATCHES = ((2_800, 32), (4_500, 64), (6_400, 128), (32_000, 256), (math.inf, 512))
# Images up to: batch size. From scratch the rate of learning goes with it, from 0.1 for 128 images.
_IMAGE_BATCHES = ((1_000, 16), (5_000, 32), (10_000, 64), (math.inf, 128))
_RATE_FROM_SCRATCH, _ITS_BATCH = 0.1, 128
_SMALLEST_PRETRAINED_SIDE = 48
_SMALLEST_SIDE, _LONGEST_SIDE, _STEP = 16, 64, 8


@dataclass(frozen=True)
class RecipeFacts:
    """What of the data decides.

    Attributes:
        has_image: Whether the records have an image, beside columns or alone.
        num_records: Number of records, test among them.
        rarest: Records of the rarest class in train and eval.
        num_columns: Number of columns that are learnt from; 0 where there are none or that is not known.
        images: What the images are like; None where there are none or that is not known.
        weights: What `model.image.weights` may say without a download; None where there are none.
        eval_is_given: Whether the data say themselves what eval is: it is kept apart, whatever else is small.
    """

    has_image: bool
    num_records: int
    rarest: int
    num_columns: int = 0
    images: ImageSample | None = None
    weights: str | None = None
    eval_is_given: bool = False


def recipe_choices(facts: RecipeFacts, quality: Quality = "balanced") -> list[Choice]:
    """Chooses the recipe, first, and what goes over its settings."""
    return _image_choices(facts) if facts.has_image else _table_choices(facts, quality)


def accepted(wishes: list[Choice], accepts: Accepts, made: list[Choice] | None = None) -> list[Choice]:
    """Returns the wishes of `recipe_choices` that an experiment may say; none where it may not say the recipe.

    Args:
        wishes: The recipe first.
        accepts: Tells whether an experiment may say this.
        made: Choices made before.
    """
    before = list(made or [])
    chosen = first_accepted(before, wishes[:1], accepts)
    if chosen:
        for wish in wishes[1:]:
            chosen += first_accepted([*before, *chosen], [wish], accepts)
    return chosen


def _table_choices(facts: RecipeFacts, quality: Quality) -> list[Choice]:
    # Folds join eval with train, which may hold another time, place or device.
    folds = 1 if facts.eval_is_given else num_folds(facts.num_records, facts.rarest, quality)
    batch_size = next(size for limit, size in _TABLE_BATCHES if facts.num_records < limit)
    shape = f"{facts.num_records:,} rows, {facts.rarest:,} of the rarest class to learn from"
    choices = [
        Choice("recipe", "tabular", "Several networks in one graph on the natural prior, for tables"),
        Choice(
            "model.tabular",
            {"trees": {"enabled": True}},
            "Boosted trees beside the network, each with the share that is best on records that it has not learnt from",
        ),
        Choice("training.batch_size", batch_size, shape),
    ]
    if folds > 1:
        reason = f"Trained {folds} times, so that every record is learnt from and decided by"
        choices.append(Choice("training.folds", folds, reason))
    return choices


def num_folds(num_records: int, rarest: int, quality: Quality) -> int:
    """Returns the number of folds of train and eval; 1 is a single split.

    Where records are few, those kept back for eval are missed and decisions by them are uncertain, and a further
    training is cheap; where they are many it is the other way round.

    Args:
        num_records: Number of records.
        rarest: Records of the rarest class to learn from: no more folds than these.
        quality: Of the experiment.
    """
    balanced, best = next((few, many) for limit, few, many in _FOLDS if num_records <= limit)
    wanted = {"fast": 1, "balanced": 1 if rarest >= _ENOUGH_RARE else balanced, "best": best}[quality]
    return max(1, min(wanted, rarest))


def in_train_and_eval(count: int, test_share: float) -> int:
    """Returns how many of a class's records a split by shares leaves to learn from."""
    return max(1, count - max(1, round(count * test_share)))


def _image_choices(facts: RecipeFacts) -> list[Choice]:
    images = facts.images
    batch_size = next(size for limit, size in _IMAGE_BATCHES if facts.num_records <= limit)
    count = f"{facts.num_records:,} images, {facts.rarest:,} of the rarest class to learn from"
    mirrored = "mirrors images: for text set augmentation.crop_flip to false"
    is_small = images is not None and max(images.height, images.width) < _SMALLEST_PRETRAINED_SIDE
    if facts.weights is not None and not is_small:
        return [
            Choice(
                "recipe",
                "image_pretrained",
                f"Fine-tunes a network that has seen ImageNet; {mirrored} and model.image.test_time_augmentation to none",
            ),
            Choice("model.image", {"weights": facts.weights}),
            Choice("training.batch_size", min(batch_size, 32), count),
        ]
    why = "the images are small" if is_small else "no pretrained weights are on this machine"
    choices = [Choice("recipe", "image_scratch", f"A network from random weights, as {why}; {mirrored}")]
    if images is not None:
        channels = {"channels": 1} if images.grey else {}
        own = f"The images' median is {images.height} x {images.width} pixels"
        choices.append(Choice("model.image", {"size": _size(images), **channels}, own))
    rate = {"learning_rate": _RATE_FROM_SCRATCH * batch_size / _ITS_BATCH}
    return [
        *choices,
        Choice("training.batch_size", batch_size, count),
        Choice("training.optimizer", rate, "In proportion to the size of the batches"),
    ]


def _size(images: ImageSample) -> list[int]:
    """Returns the images' own size in steps of 8 pixels, the longest side at most 64: every epoch runs all of it."""
    scale = min(1.0, _LONGEST_SIDE / max(images.height, images.width))
    return [
        max(_SMALLEST_SIDE, _STEP * round(side * scale / _STEP)) for side in (images.height, images.width)
    ]
