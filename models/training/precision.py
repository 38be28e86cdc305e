"""Float16 where that is safe, and only while a model is trained."""

from collections.abc import Iterator
from contextlib import contextmanager

import keras


@contextmanager
def compute_precision(mixed: bool) -> Iterator[None]:
    """Lets layers built inside compute in float16 and keep their weights in float32.

    The policy is the process's; it is put back at the end, whatever happens.

    Args:
        mixed: Whether to do so; else nothing changes.
    """
    before = keras.mixed_precision.global_policy()
    if mixed:
        keras.mixed_precision.set_global_policy("mixed_float16")
    try:
        yield
    finally:
        keras.mixed_precision.set_global_policy(before)
