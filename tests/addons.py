"""The mark of tests about TensorFlow Addons."""

from importlib.util import find_spec

import pytest

HAS_ADDONS = find_spec("tensorflow_addons") is not None

needs_addons = pytest.mark.skipif(
    not HAS_ADDONS,
    reason="TensorFlow Addons runs on Python 3.10 alone: losses, optimizers and training.ema of our own and of Keras "
    "stand in for it",
)
