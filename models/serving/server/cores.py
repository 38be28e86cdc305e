"""How the cores are shared out: within one batch, or between several."""

import os


def available_cores() -> int:
    """Returns how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def batches_at_once(cores: int, op_threads: int) -> int:
    """Returns how many batches to compute at a time, so that the batches alone could keep all cores busy.

    Args:
        cores: Number of cores.
        op_threads: Threads that compute one operation of a batch.

    Example: 8 cores and 2 threads compute 4 batches at a time.
    """
    return max(1, cores // op_threads)
