"""Check that enough records are held out to call others unknown by, made before NumPy or TensorFlow is loaded."""

import math

from components.decision_calibrator.unknown_settings import UnknownSettings
from core.errors import InputError

# Of a quotient that is a whole number but for its last bit.
_SLACK = 1e-9


def fewest_held_out(max_false_alarm: float) -> int:
    """Returns the fewest held-out records that say where so small a share begins: of n, one is 1 / (n + 1)."""
    return math.ceil(1 / max_false_alarm - 1 - _SLACK)


def check_held_out(settings: UnknownSettings, num_records: int) -> None:
    """Checks that there are enough held-out records.

    Raises:
        InputError: There are not.
    """
    share = settings.max_false_alarm
    if num_records < fewest_held_out(share):
        raise InputError(
            f"decision.unknown.max_false_alarm: {share:g} takes {fewest_held_out(share):,} held-out records at least, to tell "
            f"where so small a share of them begins. Received: max_false_alarm={share:g} with {num_records:,} held-out "
            f"records. Set it to {math.ceil(1e4 / (num_records + 1)) / 1e4:g} or more, hold more records out (by "
            "data.splits.eval, or all of them by training.folds), or bring more."
        )
