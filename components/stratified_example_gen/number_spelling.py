"""Reads numbers as cells spell them, whichever column they stand in."""

import re
from typing import Literal

from core.missing import is_missing_among_numbers

# Whole numbers up to here are stored as int64; the signature `predict_raw` bounds them so.
LARGEST_WHOLE = 9 * 10**18
LARGEST = 3.4028234663852886e38  # Of float32, which other numbers are stored as.

# What a cell may be: a whole number that int64 holds; one that is written with a point or an exponent; another number;
# infinity, or a number that float32 does not hold; a word that says missing among numbers; a number with a currency,
# a unit or marks that are not understood; any other text.
Kind = Literal["integer", "whole", "number", "infinite", "word", "measure", "text"]

_PLAIN_INTEGER = re.compile(r"[+-]?[0-9]{1,18}")
# No digit can be matched in two ways, or a text of many digits would take time by the square of their number.
_PLAIN = re.compile(r"([+-]?)(?:([0-9]+)(?:\.([0-9]*))?|\.([0-9]+))(?:[eE]([+-]?[0-9]+))?")
# Groups of three set apart alike: by commas, blanks (also unbreakable and thin ones) or apostrophes. Where a blank
# or an apostrophe does it, a comma can only be the decimal mark.
_COMMAS = re.compile(r"([+-]?[1-9][0-9]{0,2}(?:,[0-9]{3})+)(\.[0-9]*)?")
_BLANKS = re.compile(
    "([+-]?[1-9][0-9]{0,2}(?:([ '\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{THIN SPACE}\N{RIGHT SINGLE QUOTATION MARK}])"
    r"[0-9]{3})(?:\2[0-9]{3})*)(?:[.,]([0-9]*))?"
)
_INFINITE = re.compile(r"[+-]?(inf|infinity|infinite|\N{INFINITY}|1\.#inf)", re.IGNORECASE)
_MINUS = "\N{MINUS SIGN}"
_DIGIT = re.compile("[0-9]")
_SIGNS = "$€£¥₹₽₩₺₴₫₱฿₪₦"
_CODES = "USD|EUR|GBP|JPY|CHF|CNY|INR|CAD|AUD|SEK|NOK|DKK|PLN|CZK|HUF|BRL|MXN|ZAR|KRW|RUB|TRY|Rs|kr|zł"
_UNITS = (
    "kg|mg|µg|ug|g|lbs?|oz|t|km|cm|mm|µm|nm|m|mi|ft|in|yd|ml|cl|dl|l|L|s|sec|ms|min|h|hrs?|d|days?|y|yrs?|years?"
    "|°C|°F|°|C|F|K|V|mV|kV|A|mA|W|kW|kWh|Wh|Hz|kHz|MHz|GHz|Pa|kPa|MPa|bar|psi|N|J|kJ|kcal|cal|B|KB|kB|MB|GB|TB"
    "|mg/dL|g/dL|mmol/L|mmHg|bpm|rpm|km/h|m/s|mph|dB|ppm|px|pcs|k|M|bn|Mio|Mrd"
)
_MEASURE = re.compile(
    rf"\(?[+-]?\s?(?:[{_SIGNS}]|(?:{_CODES})\b\.?)?\s?[+-]?"
    rf"(?:[0-9]+(?:[.,'\s][0-9]+)*[.,]?|[.,][0-9]+)(?:[eE][+-]?[0-9]+)?"
    rf"\s?(?:[%‰{_SIGNS}]|(?:{_CODES})|(?:{_UNITS}))?\)?-?"
)
_DATE_LIKE = re.compile(r"[+-]?[0-9]+(?:[.\s][0-9]+){2,}")
_LONGEST_MEASURE = 40
_LONGEST_INFINITE = 10
_LONGEST_EXACT = 40  # Digits; far more than an int64 has.


def plain_number(cell: str) -> str | None:
    """Writes a number with digits, a point and an exponent only; None where a cell is no number, or is infinite.

    Example: `1,234,567.5`, `1 234`, `1'234,5`, `+07` become `1234567.5`, `1234`, `1234.5`, `+07`. `1,234` is 1234: a
    reader whose table has decimal commas has written them as points before. `1_234`, `12 %`, `0x1F` are none.
    """
    return read_cell(cell)[1]


def kind_of(cell: str) -> Kind:
    """Tells what a cell that is not missing holds."""
    return read_cell(cell)[0]


def read_cell(cell: str) -> tuple[Kind, str | None]:
    """Returns what `kind_of` and `plain_number` do."""
    if _PLAIN_INTEGER.fullmatch(cell):
        return "integer", cell
    if _PLAIN.fullmatch(cell):
        return _read_plain(cell)
    # Most texts have no digit, which spares them the patterns below.
    if _DIGIT.search(cell):
        plain = _without_groups(cell)
        if plain is not None:
            return _read_plain(plain)
        if _is_measure(cell):
            return "measure", None
    if len(cell) <= _LONGEST_INFINITE and _INFINITE.fullmatch(cell):
        return "infinite", None
    return ("word" if is_missing_among_numbers(cell) else "text"), None


def _read_plain(plain: str) -> tuple[Kind, str | None]:
    value = float(plain)
    if abs(value) > LARGEST:
        return "infinite", None
    # What is no whole number as a float is none; the exact look, which is dear, is for the others.
    if not value.is_integer() or exact_whole(plain) is None:
        return "number", plain
    return ("integer" if plain.lstrip("+-").isdigit() else "whole"), plain


def _without_groups(cell: str) -> str | None:
    """Returns the plain spelling of a number with groups of digits or a typographic minus, or None.

    Args:
        cell: Text with a digit.
    """
    cell = cell.replace(_MINUS, "-", 1) if cell[0] == _MINUS else cell
    if _PLAIN.fullmatch(cell):
        return cell
    if found := _COMMAS.fullmatch(cell):
        return found[1].replace(",", "") + (found[2] or "")
    if found := _BLANKS.fullmatch(cell):
        return found[1].replace(found[2], "") + (f".{found[3]}" if found[3] else "")
    return None


def _is_measure(cell: str) -> bool:
    return (
        len(cell) <= _LONGEST_MEASURE
        and _MEASURE.fullmatch(cell) is not None
        # A date, a version, a telephone number.
        and _DATE_LIKE.fullmatch(cell) is None
    )


def is_integer(cell: str) -> bool:
    """Tells whether a cell is a whole number, written as such, that int64 holds."""
    return kind_of(cell) == "integer"


def is_number(cell: str) -> bool:
    """Tells whether a cell is a number that float32 holds, with or without groups of digits."""
    return plain_number(cell) is not None


def exact_whole(plain: str) -> int | None:
    """Returns the value of a plain number that is whole and fits int64, to the last digit; else None.

    Example: `1600000000000.0`, `1.6e12`, `-0`, `2.5`, `1e30` give 1600000000000, the same, 0, None, None.
    """
    found = _PLAIN.fullmatch(plain)
    assert found is not None, plain
    sign, before, after, only_after, exponent = found.groups()
    before, after = (before or "").lstrip("0"), (after or only_after or "").rstrip("0")
    digits = before + after
    if not digits.strip("0"):
        return 0
    if exponent is not None and len(exponent) > 4:
        return None
    shift = int(exponent or 0) - len(after)
    if shift < 0:
        # A digit behind the point is a fraction, unless the exponent moves it before.
        cut = len(digits) + shift
        if cut <= 0 or digits[cut:].strip("0"):
            return None
        digits, shift = digits[:cut], 0
    if len(digits.lstrip("0")) + shift > _LONGEST_EXACT:
        return None
    value = int(digits) * 10**shift
    return None if value > LARGEST_WHOLE else -value if sign == "-" else value
