"""The spellings of a missing value: those that hold in every column, and those that hold among numbers alone."""

from models.missing import is_missing

__all__ = ["is_missing", "is_missing_among_numbers"]

# Honest categories, as in `unknown`, and honest answers, as in `-`; among numbers they can mean one thing only.
_AMONG_NUMBERS = frozenset(
    {
        *(
            "-",
            "--",
            "---",
            "\N{EN DASH}",
            "\N{EM DASH}",
            "\N{MINUS SIGN}",
            ".",
            "..",
            "...",
            "\N{HORIZONTAL ELLIPSIS}",
        ),
        *(
            "*",
            "**",
            "??",
            "???",
            "#",
            "/",
            "none",
            "nil",
            "n.a.",
            "n.a",
            "n/d",
            "n.d.",
            "nd",
            "k.a.",
            "k. a.",
        ),
        *(
            "unknown",
            "unk",
            "missing",
            "undefined",
            "undef",
            "empty",
            "blank",
            "not available",
            "not applicable",
        ),
        *(
            "not known",
            "not given",
            "not measured",
            "not recorded",
            "not reported",
            "no data",
            "no value",
            "unspecified",
        ),
    }
)


def is_missing_among_numbers(cell: str) -> bool:
    """Tells whether a cell that is not missing elsewhere is so in a column of numbers, as `-` and `unknown` are."""
    return len(cell) <= 16 and cell.strip().lower() in _AMONG_NUMBERS
