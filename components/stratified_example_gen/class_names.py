"""Finds names of classes that are one class but for their spelling."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal

from core.canonical_text import INVISIBLE, SPACES, clean_text
from core.errors import InputError

_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)(e[+-]?[0-9]{1,4})?")
_LONGEST_NUMBER = 100
_MINUS = "\N{MINUS SIGN}"
_HIDDEN = frozenset(point for first, last in (*SPACES, *INVISIBLE) for point in range(first, last + 1)) - {
    0x20
}


def look_alikes(names: Iterable[str]) -> list[list[str]]:
    """Returns the sets of names that nobody can tell apart: they differ in what is invisible, or in how white space
    or accents are encoded.
    """
    return _sets(names, clean_text)


def same_but_for_spelling(names: Iterable[str]) -> list[list[str]]:
    """Returns the sets of names that say the same: `Cat`, `cat ` and `CAT`; `1`, `01`, `1.0` and `1e0`.

    They are equal without case, white space and what is invisible, in Unicode's compatible forms (a full-width
    letter), or as numbers. What sets two names apart otherwise, a hyphen or a letter, is left alone: `a-b` and `ab`
    may well be two classes.
    """
    return _sets(names, class_key)


def class_key(name: str) -> str:
    """Returns what the spellings of one class have in common."""
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", clean_text(name)).casefold())
    plain = "".join(plain.split())
    number = plain.replace(_MINUS, "-")
    if len(number) > _LONGEST_NUMBER or not _NUMBER.fullmatch(number):
        return plain
    sign, digits, exponent = Decimal(number).as_tuple()
    assert isinstance(exponent, int)
    significant = "".join(map(str, digits)).lstrip("0")
    kept = significant.rstrip("0")
    return f"{'-' * sign}{kept} e {exponent + len(significant) - len(kept)}" if kept else "0 e 0"


def class_place(classes: Sequence[str], name: str) -> int:
    """Returns the index of the class that a name says, -1 where it is none.

    It is the class of that spelling, or else the only one that says the same: a new table may spell `1` as `1.0`.
    """
    clean = [clean_text(one) for one in classes]
    if clean_text(name) in clean:
        return clean.index(clean_text(name))
    alike = [place for place, one in enumerate(classes) if class_key(one) == class_key(name)]
    return alike[0] if len(alike) == 1 else -1


def _sets(names: Iterable[str], key: Callable[[str], str]) -> list[list[str]]:
    sets: dict[str, list[str]] = {}
    for name in names:
        sets.setdefault(key(name), []).append(name)
    return [found for found in sets.values() if len(found) > 1]


def visible(name: str) -> str:
    r"""Quotes a name so that it can be told from those that look alike: `'café'` and `'cafe\u0301'`, `'a\xa0b'`."""
    escaped = "".join(letter if _is_plain(letter) else _escape(letter) for letter in name)
    return f"'{escaped}'" if "'" not in escaped or '"' in escaped else f'"{escaped}"'


def _is_plain(letter: str) -> bool:
    return (
        letter.isprintable()
        and ord(letter) not in _HIDDEN
        and not unicodedata.category(letter).startswith("M")
        and unicodedata.normalize("NFC", letter) == letter
        and not 0x1100 <= ord(letter) <= 0x11FF  # Hangul that is not composed
    )


def _escape(letter: str) -> str:
    return letter.encode("unicode_escape").decode()


def with_counts(names: Iterable[str], counts: Mapping[str, int]) -> str:
    """Lists names with their numbers of examples, the commonest first."""
    ordered = sorted(names, key=lambda name: (-counts[name], name))
    return " and ".join(
        f"{visible(name)} ({counts[name]:,} example{'' if counts[name] == 1 else 's'})" for name in ordered
    )


def how_they_differ(names: Iterable[str]) -> str:
    """Says what sets the names of one class apart, as a sentence's verb and object."""
    plain = {"".join(unicodedata.normalize("NFKC", clean_text(name)).casefold().split()) for name in names}
    return "differ by case or space only" if len(plain) == 1 else "are one number"


def refuse_look_alikes(counts: Mapping[str, int], where: str) -> None:
    """Refuses classes that nobody can tell apart.

    Args:
        counts: Class, as it is spelled in the data, to its examples.
        where: The data, for the message.

    Raises:
        InputError: Naming each such set with the count of each spelling.
    """
    found = look_alikes(counts)
    if found:
        sets = "; ".join(with_counts(names, counts) for names in found[:5])
        more = f"; and {len(found) - 5} more such sets" if len(found) > 5 else ""
        raise InputError(
            f"{where}: these classes look alike, and would be different ones to the model: {sets}{more}. Write each "
            "in one way in the data (in a folder of images, move the images into one folder)."
        )


def refuse_spellings(counts: Mapping[str, int], where: str) -> None:
    """Refuses classes that are one but for their spelling; see `same_but_for_spelling`.

    Args:
        counts: As in `refuse_look_alikes`.
        where: Likewise.

    Raises:
        InputError: Naming each such set with the count of each spelling, and the way on for who means it.
    """
    found = same_but_for_spelling(counts)
    if found:
        sets = "; ".join(f"{with_counts(names, counts)} {how_they_differ(names)}" for names in found[:5])
        more = f"; and {len(found) - 5} more such sets" if len(found) > 5 else ""
        raise InputError(
            f"{where}: classes that say the same: {sets}{more}. Write each in one way in the data. Where they are "
            "different classes all the same, name them differently, or set validation.skip to [label_spelling]."
        )
