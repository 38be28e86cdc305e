"""Finds how the data spell a name that an experiment writes otherwise."""

from collections.abc import Collection

from core.errors import InputError
from core.named_in_data import Mention, not_in_the_data
from pipeline.configuration.yaml_document import native_value, plain_scalar


def spelling_in_data(mention: Mention, known: Collection[str], where: str) -> str:
    """Finds the name that YAML reads as it reads the one given.

    Example: an experiment says `true` where the data say `True`, or `1` where a table with gaps has `1.0`.

    Args:
        mention: A name that the data do not hold.
        known: Those that they do.
        where: They are, for the message.

    Raises:
        InputError: There is none, or more than one.
    """
    value = _reading(mention.name)
    alike = [name for name in known if value is not None and _reading(name) == value]
    if len(alike) == 1:
        return alike[0]
    if alike:
        raise InputError(
            f"{mention.key}: {mention.name} may be {' or '.join(map(repr, alike))}, which YAML reads alike. Quote it as "
            "the data spell it."
        )
    raise InputError(not_in_the_data(mention, sorted(known) if mention.kind == "class" else known, where))


def _reading(name: str) -> tuple[bool, object] | None:
    """Returns what YAML takes a name for, None where that is text; 1 and true are equal to Python, but not here."""
    plain = plain_scalar(name)
    if plain is None:
        return None
    try:
        return plain.kind in ("int", "float"), native_value(plain)
    except ValueError:
        return None
