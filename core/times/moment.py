"""Days and times as an experiment has them: `2024-05-01`, `2024-05-01 12:00`."""

from core.times.spellings import SPELLINGS


def parse_moment(text: str) -> int:
    """Reads a day or a time as ISO 8601 has it, in microseconds since 1970; in UTC where it names no zone.

    Raises:
        ValueError: It is none.
    """
    reading = SPELLINGS["year_first"].read(text.strip())
    if reading is None:
        raise ValueError(
            f"Expected a day or a time, as in 2024-05-01 or 2024-05-01 12:00. Received: {text!r}"
        )
    return reading[0]
