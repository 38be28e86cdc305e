"""Rows of `provenance.csv`: the parents of new records, and the records that were left out."""

import io
import json
from collections.abc import Iterable, Sequence

from core.spreadsheet_csv import SpreadsheetWriter

HEADER = ("key", "class", "what", "method", "parents")


def provenance_lines(records: Iterable[tuple[bytes, str, str, str, Sequence[bytes]]]) -> bytes:
    """Writes one line a record.

    Args:
        records: Key, class, `made` or `removed`, method, keys of the parents.
    """
    buffer = io.StringIO()
    SpreadsheetWriter(buffer).writerows(
        [
            _text(key),
            name,
            what,
            method,
            json.dumps([_text(parent) for parent in parents], ensure_ascii=False),
        ]
        for key, name, what, method, parents in records
    )
    return buffer.getvalue().encode(errors="backslashreplace")


def _text(key: bytes) -> str:
    return key.decode(errors="backslashreplace")
