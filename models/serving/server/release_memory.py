"""Releases the memory of what is no longer used to the system."""

import ctypes
import gc
import sys


def release_memory() -> None:
    """Frees what only cycles of objects hold, as all that TensorFlow loads, and returns free pages to the system."""
    gc.collect()
    if sys.platform == "linux":
        # What a version took lies between what others do, where glibc keeps it for the next; musl has no such call.
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)
