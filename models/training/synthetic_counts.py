"""How many synthetic records training makes for each class. No TensorFlow: counts alone."""

import math
from collections.abc import Mapping
from typing import Any


def synthetic_counts(class_counts: Mapping[str, int], augmentation: Mapping[str, Any]) -> dict[str, int]:
    """Computes how many records each class lacks of the size that is asked for.

    A class of n records grows to `ceil(target_ratio * N)`, N the size of the largest; with `sqrt` to
    `ceil(sqrt(n * N))`; with a dict to its count there. `max_factor` holds it to `floor(max_factor * n)`.
    None shrinks. The MinorityAugmenter plans by the same rule and writes the plan into `priors.json`.

    Args:
        class_counts: Class to its number of training records, at least 1.
        augmentation: The experiment's `augmentation`: `target_ratio` and `max_factor`.

    Returns:
        Class to number of records to make; classes that do not grow are left out.

    Example: sizes 90 and 10 at a ratio of 0.5 lack 35 records of the second class.
    """
    ratio, factor = augmentation.get("target_ratio", 1.0), augmentation.get("max_factor")
    largest = max(class_counts.values())
    make = {}
    for name, count in class_counts.items():
        if isinstance(ratio, Mapping):
            wanted = ratio.get(name, count)
        else:
            wanted = math.ceil(_exact(math.sqrt(count * largest) if ratio == "sqrt" else ratio * largest))
        if factor is not None:
            wanted = min(wanted, math.floor(_exact(factor * count)))
        if wanted > count:
            make[name] = wanted - count
    return make


def _exact(size: float) -> float:
    # Binary fractions: 0.07 * 100 is a little more than 7.
    return round(size, 6)
