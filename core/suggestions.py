"""Suggests the valid name that is nearest to an unknown one."""

import difflib
from collections.abc import Iterable


def nearest(name: str, valid: Iterable[str]) -> str | None:
    """Returns the valid name most like `name`, or None where none is like it."""
    close = difflib.get_close_matches(name, list(valid), n=1, cutoff=0.6)
    return close[0] if close else None
