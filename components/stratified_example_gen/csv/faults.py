"""Explains in one message what is wrong with the rows of a CSV table."""

from components.stratified_example_gen.csv.scan import CsvScan

_SHOWN = 5


def table_fault(path: str, scan: CsvScan) -> str | None:
    """Says what is wrong with a table as a whole, which no one would want to skip row by row; None for nothing.

    It is not written in UTF-8 where no row with more than ASCII is; or a quote hides lines that may be rows.

    Returns:
        Sentences with the way out.
    """
    encoding = scan.fault("encoding")
    if encoding is not None and not scan.beyond_ascii:
        return (
            f"{path}: the table is not written in UTF-8 but, as it seems, in Windows-1252 or Latin-1: "
            f"{_others(str(encoding), scan.fault_counts['encoding'] - 1)}. Save it as UTF-8, or convert it by "
            "'iconv -f WINDOWS-1252 -t UTF-8'."
        )
    quote = scan.fault("quote")
    if quote is not None:
        return (
            f"{path}: {_others(str(quote), scan.fault_counts['quote'] - 1)}. Close the quote, or write a quote that "
            "belongs to the text twice, inside a cell in quotes."
        )
    return None


def hidden_rows(path: str, scan: CsvScan) -> str | None:
    """Says which quoted cells hold lines that are rows of this table by the classes they have; None for none.

    The table is good CSV, and such a cell may be meant.
    """
    hidden = scan.hidden()
    if not hidden:
        return None
    first = hidden[0]
    what = f"row {first.row} (line {first.line}) holds, in quotes, {first.num_alike} lines that are rows"
    return (
        f"{path}: {_others(what, len(hidden) - 1)}, with classes such as {min(first.labels or {''})!r}. "
        "Look for a quote that is never closed; if the cell is meant to be as it is, set data.on_bad_record to skip."
    )


def row_faults(path: str, scan: CsvScan) -> str | None:
    """Names the first rows that cannot be used, without a full stop; None where there are none."""
    if not scan.faults:
        return None
    shown = scan.faults[:_SHOWN]
    return f"{path}: " + _others("; ".join(map(str, shown)), scan.fault_counts.total() - len(shown))


def _others(text: str, number: int) -> str:
    return f"{text}; and {number} more" if number > 0 else text
