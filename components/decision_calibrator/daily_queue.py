"""Turns a queue of so many cases a day into one of a share of the records."""

from components.decision_calibrator.rules.capacity import Capacity
from components.decision_calibrator.settings import DecisionSettings
from core.errors import InputError


def with_share_of_day(settings: DecisionSettings, records_per_day: float | None) -> DecisionSettings:
    """Gives a queue that says how many cases are read in a day the share that these are of a day's records.

    share = per_day / records_per_day

    Args:
        settings: Of the decision.
        records_per_day: How many records arrive in a day in the mean; None where that is not known.

    Returns:
        The settings, as they are where there is no such queue.

    Raises:
        InputError: It is not known, or all that arrive in a day can be read.
    """
    queue = settings.rule.capacity if isinstance(settings.rule, Capacity) else None
    if queue is None or queue.per_day is None:
        return settings
    if records_per_day is None:
        raise InputError(
            "decision.rule.capacity.per_day: the records have no times, or a single one, so that none can be counted by "
            f"the day. Received: per_day={queue.per_day:g}. Name their column in data.time, or give share instead."
        )
    if queue.per_day >= records_per_day:
        raise InputError(
            f"decision.rule.capacity.per_day: {records_per_day:,.4g} records arrive in a day in the mean, so that all can be "
            f"read. Received: per_day={queue.per_day:g}. Give fewer, or another rule."
        )
    shared = queue.model_copy(update={"share": queue.per_day / records_per_day})
    return settings.model_copy(
        update={"rule": Capacity(capacity=queue).model_copy(update={"capacity": shared})}
    )
