"""Keeps the SavedModel that was asked last, so that a notebook does not wait for it at every question."""

import os
from functools import lru_cache
from typing import Any

import tensorflow as tf


def load_kept(folder: str) -> Any:
    """Loads a SavedModel, unless it is the last one that was loaded and has not changed since.

    Args:
        folder: Of the SavedModel.
    """
    return _load(folder, os.stat(os.path.join(folder, "saved_model.pb")).st_mtime_ns)


@lru_cache(maxsize=1)
def _load(folder: str, changed: int) -> Any:
    """Loads a SavedModel that was last changed at a time, in nanoseconds."""
    return tf.saved_model.load(folder)
