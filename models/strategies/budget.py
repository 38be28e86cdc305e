"""Budget of a search, from the minutes that the whole command may take."""

import os
import time

from core.file_names import BEGAN_VARIABLE
from models.strategies.oracle import Budget

# What comes after the search, evaluation, checks, push and report, as a multiple of what came before it, start and
# the stages up to Transform; and the least of it.
_AFTER, _LEAST_SECONDS = 1.3, 25.0


def budget_of(minutes: float | None) -> Budget:
    """Returns the time that there is.

    When the command began stands in the environment, as it does for processes that are started; without that, it is
    now.

    Args:
        minutes: Of the whole command; None is no limit.
    """
    now = time.time()
    if minutes is None:
        return Budget(now)
    began = float(os.environ.get(BEGAN_VARIABLE, now))
    return Budget(now, began + 60 * minutes, max(_AFTER * (now - began), _LEAST_SECONDS))
