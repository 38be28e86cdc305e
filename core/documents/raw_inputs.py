"""What lies beside a SavedModel about its raw features, read without TensorFlow."""

import json
import os
from collections.abc import Callable
from typing import Any

FEATURES_ASSET = os.path.join("assets.extra", "features.json")


def read_raw_inputs(
    folder: str, exists: Callable[[str], bool] = os.path.exists, opener: Callable[..., Any] = open
) -> dict[str, Any] | None:
    """Reads `assets.extra/features.json`; see describe_features in `features_file`.

    Args:
        folder: Of the SavedModel.
        exists: Tells whether a path does; that of another file system where the folder is on one.
        opener: Opens a path for reading bytes, as `open` does.

    Returns:
        `label`, `image` and `features`; None where the exporter left none.
    """
    path = os.path.join(folder, FEATURES_ASSET)
    if not exists(path):
        return None
    with opener(path, "rb") as handle:
        content: dict[str, Any] = json.loads(handle.read())
    return content


def by_input(raw_inputs: dict[str, Any] | None) -> dict[str, dict[str, str]]:
    """Returns input of `predict_raw` to the `name` and `kind` of the raw feature it stands for."""
    return {one["input"]: one for one in raw_inputs["features"]} if raw_inputs else {}
