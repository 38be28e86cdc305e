"""Which rows of a table are looked at."""

import gzip
import subprocess
import sys

import pytest

from components.stratified_example_gen.csv.sample import sample_csv
from core.errors import InputError


def write(path, text):
    path.write_text(text, newline="")
    return [str(path)]


def numbered(num_rows):
    return "number,twice\n" + "".join(f"{row},{2 * row}\n" for row in range(num_rows))


def test_small_table_is_read_whole(tmp_path):
    sample = sample_csv(write(tmp_path / "t.csv", numbered(5)))
    assert sample.columns == {"number": ("0", "1", "2", "3", "4"), "twice": ("0", "2", "4", "6", "8")}
    assert sample.whole and sample.num_rows == sample.estimated_rows == 5 and sample.num_ragged == 0


def test_large_table_is_read_in_whole_rows_from_start_to_end(tmp_path):
    sample = sample_csv(write(tmp_path / "t.csv", numbered(100_000)), whole_bytes=50_000)
    numbers = [int(number) for number in sample.columns["number"]]
    assert [int(twice) for twice in sample.columns["twice"]] == [2 * number for number in numbers]
    assert not sample.whole and len(numbers) < 6000
    assert numbers == sorted(set(numbers))
    assert {number // 10_000 for number in numbers} == set(range(10))
    assert max(numbers) > 99_900
    # Rows at the start, of which there are more in the sample, are shorter than most.
    assert sample.estimated_rows == pytest.approx(100_000, rel=0.1)


def test_pieces_that_begin_inside_a_quoted_cell_bring_in_no_wrong_rows(tmp_path):
    rows = "".join(f'{row},"a, b\n1,2,3\nc"\n' for row in range(5000))
    sample = sample_csv(write(tmp_path / "t.csv", "number,text\n" + rows), whole_bytes=20_000)
    assert set(sample.columns["text"]) <= {"a, b\n1,2,3\nc"}
    assert sample.num_ragged == 0


def test_ragged_and_blank_rows_are_left_out_and_ragged_ones_counted(tmp_path):
    sample = sample_csv(write(tmp_path / "t.csv", "a,b\n1,2\n3\n\n4,5,6\n7,8\n"))
    assert sample.columns == {"a": ("1", "7"), "b": ("2", "8")} and sample.num_ragged == 2


def test_decimal_commas_keep_their_spelling_and_are_told_of(tmp_path):
    sample = sample_csv(write(tmp_path / "t.csv", "a;b\n1,5;x\n"))
    assert sample.columns == {"a": ("1,5",), "b": ("x",)} and sample.delimiter == ";"
    assert sample_csv(write(tmp_path / "u.csv", 'a,b\n"1,5",x\n')).delimiter == ","


def test_several_files_are_one_table(tmp_path):
    files = write(tmp_path / "1.csv", "a,b\n1,2\n") + write(tmp_path / "2.csv", "a,b\n3,4\n")
    assert sample_csv(files).columns == {"a": ("1", "3"), "b": ("2", "4")}


def test_start_of_a_packed_table_is_read(tmp_path):
    path = tmp_path / "t.csv.gz"
    with gzip.open(path, "wt") as handle:
        handle.write(numbered(50_000))
    whole, start = sample_csv([str(path)], 10**7), sample_csv([str(path)], 10_000)
    assert whole.whole and whole.num_rows == 50_000
    assert not start.whole and start.columns["number"][:3] == ("0", "1", "2")


MEASURES = """
import resource, sys
from components.stratified_example_gen.csv.sample import sample_csv

idle = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(sample_csv(sys.argv[1:]).num_rows, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - idle)
"""


def test_line_of_a_gigabyte_is_not_read_into_memory(tmp_path):
    path = tmp_path / "t.csv"
    with open(path, "wb") as handle:
        handle.write(b"a,b\n" + b"1,2\n" * 500_000 + b'"')
        handle.seek(2**30)  # A hole of zeros, which takes no room on the disk.
        handle.write(b'",2\n')
    done = subprocess.run([sys.executable, "-c", MEASURES, path], capture_output=True, text=True, check=True)
    num_rows, kilobytes = map(int, done.stdout.split())
    assert num_rows > 100_000 and kilobytes < 256 * 1024


def test_header_without_rows_is_refused(tmp_path):
    with pytest.raises(InputError, match="no rows"):
        sample_csv(write(tmp_path / "t.csv", "a,b\n"))
