"""How the cores are shared out: within one batch, or between several."""

import os


def available_cores() -> int:
    """Returns how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def batches_at_once(cores: int, op_threads: int) -> int:
    """Returns how many batches to compute at a time.

    One core is left to reading requests and writing answers, which Python does on one at a time.

    Args:
        cores: Number of cores.
        op_threads: Threads that compute one operation of a batch.

    Example: 8 cores and 2 threads compute 3 batches at a time.
    """
    return max(1, (cores - 1) // op_threads)
