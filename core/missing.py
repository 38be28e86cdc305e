"""Spellings of a missing value, in every column and among numbers, for the readers and the graph; no TensorFlow."""

import re

# In whatever case, here in lower; pandas, R, SQL and people write them so.
MISSING = frozenset({"", "na", "n/a", "nan", "null", "?", "<na>", "#n/a", "nat", r"\n", "(null)", "<null>"})
# In this case alone. `none` in lower case is a class or a category that somebody typed; this is what Python writes.
MISSING_AS_SPELLED = frozenset(
    {
        *("None", "<None>", "-nan", "-NaN", "#NA", "#N/A N/A"),
        # What C libraries on Windows print for NaN.
        *("1.#IND", "-1.#IND", "1.#QNAN", "-1.#QNAN"),
        # What spreadsheets leave in a cell whose formula failed.
        *("#DIV/0!", "#VALUE!", "#REF!", "#NUM!", "#NAME?", "#NULL!", "#SPILL!", "#CALC!", "#FIELD!"),
        *("#GETTING_DATA", "#ERROR!", "Err:502", "Err:503", "Err:504", "Err:508", "Err:522"),
    }
)
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


def is_missing(cell: str) -> bool:
    """Tells whether a cell, of whatever column, is one of the spellings of a missing value.

    Example: ``, `NA`, `?`, `None`, `<NA>`, `#DIV/0!` are; `none`, `-`, `unknown` are not, for they may be categories.
    """
    stripped = cell.strip()
    return stripped in MISSING_AS_SPELLED or stripped.lower() in MISSING


def missing_pattern() -> str:
    """Returns a pattern of RE2, as graphs take it, that matches exactly the clean texts that `is_missing` takes."""
    words = [*map(_in_any_case, MISSING), *map(re.escape, MISSING_AS_SPELLED)]
    return "|".join(sorted(words))


def _in_any_case(word: str) -> str:
    # RE2's own flag takes letters beyond ASCII for these.
    return "".join(f"[{one.lower()}{one.upper()}]" if one.isalpha() else re.escape(one) for one in word)


def is_missing_among_numbers(cell: str) -> bool:
    """Tells whether a cell that is not missing elsewhere is so in a column of numbers, as `-` and `unknown` are."""
    return len(cell) <= 16 and cell.strip().lower() in _AMONG_NUMBERS
