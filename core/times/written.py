"""Times as whole microseconds since 1970, and how they are written for people."""

from datetime import datetime, timedelta

SECOND = 1_000_000
DAY = 86_400 * SECOND
_EPOCH = datetime(1970, 1, 1)
_MICROSECOND = timedelta(microseconds=1)


def microseconds(moment: datetime) -> int:
    """Returns the microseconds from 1970 to a moment without a zone, exactly."""
    return (moment - _EPOCH) // _MICROSECOND


def written_time(time: int) -> str:
    """Writes a time as ISO 8601 has it, midnight as a date alone.

    Example: `written_time(0)` is `1970-01-01`, `written_time(1_500_000)` is `1970-01-01 00:00:01.500000`.

    Args:
        time: Microseconds since 1970.
    """
    try:
        moment = _EPOCH + timedelta(microseconds=time)
    except OverflowError:  # Before the year 1, or behind 9999.
        return f"{time:,} microseconds since 1970"
    return str(moment.date()) if time % DAY == 0 else moment.isoformat(" ")
