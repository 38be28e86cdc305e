"""Names of a trial's values, which strategies it has and the number of its seed, and how the former are written."""

from collections.abc import Sequence

STRATEGIES, SEED = "strategies", "seed"
PLAIN = "plain"
_AND = " + "


def as_text(names: Sequence[str]) -> str:
    """Writes the names of strategies that go into a training together."""
    return _AND.join(names) or PLAIN


def names_in(text: str) -> tuple[str, ...]:
    """Reads what `as_text` wrote."""
    return () if text == PLAIN else tuple(text.split(_AND))
