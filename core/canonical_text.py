"""Canonical spelling of a category, on which readers and graph agree; TensorFlow-free.

`models/preprocessing/canonical_graph.py` computes the same in a graph: what is changed here is changed there.
"""

import re
import unicodedata
from functools import lru_cache

from core.missing import is_missing

# Code points from and to. White space beside the blank: all of Unicode's, and what separates records and fields in
# ASCII; the blank pattern of Braille looks like one.
SPACES = (
    (0x09, 0x0D),
    (0x1C, 0x20),
    (0x85, 0x85),
    (0xA0, 0xA0),
    (0x1680, 0x1680),
    (0x2000, 0x200A),
    (0x2028, 0x2029),
    (0x202F, 0x202F),
    (0x205F, 0x205F),
    (0x2800, 0x2800),
    (0x3000, 0x3000),
)
# What no one sees: controls, soft hyphens, joiners, marks of direction and order, byte order marks, fillers,
# selectors of a variant. The tags are none of them: a flag of Scotland is one of England but for these.
INVISIBLE = (
    (0x00, 0x08),
    (0x0E, 0x1B),
    (0x7F, 0x84),
    (0x86, 0x9F),
    (0xAD, 0xAD),
    (0x034F, 0x034F),
    (0x061C, 0x061C),
    (0x115F, 0x1160),
    (0x17B4, 0x17B5),
    (0x180B, 0x180F),
    (0x200B, 0x200F),
    (0x202A, 0x202E),
    (0x2060, 0x206F),
    (0x3164, 0x3164),
    (0xFE00, 0xFE0F),
    (0xFEFF, 0xFEFF),
    (0xFFA0, 0xFFA0),
    (0xFFF0, 0xFFFB),
    (0x1BCA0, 0x1BCA3),
    (0x1D173, 0x1D17A),
    (0xE0001, 0xE0001),
    (0xE0100, 0xE01EF),
)
# A whole number, with nothing or noughts behind its point. With noughts before it, it is a code.
WHOLE = r"(?:-?(0)|(-?[1-9][0-9]*))(?:\.0+)?"
BOOLEANS = {"true": "[Tt][Rr][Uu][Ee]", "false": "[Ff][Aa][Ll][Ss][Ee]"}
# Of code points that are composed together; a letter has three marks, not thirty.
MOST_COMPOSED = 32


def _class_of(ranges: tuple[tuple[int, int], ...]) -> str:
    return "[" + "".join(f"\\U{first:08x}-\\U{last:08x}" for first, last in ranges) + "]"


_SPACES = re.compile(_class_of(SPACES) + "+")
_INVISIBLE = re.compile(_class_of(INVISIBLE) + "+")
_WHOLE = re.compile(WHOLE)


@lru_cache(1)
def composing_ranges() -> tuple[tuple[int, int], ...]:
    """Returns the code points that Unicode's composition may change, move, or join to what is before them.

    Each of the others begins a stretch of text that is composed on its own.
    """
    points = set(range(0x1161, 0x1176)) | set(range(0x11A8, 0x11C3))
    for point in range(0x110000):
        letter = chr(point)
        if unicodedata.combining(letter) or unicodedata.normalize("NFC", letter) != letter:
            points.add(point)
        elif len(parts := unicodedata.decomposition(letter).split()) == 2 and not parts[0].startswith("<"):
            points.add(int(parts[1], 16))
    ranges: list[tuple[int, int]] = []
    for point in sorted(points):
        if ranges and ranges[-1][1] == point - 1:
            ranges[-1] = (ranges[-1][0], point)
        else:
            ranges.append((point, point))
    return tuple(ranges)


@lru_cache(1)
def _stretches() -> re.Pattern[str]:
    composing = _class_of(composing_ranges())
    return re.compile(f"[^{composing[1:]}?{composing}+", re.DOTALL)


def _compose(stretch: re.Match[str]) -> str:
    text = stretch.group()
    return unicodedata.normalize("NFC", text) if len(text) <= MOST_COMPOSED else text


def clean_text(text: str) -> str:
    r"""Spells a text in the one way of the many that look alike.

    What is invisible goes. Any white space, line breaks among it, becomes one blank, and none is left at the ends.
    Letters and their marks are composed (Unicode's form NFC); more than 31 marks behind one letter stay as they
    are. Letters that look alike in two scripts, or in full width, stay two: they are two on every keyboard.

    Example: `"\ufeffcafe\u0301\r\n au\u00a0lait "` becomes `"caf\u00e9 au lait"`.

    Args:
        text: Text without lone surrogates. A number in it means the same after as before.
    """
    if text.isascii() and text.isprintable() and "  " not in text:
        return text.strip()
    text = _SPACES.sub(" ", _INVISIBLE.sub("", text))
    if not unicodedata.is_normalized("NFC", text):
        text = _stretches().sub(_compose, text)
    return text.strip(" ")


def clean_cell(cell: str) -> str | None:
    """Returns a cell's text as `clean_text` spells it, or None where it stands for a missing value."""
    text = clean_text(cell)
    return None if is_missing(text) else text


@lru_cache(2**16)
def spelled(cell: str) -> str:
    """Spells what a clean cell says in the one way that tables of different formats agree on.

    A whole number has no point and noughts (`3.0` and `3.00` are `3`, `-0.0` is `0`), as tables with and without a
    gap spell the same numbers; the words true and false are in lower case. What may be a code is left alone:
    `01234`, `+3`, `1e5`, `1.10`, `yes`.
    """
    if whole := _WHOLE.fullmatch(cell):
        return "".join(group or "" for group in whole.groups())
    return cell.lower() if cell.isascii() and cell.lower() in BOOLEANS else cell


def canonical_category(text: str) -> str | None:
    """Spells a category in the one way that training and every kind of request agree on: clean, and as `spelled`.

    Args:
        text: As for `clean_text`.

    Returns:
        The spelling, or None where it stands for a missing value.
    """
    cell = clean_cell(text)
    return None if cell is None else spelled(cell)
