"""Check of the decision's settings against the data, made before NumPy or TensorFlow is loaded."""

from collections.abc import Collection

from components.decision_calibrator.settings import DecisionSettings
from core.errors import InputError
from core.named_in_data import mentions, require_classes
from core.printable import listed


def check_class_names(settings: DecisionSettings, classes: Collection[str]) -> None:
    """Checks that the classes named are in the data, and that a prior has all of them.

    Raises:
        InputError: Where one is not there, or left out.
    """
    require_classes(mentions(settings, "decision"), classes)
    if isinstance(settings.prior, dict):
        left_out = [name for name in classes if name not in settings.prior]
        if left_out:
            raise InputError(
                f"decision.prior: expected the share of every class. Left out: {listed(left_out)}. "
                "Give each a share; the sum must be 1."
            )
