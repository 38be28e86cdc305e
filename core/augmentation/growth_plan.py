"""Plans how many records each class gets or loses."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from core.augmentation.settings import AugmentationSettings


@dataclass(frozen=True)
class Plan:
    """What is to be done to each class of train.

    Attributes:
        make: Class to number of records to make; classes that do not grow are left out.
        keep: Class to number of records to keep; classes that stay whole are left out.
        notes: What a person should know, a sentence each.
    """

    make: dict[str, int]
    keep: dict[str, int]
    notes: tuple[str, ...]


def plan_counts(counts: Mapping[str, int], settings: AugmentationSettings) -> Plan:
    """Says how large each class of train becomes.

    Classes grow to `ceil(target_ratio * largest)`, or with `sqrt` to `ceil(sqrt(size * largest))`, whose
    ratios are the square roots of those before. Undersampling has the same ratios, reached from above: no
    class keeps more than `smallest / target_ratio`, or `sqrt(size * smallest)`. For sizes 90 and 10 and a
    ratio of 0.5, oversampling gives 90 and 45, undersampling 20 and 10.

    Args:
        counts: Class to its number of records in train, at least 1.
        settings: What is asked for; of this stage, or of training.
    """
    if settings.row_strategy == "none" and not settings.in_training:
        return Plan({}, {}, ())
    if settings.row_strategy == "undersample":
        return _shrink(counts, settings)
    return _grow(counts, settings)


def _grow(counts: Mapping[str, int], settings: AugmentationSettings) -> Plan:
    largest = max(counts.values())
    make, notes = {}, []
    for name, count in counts.items():
        ratio = settings.target_ratio
        if isinstance(ratio, dict):
            wanted = ratio.get(name, count)
            if wanted < count:
                notes.append(
                    f"class {name!r}: {count} examples, more than the {wanted} asked for; left as it is, for only "
                    "undersample takes examples away"
                )
        else:
            wanted = math.ceil(_exact(math.sqrt(count * largest) if ratio == "sqrt" else ratio * largest))
        if settings.max_factor is not None and wanted > settings.max_factor * count:
            held = math.floor(_exact(settings.max_factor * count))
            notes.append(f"class {name!r}: {held} examples instead of {wanted}, for max_factor")
            wanted = held
        if wanted > count:
            make[name] = wanted - count
    return Plan(make, {}, tuple(notes))


def _shrink(counts: Mapping[str, int], settings: AugmentationSettings) -> Plan:
    smallest = min(counts.values())
    keep, notes = {}, []
    for name, count in counts.items():
        ratio = settings.target_ratio
        if isinstance(ratio, dict):
            wanted = ratio.get(name, count)
            if wanted > count:
                notes.append(
                    f"class {name!r}: {count} examples, fewer than the {wanted} asked for; left as it is, for "
                    "undersample makes none"
                )
        else:
            wanted = math.floor(_exact(math.sqrt(count * smallest) if ratio == "sqrt" else smallest / ratio))
        if wanted < count:
            keep[name] = wanted
    return Plan({}, keep, tuple(notes))


def _exact(size: float) -> float:
    # Binary fractions: 0.07 * 100 is a little more than 7.
    return round(size, 6)
