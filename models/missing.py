"""What spells a missing value in every column, for the readers and in the served graph; TensorFlow-free.

The graph of a model holds the spellings that it was trained with.
"""

# Compared without the case; pandas, R, SQL and people write them so.
ANY_CASE = frozenset({"", "na", "n/a", "nan", "null", "?", "<na>", "#n/a", "nat", r"\n", "(null)", "<null>"})
# `none` in lower case is a class or a category that somebody typed; this is what Python writes.
AS_SPELLED = frozenset(
    {
        *("None", "<None>", "-nan", "-NaN", "#NA", "#N/A N/A"),
        # What C libraries on Windows print for NaN.
        *("1.#IND", "-1.#IND", "1.#QNAN", "-1.#QNAN"),
        # What spreadsheets leave in a cell whose formula failed.
        *("#DIV/0!", "#VALUE!", "#REF!", "#NUM!", "#NAME?", "#NULL!", "#SPILL!", "#CALC!", "#FIELD!"),
        *("#GETTING_DATA", "#ERROR!", "Err:502", "Err:503", "Err:504", "Err:508", "Err:522"),
    }
)


def is_missing(cell: str) -> bool:
    """Tells whether a cell, of whatever column, is one of the spellings of a missing value.

    Example: ``, `NA`, `?`, `None`, `<NA>`, `#DIV/0!` are; `none`, `-`, `unknown` are not, for they may be categories.
    """
    stripped = cell.strip()
    return stripped in AS_SPELLED or (len(stripped) <= 6 and stripped.lower() in ANY_CASE)
