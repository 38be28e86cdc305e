"""SavedModel that is loaded once for the two things that this stage does with it."""

from typing import Any

import tensorflow as tf

_kept: dict[str, Any] = {}


def load_model(folder: str) -> Any:
    """Loads a SavedModel, and keeps it for who takes it next."""
    _kept.clear()
    _kept[folder] = tf.saved_model.load(folder)
    return _kept[folder]


def kept_model(folder: str) -> Any:
    """Returns the SavedModel that was loaded last, or loads it; it is kept for who takes it next."""
    return _kept[folder] if folder in _kept else load_model(folder)


def take_model(folder: str) -> Any:
    """Returns the SavedModel that was loaded last, or loads it; it is kept no longer."""
    kept = _kept.pop(folder, None)
    _kept.clear()
    return tf.saved_model.load(folder) if kept is None else kept
