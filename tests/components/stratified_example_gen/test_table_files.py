"""What is no file is never opened, and a damaged archive is said to be one."""

import gzip
import os
import re
import socket
import subprocess
import sys

import pytest

from components.stratified_example_gen.csv.table import read_header
from components.stratified_example_gen.find_tables import find_tables
from components.stratified_example_gen.parquet_table import parquet_columns
from components.stratified_example_gen.settings import DataSettings
from components.stratified_example_gen.sources import open_source
from components.stratified_example_gen.table_files import files_passed_over, matching_files, open_bytes
from components.stratified_example_gen.tfrecord_table import tfrecord_columns
from core.errors import InputError

TEXT = "a,kind\n" + "".join(f"{number},x\n" for number in range(5000))


@pytest.fixture(params=["pipe", "socket", "device", "folder", "broken link"])
def no_file(request, tmp_path):
    """A path that is no file, and what it is said to be."""
    path = tmp_path / "t.csv"
    if request.param == "pipe":
        os.mkfifo(path)
        return path, "is a named pipe"
    if request.param == "socket":
        # Names of sockets are short.
        here = os.open(tmp_path, os.O_RDONLY)
        try:
            with socket.socket(socket.AF_UNIX) as server:
                server.bind(f"/proc/self/fd/{here}/t.csv")
        finally:
            os.close(here)
        return path, "is a socket"
    if request.param == "device":
        path.symlink_to("/dev/zero")
        return path, "is a device"
    if request.param == "folder":
        path.mkdir()
        return path, "is a folder"
    path.symlink_to(tmp_path / "nothing")
    return path, "is a link to nothing"


@pytest.mark.parametrize("form", ["csv", "parquet", "tfrecord"])
def test_what_is_no_file_is_refused_by_every_format_without_waiting(no_file, form):
    path, what = no_file
    settings = DataSettings(format=form, path=str(path), label="kind")
    with pytest.raises(InputError, match=what):
        open_source(settings, 0)
    for read in (read_header, parquet_columns, tfrecord_columns, open_bytes, find_tables):
        with pytest.raises(InputError, match=what):
            read(str(path))


def test_what_a_pattern_matches_beside_files_is_left_out_by_name(no_file, tmp_path):
    path, what = no_file
    pattern = str(tmp_path / "*.csv")
    with pytest.raises(InputError, match=re.escape(f"matches no file: {path} {what}")):
        matching_files(pattern)
    (tmp_path / "u.csv").write_text(TEXT)
    assert matching_files(pattern) == [str(tmp_path / "u.csv")]
    assert [(one.key, one.why) for one in files_passed_over(pattern)] == [
        (str(path), f"matches {pattern}, but {what}")
    ]
    source = open_source(DataSettings(format="csv", path=pattern, label="kind"), 0)
    assert source.left_out() == files_passed_over(pattern)


@pytest.mark.parametrize(
    ("damaged", "why"),
    [
        (lambda packed: TEXT.encode(), "is no gzip file, though its name ends with .gz"),
        (lambda packed: packed[: len(packed) // 2], "the gzip file is cut short"),
        (lambda packed: packed[:-4], "the gzip file is cut short"),
        (lambda packed: packed[:200] + bytes(50) + packed[250:], "the gzip file is damaged"),
        (lambda packed: packed[:-8] + bytes(8), "the gzip file is damaged"),
        (lambda packed: packed + b"more", "the gzip file is damaged"),
    ],
)
@pytest.mark.parametrize("form", ["csv", "tfrecord"])
def test_a_damaged_archive_is_refused_wherever_the_damage_is(tmp_path, damaged, why, form):
    path = tmp_path / "t.csv.gz"
    path.write_bytes(damaged(gzip.compress(TEXT.encode())))
    with pytest.raises(InputError, match=re.escape(why)) as error, open_bytes(str(path)) as handle:
        handle.read()
    assert str(path) in str(error.value)
    if form == "csv":
        with pytest.raises(InputError, match=re.escape(why)):
            open_source(DataSettings(format="csv", path=str(path), label="kind"), 0).chunks()
    elif "is no gzip" in why:
        with pytest.raises(InputError, match=re.escape(why)):
            tfrecord_columns(str(path))


def test_an_archive_is_read_from_anywhere(tmp_path):
    path = tmp_path / "t.csv.gz"
    path.write_bytes(gzip.compress(TEXT.encode()))
    with open_bytes(str(path)) as handle:
        handle.seek(7)
        assert handle.readline() == b"0,x\n" and handle.tell() == 11
        handle.seek(0)
        assert handle.read() == TEXT.encode()


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (TEXT.encode("utf-16"), "UTF-16"),
        (TEXT.encode("utf-16-le"), "UTF-16"),
        (TEXT.encode("utf-16-be"), "UTF-16"),
        (TEXT.encode("utf-32"), "UTF-32"),
        (gzip.compress(TEXT.encode()), "packed with gzip"),
        (b"PK\x03\x04" + bytes(range(200)), "Excel"),
        (b"PAR1\x15\x00", "Parquet"),
        (bytes(range(256)) * 20, "no text"),
    ],
)
def test_what_is_no_csv_in_utf8_is_called_by_its_name(tmp_path, content, what):
    path = tmp_path / "t.csv"
    path.write_bytes(content)
    with pytest.raises(InputError, match=what):
        read_header(str(path))
    if what != "Parquet":
        with pytest.raises(InputError, match=what):
            find_tables(str(path))


def test_a_zero_byte_in_a_cell_makes_no_binary_file(tmp_path):
    path = tmp_path / "t.csv"
    path.write_bytes(TEXT.encode() + b"\0,x\n")
    assert find_tables(str(path))[0] == "csv" and read_header(str(path)).columns == ("a", "kind")


def test_digits_without_end_are_a_text_and_take_no_time():
    program = (
        "from components.stratified_example_gen.columns import Tally\n"
        "tally = Tally()\n"
        "for cell in ('9' * 5000, '9' * 100_000 + 'x', '9' * 100_000 + '.' + '9' * 100_000 + 'x', '-' + '1' * 5000):\n"
        "    tally.add('t.csv, row 1', cell)\n"
        "print(tally.texts, tally.infinite)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout == "2 2\n"
