"""Chooses the settings of an experiment that follow from its data."""

import math
from collections.abc import Callable
from functools import partial

from components.imbalance_validator.settings import ValidationSettings
from components.stratified_example_gen.plan import MIN_CLASS_COUNT
from components.stratified_example_gen.settings import SplitShares
from pipeline.proposal.choice import Accepts, Choice, experiment_accepts, first_accepted
from pipeline.proposal.data_facts import DataFacts

# As good as balanced: nothing is done about it.
_MILD_RATIO = 1.5
_MOST_COPIES = 10
_STEEP_RATIO = 100
_FEW_RARE = 500
_MANY_IMAGES = 20_000
_SMALLEST_PRETRAINED_SIDE = 48
_SMALLEST_SIDE = 16
_LONGEST_PRETRAINED_SIDE, _LONGEST_SIDE = 160, 128
_PRETRAINED_STEP, _STEP = 32, 8
_FEWEST_FOR_RESNET = 2000
_WIDE_TABLE = 100
_SMALL_TABLE = 2000
# Records up to: batch size.
_IMAGE_BATCHES = ((1000, 16), (10_000, 32), (math.inf, 64))
_TABLE_BATCHES = ((2000, 32), (20_000, 64), (100_000, 128), (math.inf, 256))
# Records up to: epochs.
_IMAGE_EPOCHS = ((1000, 60), (5000, 40), (20_000, 20), (math.inf, 10))
_TABLE_EPOCHS = ((2000, 80), (20_000, 50), (100_000, 30), (math.inf, 15))
_PRETRAINED_EPOCHS = 20
_FEWEST_PATIENT_EPOCHS = 4
_GROUP_DRIFT = 0.2


def recipe(made: list[Choice], facts: DataFacts, accepts: Accepts = experiment_accepts) -> list[Choice]:
    """Chooses validation, augmentation, model, loss, training and decision.

    Each topic is an ordered list of wishes, best first; the first that the settings accept beside the choices made
    before it is taken. What does not exist yet is thus asked for on the day it does.

    Args:
        made: Choices made already; at least name and data.
        facts: The data.
        accepts: Tells whether an experiment may say this.

    Returns:
        `made`, with the new choices behind.
    """
    choices = list(made)
    topics: list[Callable[[DataFacts, list[Choice]], list[Choice]]] = [
        _class_count_limit,
        _drift_limit,
        _augmentation,
        _image_model,
        _tabular_model,
        _class_weights,
        _training,
        _decision,
    ]
    for topic in topics:
        choices += first_accepted(choices, topic(facts, choices), accepts)
    return choices


def _class_count_limit(facts: DataFacts, _: list[Choice]) -> list[Choice]:
    """Lowers the least class count to what the splits need where a class has fewer records than the default.

    Not to the class's own count: a duplicate in it would stop the run.
    """
    count = min(facts.counts.values())
    if count >= ValidationSettings().min_class_count:
        return []
    reason = f"The rarest class has {count} records, so its scores will be coarse; {MIN_CLASS_COUNT} fill the three splits"
    return [Choice("validation.min_class_count", MIN_CLASS_COUNT, reason)]


def _drift_limit(facts: DataFacts, _: list[Choice]) -> list[Choice]:
    """Raises the limit of label drift where splits so small, or of whole groups, cannot have equal class shares."""
    if facts.layout.paths.keys() != {None} or (facts.roles is not None and facts.roles.split is not None):
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


def _augmentation(facts: DataFacts, _: list[Choice]) -> list[Choice]:
    """Adds rotated and scaled copies of the images of rare classes, none of table rows.

    A class grows at most tenfold: more copies of the same few images cost time and teach nothing new. Rows are
    left as they are: weights and thresholds do as well as made-up rows, and keep the probabilities honest
    (Elor and Averbuch-Elor, To SMOTE, or not to SMOTE?, 2022, https://arxiv.org/abs/2201.08528).
    """
    if facts.images is None or facts.imbalance_ratio < _MILD_RATIO:
        return []
    ratio = float(f"{min(1.0, _MOST_COPIES / facts.imbalance_ratio):.2g}")
    reason = f"Turned and scaled copies of the rare classes' images, up to {_MOST_COPIES} times as many"
    return [Choice("augmentation", {"image": "rotate_scale", "target_ratio": ratio}, reason)]


def _image_model(facts: DataFacts, _: list[Choice]) -> list[Choice]:
    """Chooses backbone and size of the images.

    - Sides under 48 pixels: a network made for small images. The pretrained ones divide a side by 32, which
      would leave one cell of it. resnet32 from 2,000 images on; with fewer the small network learns as much.
    - Else MobileNetV2 of width 0.35 with ImageNet's weights, the best of the light ones on a CPU: its last
      block alone where the rarest class has under 500 images or all have under 20,000, as more weights than
      images overfit; all of it otherwise.
    - Else the small network from random weights.

    The size is the images' own median, in steps the backbone divides by. The longest side is at most 160
    pixels for a pretrained backbone and 128 for one trained from scratch, whose every epoch runs all of it.
    """
    images = facts.images
    if images is None:
        return []
    few = facts.rarest < _FEW_RARE or facts.num_records < _MANY_IMAGES
    own = f"the images' median is {images.height} x {images.width} pixels"
    size = _size(images.height, images.width, _LONGEST_SIDE, _STEP)
    channels = {"channels": 1} if images.grey else {}
    from_scratch = [
        Choice("model.image", {"backbone": "small_cnn", "size": size, **channels}, f"Small and fast; {own}")
    ]
    if max(images.height, images.width) < _SMALLEST_PRETRAINED_SIDE:
        if facts.num_records < _FEWEST_FOR_RESNET:
            return from_scratch
        resnet = {"backbone": "resnet32", "size": size, **channels}
        return [Choice("model.image", resnet, f"Made for small images; {own}"), *from_scratch]
    pretrained = {
        "backbone": "MobileNetV2",
        "alpha": 0.35,
        "weights": "imagenet",
        "size": _size(images.height, images.width, _LONGEST_PRETRAINED_SIDE, _PRETRAINED_STEP),
        "fine_tune": "last_block" if few else "all",
    }
    why = (
        "Few images of the rarest class: it learns from ImageNet's"
        if few
        else "Learns faster from ImageNet's weights"
    )
    return [Choice("model.image", pretrained, f"{why}; {own}"), *from_scratch]


def _size(height: int, width: int, longest: int, step: int) -> list[int]:
    scale = min(1.0, longest / max(height, width))
    return [max(_SMALLEST_SIDE, step, step * round(side * scale / step)) for side in (height, width)]


def _tabular_model(facts: DataFacts, _: list[Choice]) -> list[Choice]:
    """Chooses the width of the dense layers by the table's.

    Under 2,000 rows fewer units and more dropout, against overfitting; above 100 columns more of both, as a
    first layer narrower than the table would squeeze it.
    """
    roles = facts.roles
    num_columns = 0 if roles is None else len(roles.numeric) + len(roles.categorical) + len(roles.slips)
    if not num_columns:
        return []
    shape = f"{facts.num_records:,} rows of {num_columns} column{'' if num_columns == 1 else 's'}"
    if facts.num_records < _SMALL_TABLE:
        dropout = 0.3 if num_columns > _WIDE_TABLE else 0.2
        units, reason = [64, 32], f"{shape}: narrow layers and dropout against overfitting"
    elif num_columns > _WIDE_TABLE:
        units, dropout, reason = [256, 128], 0.3, f"{shape}: a wide first layer, with dropout"
    else:
        units, dropout, reason = [128, 64], 0.1, f"{shape}: two dense layers"
    return [Choice("model.tabular", {"encoder": "mlp", "hidden_units": units, "dropout": dropout}, reason)]


def _class_weights(facts: DataFacts, made: list[Choice]) -> list[Choice]:
    """Weighs the classes by how far their counts are apart.

    None below a ratio of 1.5, nor where augmentation has made the classes equal, for that would count twice. For
    images inverse up to 100 : 1. Else the square root of it: the few records of the rarest class would
    outweigh all others, and for a table, where classes overlap, the rare class would be found everywhere.
    """
    ratio = facts.imbalance_ratio
    augmented = next((choice.value["target_ratio"] for choice in made if choice.key == "augmentation"), None)
    if ratio < _MILD_RATIO:
        weights, reason = "none", "The classes are about equally common"
    elif augmented == 1.0:
        weights, reason = "none", "Augmentation makes the classes equally common"
    elif facts.roles is None and augmented is None and ratio <= _STEEP_RATIO:
        weights, reason = "inverse", "Every class pulls alike, however rare"
    else:
        weights, reason = (
            "sqrt_inverse",
            "Favours the rare classes without letting their few records outweigh the rest",
        )
    return [Choice("loss", {"name": "cross_entropy", "class_weights": weights}, reason)]


def _training(facts: DataFacts, made: list[Choice]) -> list[Choice]:
    """Sets epochs and batch size by the number of records.

    Small batches give a rare class's records a say in more steps; large tables would take too many of them.
    Fewer records need more epochs for as many steps, a pretrained backbone at most 20. Training stops early after
    a quarter of the epochs, at least 4, without a better macro-F1.
    """
    has_images = facts.images is not None
    batch_size = _at(facts.num_records, _IMAGE_BATCHES if has_images else _TABLE_BATCHES)
    epochs = _at(facts.num_records, _IMAGE_EPOCHS if has_images else _TABLE_EPOCHS)
    if any(choice.key == "model.image" and choice.value.get("weights") for choice in made):
        epochs = min(epochs, _PRETRAINED_EPOCHS)
    patience = max(_FEWEST_PATIENT_EPOCHS, epochs // 4)
    reason = f"For {facts.num_records:,} records; stops after {patience} epochs without a better macro-F1"
    return [Choice("training", {"epochs": epochs, "batch_size": batch_size, "patience": patience}, reason)]


def _at(num_records: int, steps: tuple[tuple[float, int], ...]) -> int:
    return next(value for limit, value in steps if num_records <= limit)


def _decision(facts: DataFacts, _: list[Choice]) -> list[Choice]:
    """Decides by thresholds that make the macro-F1 highest, on calibrated probabilities.

    The most probable class is hardly ever the rare one; thresholds help as much as resampling does.
    """
    reason = "Thresholds by class, so that the rare ones are found"
    wish = partial(Choice, "decision", reason=reason)
    return [wish({"calibrate": True, "rule": "macro_f1"}), wish({"rule": "macro_f1"})]
