"""Recognises by its first bytes a file that is no CSV file in UTF-8, and names what it is instead."""

import re

BYTES_THAT_TELL = 65_536
_MENDED = "Save the table as UTF-8."
_STARTS = {
    b"\xff\xfe\x00\x00": f"is UTF-32 text. {_MENDED}",
    b"\x00\x00\xfe\xff": f"is UTF-32 text. {_MENDED}",
    b"\xff\xfe": f"is UTF-16 text. {_MENDED}",
    b"\xfe\xff": f"is UTF-16 text. {_MENDED}",
    b"\x1f\x8b": "is packed with gzip. Let its name end with .gz.",
    b"PK\x03\x04": "is a zip archive or an Excel workbook. Unpack it, or save the sheet as CSV in UTF-8.",
    b"\xd0\xcf\x11\xe0": "is an Excel workbook. Save the sheet as CSV in UTF-8.",
    b"BZh": "is packed with bzip2. Unpack it.",
    b"\xfd7zXZ\x00": "is packed with xz. Unpack it.",
    b"\x28\xb5\x2f\xfd": "is packed with Zstandard. Unpack it.",
    b"PAR1": "is a Parquet file. Set data.format to parquet.",
    b"SQLite format 3\x00": "is an SQLite database. Export the table as CSV in UTF-8.",
}
# Those that text may hold: tab, line ends, form feed, the end of a DOS file, escape; NUL is counted on its own.
_CONTROL = re.compile(rb"[\x01-\x08\x0b\x0e-\x19\x1c-\x1f]")
_MOST_CONTROL = 0.005
_MOST_ZEROS = 0.3
# In UTF-16, ASCII has a zero byte in every pair, at the same side.
_ZEROS_OF_UTF16 = 0.4


def why_no_csv(head: bytes) -> str | None:
    """Says what a file is instead of CSV in UTF-8, as a sentence without its subject; None where it may be one.

    A few zero bytes do not make a file binary: they stand in cells, whose rows are refused one by one.

    Args:
        head: Its first bytes, `BYTES_THAT_TELL` or all.
    """
    for start, what in _STARTS.items():
        # Text may begin with the letters of BZh.
        if head.startswith(start) and (start != b"BZh" or b"\x31AY&SY" in head[:10]):
            return what
    zeros = head.count(0)
    if zeros:
        sides = [side.count(0) / max(1, len(side)) for side in (head[::2], head[1::2])]
        if max(sides) >= _ZEROS_OF_UTF16 and min(sides) <= max(sides) / 8:
            return f"is UTF-16 text. {_MENDED}"
    if zeros > _MOST_ZEROS * len(head) or len(_CONTROL.findall(head)) > _MOST_CONTROL * len(head):
        return "is no text file, and so no CSV file. Name a CSV file in UTF-8."
    return None


def as_windows_1252(text: str) -> str:
    """Reads again what was read as UTF-8 with `surrogateescape` and is none: as Windows-1252, else Latin-1."""
    content = text.encode(errors="surrogateescape")
    try:
        return content.decode("cp1252")
    except UnicodeDecodeError:
        return content.decode("latin-1")
