"""Pieces of any size read as the whole table does, and bad rows are named."""

import csv
import io
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.stratified_example_gen.csv import decimal_mark
from components.stratified_example_gen.csv import rows as csv_rows
from components.stratified_example_gen.csv.table import CsvTable, read_header, row_boundaries
from components.stratified_example_gen.number_spelling import plain_number
from components.stratified_example_gen.records import BadRecord, Record
from core.canonical_text import clean_cell
from core.errors import InputError

BOM = b"\xef\xbb\xbf"
COLUMNS = ("kind", "text", "more")


def table(path, columns=("text", "more"), **more):
    settings = {"label": "kind", "image": None, "split": None, "max_pixels": 1000, "numeric": ()} | more
    return CsvTable(files={None: str(path)}, columns=columns, **settings)


def write(tmp_path, content, name="t.csv"):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


# === Header ===


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_delimiter_is_the_one_that_gives_most_columns(tmp_path, mark):
    header = read_header(str(write(tmp_path, f"kind{mark}text{mark}a.b\n1{mark}2{mark}3\n")))
    assert header.columns == ("kind", "text", "a.b")
    assert header.delimiter == mark


@pytest.mark.parametrize(
    ("head", "columns"),
    [
        (b"a,b\r\n", ("a", "b")),
        (BOM + b"a,b\n", ("a", "b")),
        (b"a,b", ("a", "b")),
        (b"label\n", ("label",)),
        (b'"a, or c",b\n', ("a, or c", "b")),
        (b'"a\nover two lines",b\n', ("a\nover two lines", "b")),
        (b'"a\nover two lines";b\n', ("a\nover two lines", "b")),
        (b'size 5",b\n', ('size 5"', "b")),
        (b" a , b \n", ("a", "b")),
        (b"a,,b,\n", ("a", "Unnamed: 1", "b", "Unnamed: 3")),
        ("größe,重さ\n".encode(), ("größe", "重さ")),
    ],
)
def test_header_ends_where_the_rows_begin(tmp_path, head, columns):
    header = read_header(str(write(tmp_path, head + b"" if b"\n" not in head else head + b"1,2\n")))
    assert header.columns == columns
    assert header.body == len(head)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "empty"),
        (BOM, "empty"),
        (b"\n1,2\n", "empty"),
        (b"  \r\n1,2\n", "empty"),
        (b"\x00\x01\x02\x00", "no CSV"),
        ("größe,b\n".encode("latin-1"), "the header is not UTF-8"),
        (b"a,b,a\n", "'a' more than once"),
    ],
)
def test_unusable_header_is_refused(tmp_path, content, message):
    path = write(tmp_path, content)
    with pytest.raises(InputError, match=message) as error:
        read_header(str(path))
    assert str(path) in str(error.value)


def test_missing_file_and_folder_are_refused(tmp_path):
    with pytest.raises(InputError, match=r"'.*no\.csv' does not exist"):
        read_header(str(tmp_path / "no.csv"))
    with pytest.raises(InputError, match="is a folder"):
        read_header(str(tmp_path))


# === Pieces ===


def test_pieces_end_at_the_first_row_that_reaches_their_size(tmp_path):
    # Under the header lie rows of 4, 4, 8 (a quoted newline) and 4 bytes.
    path = write(tmp_path, 'a,b\n1,2\n3,4\n5,"6\n7"\n8,9\n')
    body = read_header(str(path)).body
    assert body == 4
    assert row_boundaries(str(path), body, 5) == [(4, 12, 1), (12, 20, 3), (20, 24, 4)]
    assert row_boundaries(str(path), body, 1) == [(4, 8, 1), (8, 12, 2), (12, 20, 3), (20, 24, 4)]
    assert row_boundaries(str(path), body) == [(4, 24, 1)]


def test_header_alone_has_no_pieces(tmp_path):
    path = write(tmp_path, "kind,text,more\n")
    assert table(path).chunks() == []


def test_row_that_never_ends_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(csv_rows, "MAX_ROW_BYTES", 100)
    opened = "opens a quote that is never closed"
    for row, why in (("x" * 101, "is one line"), ('1,"' + "never closed\n" * 20, opened)):
        path = write(tmp_path, f"kind,text\n1,2\n{row}\n")
        with pytest.raises(InputError, match=f"row 2, at byte 14, is longer than 100 bytes: it {why}"):
            row_boundaries(str(path), 10)
    assert len(row_boundaries(str(write(tmp_path, "kind,text\n" + "1,2\n" * 100)), 10, 50)) == 8


# Without carriage returns: csv.writer leaves a cell that holds one alone unquoted.
cells = st.text(alphabet='aé😀"\n ,;\t|', max_size=8)


@st.composite
def written_tables(draw):
    """A table as csv.writer writes it, and how."""
    mark = draw(st.sampled_from(",;\t|"))
    labels = cells.map(lambda cell: cell.replace("\n", " "))
    rows = draw(st.lists(st.tuples(labels, cells, cells), max_size=12))
    buffer = io.StringIO()
    end = draw(st.sampled_from(["\n", "\r\n"]))
    quoting = draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
    writer = csv.writer(buffer, delimiter=mark, lineterminator=end, quoting=quoting)
    writer.writerows([COLUMNS, *rows])
    text = buffer.getvalue()
    if draw(st.booleans()):
        text = text.removesuffix(end)
    return mark, rows, draw(st.sampled_from([b"", BOM])) + text.encode()


def read_pieces(content, bytes_per_chunk):
    """Reads a table's content from a file in pieces; returns the pieces, the records and the body's start."""
    with tempfile.TemporaryDirectory() as folder:
        path = write(Path(folder), content)
        source = table(path, bytes_per_chunk=bytes_per_chunk)
        chunks = source.chunks()
        records = [record for chunk in chunks for record in source.read(chunk)]
        return chunks, records, read_header(str(path)).body


def expected_cell(cell):
    # A line break in a cell is a blank.
    return clean_cell(cell)


@settings(deadline=None)
@given(written_tables(), st.integers(1, 120))
def test_pieces_of_any_size_give_the_rows_that_were_written(written, bytes_per_chunk):
    _, rows, content = written
    _, records, _ = read_pieces(content, bytes_per_chunk)
    expected = [
        Record(f"t.csv, row {number}", label, {"text": expected_cell(text), "more": expected_cell(more)})
        for number, (label, text, more) in enumerate(rows, start=1)
        if label.strip()
    ]
    assert [record for record in records if isinstance(record, Record)] == expected
    bad = [record.key for record in records if isinstance(record, BadRecord)]
    assert bad == [f"t.csv, row {number}" for number, row in enumerate(rows, start=1) if not row[0].strip()]


def pieces_cover(chunks, body, size):
    return [body, *(chunk.end for chunk in chunks)] == [*(chunk.start for chunk in chunks), size]


@settings(deadline=None)
@given(written_tables(), st.integers(1, 120))
def test_pieces_cover_the_table_and_hold_whole_rows(written, bytes_per_chunk):
    mark, rows, content = written
    chunks, _, body = read_pieces(content, bytes_per_chunk)
    assert pieces_cover(chunks, body, len(content))
    assert all(chunk.end - chunk.start >= bytes_per_chunk for chunk in chunks[:-1])
    pieces = [io.StringIO(content[chunk.start : chunk.end].decode(), newline="") for chunk in chunks]
    assert [tuple(row) for piece in pieces for row in csv.reader(piece, delimiter=mark)] == rows


# Not as csv.writer writes it: quotes inside unquoted cells, quotes never closed, bare carriage returns, NUL,
# bytes that are no UTF-8.
messy = st.lists(
    st.sampled_from([b'"', b'""', b",", b"\n", b"\r\n", b"\r", b"a", b"5", "é".encode(), b"\xff", b"\x00"]),
    max_size=80,
).map(b"".join)


@settings(deadline=None)
@given(messy, st.integers(1, 60))
def test_pieces_of_a_messy_table_read_as_the_whole(body, bytes_per_chunk):
    content = b"kind,text,more\n" + body
    _, whole, _ = read_pieces(content, 2**20)
    chunks, records, start = read_pieces(content, bytes_per_chunk)
    assert records == whole
    assert pieces_cover(chunks, start, len(content))


def test_quote_inside_an_unquoted_cell_opens_nothing(tmp_path, read_all):
    rows = [f'pipe,5" wide,"over\ntwo lines {number}"' for number in range(50)]
    path = write(tmp_path, "kind,text,more\n" + "\n".join(rows) + "\n")
    records = read_all(table(path, bytes_per_chunk=40))
    assert [record.cells["more"] for record in records] == [f"over two lines {n}" for n in range(50)]
    assert [record.key for record in records] == [f"t.csv, row {n}" for n in range(1, 51)]


def test_empty_rows_are_passed_over_but_counted(tmp_path, read_all):
    path = write(tmp_path, "kind,text,more\na,b,c\n\n\nd,e,f\n")
    assert [record.key for record in read_all(table(path))] == ["t.csv, row 1", "t.csv, row 4"]


# === Rows ===


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("a,b,c,d", "has too many fields: 4, where the header has 3"),
        ("a,b", "has too few fields: 2, where the header has 3"),
        ("a", "has too few fields: 1, where the header has 3"),
        ('"  ",b,c', "has no label: column 'kind' holds '  '"),
        (",b,c", "has no label"),
        ("a,b," + "x" * 140_000, "cannot be read"),
    ],
)
def test_bad_row_is_named_by_file_and_row_and_stops_no_other(tmp_path, read_all, row, why):
    path = write(tmp_path, f"kind,text,more\ngood,b,c\n{row}\nbetter,b,c\n", "parts.csv")
    for bytes_per_chunk in (1, 2**20):
        first, bad, last = read_all(table(path, bytes_per_chunk=bytes_per_chunk))
        assert isinstance(bad, BadRecord)
        assert bad.key == "parts.csv, row 2"
        assert bad.why.startswith(why)
        assert (first.label, last.label, last.key) == ("good", "better", "parts.csv, row 3")


def test_row_that_is_not_utf8_is_refused_alone(tmp_path, read_all):
    rows = ["kind,text,more\n", "a,café,c\n", "b,ok,c\n"]
    path = write(tmp_path, rows[0].encode() + rows[1].encode("latin-1") + rows[2].encode())
    bad, good = read_all(table(path))
    why = "is not UTF-8 text: column 'text' holds 'café' if it is Windows-1252"
    assert bad == BadRecord("t.csv, row 1", why)
    assert good.cells["text"] == "ok"


def test_table_over_two_splits_says_each_records_split(tmp_path, read_all):
    for split in ("train", "test"):
        write(tmp_path, f"kind,text,more\n{split},b,c\n", f"{split}.csv")
    files = {split: str(tmp_path / f"{split}.csv") for split in ("train", "test")}
    source = CsvTable(files, ("text", "more"), (), "kind", None, None, 1000)
    assert [(record.label, record.split) for record in read_all(source)] == [("train",) * 2, ("test",) * 2]


def test_decimal_commas_are_read_where_commas_do_not_set_cells_apart(tmp_path, read_all):
    [record] = read_all(table(write(tmp_path, "kind;text;more\na;1,5;x,y\n")))
    assert record.cells == {"text": "1.5", "more": "x,y"}
    [record] = read_all(table(write(tmp_path, 'kind,text,more\na,"1,5",c\n')))
    assert record.cells["text"] == "1,5"


def test_marks_are_found_out_over_all_files_of_a_table(tmp_path, read_all):
    (tmp_path / "a.csv").write_text("kind;text;more\na;1,234;x\n")
    (tmp_path / "b.csv").write_text("kind;text;more\na;1,234,567;x\n")
    cells = [record.cells["text"] for record in read_all(table(tmp_path / "*.csv", columns=("text",)))]
    assert [plain_number(cell) for cell in cells] == ["1234", "1234567"]
    [record] = read_all(table(tmp_path / "a.csv", columns=("text",)))
    assert plain_number(record.cells["text"]) == "1.234"
    assert len(table(tmp_path / "*.csv", columns=("text",)).notes()) == 1  # Of the separator.
    _, note = table(tmp_path / "a.csv", columns=("text",)).notes()
    assert note.startswith("Column 'text': '1,234' is read as 1.234, by the table's other columns or by what")


def test_column_that_contradicts_itself_is_refused_only_where_it_is_used(tmp_path, read_all):
    path = write(tmp_path, "kind;text;more\n1,5;7;1,5\n1,234,567;7;1,234,567\n")
    assert len(read_all(table(path, columns=("text",)))) == 2
    with pytest.raises(InputError, match="Column 'more' holds '1,5' and '1,234,567'"):
        read_all(table(path))


def test_number_that_contradicts_the_first_rows_is_a_bad_record(tmp_path, read_all, monkeypatch):
    monkeypatch.setattr(decimal_mark, "_BYTES", 0)
    monkeypatch.setattr(decimal_mark, "_FEWEST_BYTES", 20)
    path = write(tmp_path, "kind;text;more\n" + "a;1,5;x\n" * 5 + "a;1,234,567;x\n")
    *good, bad = read_all(table(path, columns=("text",)))
    assert len(good) == 5 and isinstance(bad, BadRecord)
    assert bad.why.startswith(
        "cannot be read (commas set groups of digits apart, where they are decimal marks"
    )


def test_label_and_group_keep_their_decimal_commas(tmp_path, read_all):
    path = write(tmp_path, "kind;text;more\n0,5;1,5;2,5\n")
    [record] = read_all(table(path, columns=("text",), group="more"))
    assert (record.label, record.group, record.cells) == ("0,5", "2,5", {"text": "1.5"})


# === Keys ===


def test_files_of_one_name_have_records_of_different_keys(tmp_path, read_all):
    for day in ("monday", "tuesday"):
        (tmp_path / day).mkdir()
        write(tmp_path / day, "kind,text,more\na,b,c\n", "x.csv")
    files = {"train": str(tmp_path / "monday" / "x.csv"), "test": str(tmp_path / "tuesday" / "x.csv")}
    given = CsvTable(files, ("text", "more"), (), "kind", None, None, 1000)
    assert [record.key for record in read_all(given)] == ["train/x.csv, row 1", "test/x.csv, row 1"]
    pattern = table(tmp_path / "*" / "x.csv")
    assert [record.key for record in read_all(pattern)] == ["monday/x.csv, row 1", "tuesday/x.csv, row 1"]
    assert [record.key for record in read_all(table(tmp_path / "monday" / "x.csv"))] == ["x.csv, row 1"]


def test_key_is_that_of_the_file_whatever_the_working_directory(tmp_path, read_all, monkeypatch):
    write(tmp_path, "kind,text,more\na,b,c\n", "x[1].csv")
    monkeypatch.chdir(tmp_path)
    for path in ("x[1].csv", "./x[1].csv", str(tmp_path / "x[[]1].csv"), "x*.csv"):
        assert [record.key for record in read_all(table(path))] == ["x[1].csv, row 1"]
