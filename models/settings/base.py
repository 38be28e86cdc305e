"""Checks and spellings that the settings of the model share."""

from difflib import get_close_matches
from typing import Any

from pydantic import AfterValidator


def as_yaml(value: Any) -> str:
    """Writes a value as it stands in an experiment."""
    return {None: "null", True: "true", False: "false"}.get(value, str(value))


def known(*names: str) -> AfterValidator:
    """Refuses a name that is not one of `names`, and says which of them is nearest."""

    def check(value: str) -> str:
        if value not in names:
            # Case is left aside: mobilenetv2 is nearer to MobileNetV2 than to MobileNet.
            by_lower_case = {name.lower(): name for name in names}
            nearest = get_close_matches(value.lower(), by_lower_case, n=1, cutoff=0.5)
            hint = (
                f"Did you mean {by_lower_case[nearest[0]]!r}?" if nearest else f"Known: {', '.join(names)}."
            )
            raise ValueError(f"{value!r} is not a known name. {hint}")
        return value

    return AfterValidator(check)
