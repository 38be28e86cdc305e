"""Budget of a search, from the minutes that the whole command may take."""

import json
import os
import time

from tfx.dsl.io import fileio

from core.file_names import BEGAN_VARIABLE
from models.strategies.oracle import Budget
from models.tuning.chief import is_worker

# What comes after the search, evaluation, checks, push and report, as a multiple of what came before it, start and
# the stages up to Transform; and the least of it.
_AFTER, _LEAST_SECONDS = 1.3, 25.0
_BEFORE_FILE = "seconds_before.json"


def budget_of(minutes: float | None, folder: str, final: float = 1.0) -> Budget:
    """Returns the time that there is.

    When the command began stands in the environment, as it does for processes that are started; without that, it is
    now. A search that goes on found the stages before it in the cache, and those after it are not there: what counts is
    how long the former took when they were computed.

    Args:
        minutes: Of the whole command; None is no limit.
        folder: Of the search.
        final: Time of the training of what is chosen, as a multiple of a trial's.
    """
    now = time.time()
    if minutes is None:
        return Budget(now)
    began = float(os.environ.get(BEGAN_VARIABLE, now))
    before = _longest(now - began, os.path.join(folder, _BEFORE_FILE))
    return Budget(now, began + 60 * minutes, max(_AFTER * before, _LEAST_SECONDS), final)


def _longest(seconds: float, path: str) -> float:
    """Keeps the largest of the times that a search was given."""
    if fileio.exists(path):
        with fileio.open(path) as handle:
            kept = float(json.loads(handle.read()))
        # A worker begins later than the search.
        if kept >= seconds or is_worker():
            return kept
    with fileio.open(path, "w") as handle:
        handle.write(json.dumps(seconds))
    return seconds
