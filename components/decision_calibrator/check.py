"""Check of the decision's settings against the data, made before NumPy or TensorFlow is loaded."""

from collections.abc import Collection, Mapping

from components.decision_calibrator.rules.capacity import Capacity
from components.decision_calibrator.settings import DecisionSettings
from core.decision_words import ABSTAIN, UNKNOWN
from core.errors import InputError
from core.named_in_data import mentions, require_classes
from core.printable import listed, printable

# With fewer, no more than one is held out by default shares, which says nothing of how low its probability may be.
_FEWEST_COVERED = 5


def check_class_names(settings: DecisionSettings, classes: Collection[str]) -> None:
    """Checks that the classes named are in the data, and that a prior has all of them.

    Raises:
        InputError: Where one is not there, or left out, or called as what the decision says instead of a class.
    """
    require_classes(mentions(settings, "decision"), classes)
    if settings.abstain is not None and ABSTAIN in classes:
        raise InputError(
            f"decision.abstain: a class is called {ABSTAIN!r}, which is what the decision says of a record that is left to a "
            "person. Give the class another name, or take decision.abstain out."
        )
    if settings.unknown is not None and UNKNOWN in classes:
        raise InputError(
            f"decision.unknown: a class is called {UNKNOWN!r}, which is what the decision says of a record that is like none of "
            "the classes. Give the class another name, or take decision.unknown out."
        )
    if isinstance(settings.prior, dict):
        left_out = [name for name in classes if name not in settings.prior]
        if left_out:
            raise InputError(
                f"decision.prior: expected the share of every class. Left out: {listed(left_out)}. "
                "Give each a share; the sum must be 1."
            )


def check_class_counts(settings: DecisionSettings, class_counts: Mapping[str, int]) -> None:
    """Checks that the data hold enough records for what is asked.

    Args:
        settings: How decisions are drawn.
        class_counts: Class name to number of records.

    Raises:
        InputError: They do not.
    """
    if settings.coverage is not None:
        _check_coverage(settings.coverage, class_counts)
    if isinstance(settings.rule, Capacity):
        _check_capacity(settings.rule, sum(class_counts.values()))


def _check_coverage(coverage: float, class_counts: Mapping[str, int]) -> None:
    few = {name: count for name, count in class_counts.items() if count < _FEWEST_COVERED}
    if few:
        raise InputError(
            f"decision.coverage: expected at least {_FEWEST_COVERED} records of every class, of which some are held out to set "
            f"its threshold by. Received: decision.coverage={coverage:g} with "
            f"{listed([f'{printable(name)} ({count})' for name, count in few.items()])}. Bring more records, join classes, "
            "or take decision.coverage out."
        )


def _check_capacity(rule: Capacity, num_records: int) -> None:
    share = rule.capacity.share
    # Of so many a day the share is known once the records' times are.
    if share is not None and share * num_records < 1:
        raise InputError(
            f"decision.rule.capacity.share: {share:g} of {num_records:,} records is less than one record, so no "
            f"threshold can be found by them. Received: share={share:g}. Set it to {1.05 / num_records:.2g} or more, or "
            "bring more records."
        )
