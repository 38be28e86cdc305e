"""Checks that a budget of minutes is enough for one training, before anything is computed."""

from collections.abc import Mapping

from core.errors import InputError
from pipeline.config import Experiment
from pipeline.proposal.expected_time import expected_fixed_seconds, measured_slowness


def check_minutes(minutes: float | None, plain: Experiment, counts: Mapping[str, int]) -> None:
    """Refuses a budget in which not even plain cross entropy can be trained once.

    Args:
        minutes: Of the whole command; None is no limit.
        plain: The experiment with plain cross entropy.
        counts: Class to number of records.

    Raises:
        InputError: There is too little time.
    """
    if minutes is None:
        return
    least = measured_slowness() * expected_fixed_seconds() / 60
    if minutes < least:
        raise InputError(
            f"--minutes {minutes:g} is too little for one training: start, data, evaluation and report take about "
            f"{least:.1f} minutes on this machine, whatever is trained ({sum(counts.values()):,} records, "
            f"{plain.training.epochs} epochs come on top). Give --minutes {max(2, round(3 * least))} or more, or leave it out."
        )
