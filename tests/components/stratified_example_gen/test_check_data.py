"""What is bound to fail is found in a glance."""

import subprocess
import sys
from collections import Counter
from csv import writer as csv_writer

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from components.stratified_example_gen.check_data import check_data, class_counts
from components.stratified_example_gen.records import Record
from components.stratified_example_gen.settings import DataSettings
from components.stratified_example_gen.sources import open_source
from core.errors import InputError


def rows_of(**classes):
    return [(number, name) for name, count in classes.items() for number in range(count)]


def csv(path, **more):
    return DataSettings(format="csv", path=str(path), label="kind", **more)


def images(path):
    return DataSettings(format="image_folder", path=str(path))


def test_classes_of_a_table_are_counted(write_csv):
    path = write_csv(["width", "kind"], rows_of(cat=5, dog=3))
    assert check_data(csv(path), 0) == {"cat": 5, "dog": 3}


def test_classes_of_an_image_folder_are_counted(write_images):
    assert check_data(images(write_images({"cat": 4, "dog": 3})), 0) == {"cat": 4, "dog": 3}


def test_given_splits_are_counted_together(write_csv):
    for name, count in (("train", 5), ("test", 2)):
        write_csv(["width", "kind"], rows_of(cat=count, dog=count), f"{name}.csv")
    folder = write_csv(["width", "kind"], [], "x.csv").parent
    splits = {"train": str(folder / "train.csv"), "test": str(folder / "test.csv")}
    data = DataSettings(format="csv", label="kind", splits=splits)
    assert check_data(data, 0) == {"cat": 7, "dog": 7}


@pytest.mark.parametrize(
    "others", [("cafe\u0301", "caf\u00e9"), ("a b", "a\u00a0b"), ("a", "a\u200b"), ("a", "a ")]
)
def test_classes_that_look_alike_are_refused_in_tables_and_folders(write_csv, write_images, others):
    one, other = others
    path = write_csv(["width", "kind"], rows_of(**{one: 5, other: 1, "dog": 3}))
    for data in (csv(path), images(write_images({one: 5, other: 1, "dog": 3}))):
        with pytest.raises(InputError, match=r"look alike.*\(5 examples\) and .*\(1 example\)"):
            check_data(data, 0, one_spelling=False)


@pytest.mark.parametrize("others", [("0", "0.0"), ("1", "01"), ("true", "True"), ("b", "B")])
def test_classes_that_say_the_same_are_refused_unless_somebody_means_it(write_csv, others):
    one, other = others
    path = write_csv(["width", "kind"], rows_of(**{one: 5, other: 3, "dog": 3}))
    with pytest.raises(InputError, match=r"\(5 examples\) and .*\(3 examples\).*validation.skip"):
        check_data(csv(path), 0)
    assert check_data(csv(path), 0, one_spelling=False) == {one: 5, other: 3, "dog": 3}


def test_classes_lose_what_nobody_sees(write_csv):
    path = write_csv(["width", "kind"], rows_of(**{"cafe\u0301 ": 5, "dog": 3}))
    assert check_data(csv(path), 0) == {"café": 5, "dog": 3}


def test_rows_that_cannot_be_read_are_in_no_class(tmp_path):
    path = tmp_path / "t.csv"
    rows = [b"width,kind", *[b"1,cat"] * 3, b"caf\xe9,cat", b"1", b"", b"x" * 140_000 + b",cat", b"1,  "]
    path.write_bytes(b"\n".join([*rows, *[b"2,dog"] * 3]))
    assert class_counts(csv(path)) == {"cat": 3, "dog": 3}


def test_missing_labels_are_refused_with_their_counts_or_skipped(write_csv):
    path = write_csv(
        ["width", "kind"], [*rows_of(cat=5, dog=4, NA=3, none=3), (1, "?"), (2, " "), (3, "NA ")]
    )
    with pytest.raises(InputError) as refused:
        check_data(csv(path), 0)
    assert "6 of 18 rows have no label: column 'kind' holds 'NA' in 4, '?' in 1, nothing in 1." in str(
        refused.value
    )
    assert "where that is a class, spell it out, as in 'no defect'" in str(refused.value)
    data = csv(path, on_bad_record="skip")
    assert check_data(data, 0) == {"cat": 5, "dog": 4, "none": 3}


def test_a_folder_of_images_may_be_called_like_a_missing_value(write_images):
    assert check_data(images(write_images({"NA": 4, "dog": 3})), 0) == {"NA": 4, "dog": 3}


LABELS = [
    *("cat", "dog", " dog", "none", "NA", "n/a", "None", "<NA>", "#N/A", "", "  ", "?", "null"),
    *("two\nlines", "-", "1", "1.0", "true", "ß"),
]


@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    labels=st.lists(st.sampled_from(LABELS), min_size=1, max_size=30),
    form=st.sampled_from(["csv", "parquet"]),
)
def test_classes_are_counted_exactly_as_they_are_read(tmp_path, labels, form):
    path = tmp_path / f"t.{form}"
    if form == "csv":
        with open(path, "w", newline="", encoding="utf-8") as handle:
            writer = csv_writer(handle)
            writer.writerow(["width", "kind"])
            writer.writerows((number, label) for number, label in enumerate(labels))
    else:
        pq.write_table(pa.table({"width": range(len(labels)), "kind": labels}), path)
    data = DataSettings(format=form, path=str(path), label="kind")
    source = open_source(data, 0)
    read = [record for chunk in source.chunks() for record in source.read(chunk)]
    assert class_counts(data) == Counter(record.label for record in read if isinstance(record, Record))


def test_labels_that_cannot_be_read_are_left_for_the_reading_to_name(tmp_path):
    pq.write_table(pa.table({"kind": [["a", "b"], ["a"], ["b"]]}), tmp_path / "t.parquet")
    data = DataSettings(format="parquet", path=str(tmp_path / "t.parquet"), label="kind")
    assert class_counts(data) == {}


def test_classes_keep_their_spelling_where_commas_are_decimal(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("width;kind\n" + "1,5;0,5\n" * 3 + "2,5;1,5\n" * 4)
    data = csv(path)
    source = open_source(data, 0)
    read = [record for chunk in source.chunks() for record in source.read(chunk)]
    assert check_data(data, 0) == {"0,5": 3, "1,5": 4} == Counter(record.label for record in read)
    assert {record.cells["width"] for record in read} == {"1.5", "2.5"}


# Reads a table as a run does, and tells the kilobytes that refusing it took.
REFUSES = """
import resource, sys
from core.errors import InputError
from components.stratified_example_gen.check_data import check_data
from components.stratified_example_gen.settings import DataSettings
from components.stratified_example_gen.sources import open_source

settings = DataSettings(format="csv", path=sys.argv[1], label="kind")
idle = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for read in (lambda: check_data(settings, 0), lambda: open_source(settings, 0).chunks()):
    try:
        read()
        print("accepted")
    except InputError as error:
        print(error)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - idle)
"""


@pytest.mark.parametrize("filler", [b"x" * 2**20, b"line\n" * 2**18], ids=["one line", "many lines"])
def test_field_of_a_gigabyte_is_refused_without_being_read_into_memory(tmp_path, filler):
    path = tmp_path / "t.csv"
    with open(path, "wb") as handle:
        handle.write(b"text,kind\n" + b"a,cat\nb,dog\n" * 5 + b'"')
        for _ in range(4):
            handle.write(filler)
        handle.seek(2**30)  # A hole of zeros, which takes no room on the disk.
        handle.write(b'",cat\n')
    done = subprocess.run([sys.executable, "-c", REFUSES, path], capture_output=True, text=True, check=True)
    *messages, kilobytes = done.stdout.splitlines()
    assert len(messages) == 2
    why = "row 11, at byte 70, is longer than 16777216 bytes: it opens a quote that is never closed"
    assert all(why in message for message in messages)
    assert int(kilobytes) < 256 * 1024


def test_quoted_newlines_and_a_byte_order_mark_are_understood(tmp_path):
    path = tmp_path / "t.csv"
    path.write_bytes('\ufeff"kind";text\n'.encode() + b'cat;"over\ntwo lines"\n' * 3 + b"dog;x\n" * 4)
    assert check_data(csv(path), 0) == {"cat": 3, "dog": 4}


@pytest.mark.parametrize(
    ("classes", "message"),
    [
        ({}, "has no rows|no rows with a label in column 'kind'"),
        ({"": 9}, "no rows with a label in column 'kind'"),
        ({"cat": 9}, "a single class, 'cat'.*is 'kind' the right data.label"),
        ({"cat": 9, "dog": 2}, "class 'dog' has 2 examples; 3 are needed"),
        ({"cat": 9, "dog": 2, "elk": 1}, "class 'elk' has 1 example; 3 are needed"),
    ],
)
def test_table_that_cannot_be_split_is_refused(write_csv, classes, message):
    path = write_csv(["width", "kind"], rows_of(**classes))
    with pytest.raises(InputError, match=message) as error:
        check_data(csv(path), 0)
    assert str(path) in str(error.value)


def test_column_that_names_no_classes_is_refused(write_csv):
    path = write_csv(["width", "kind"], [(number, f"id{number}") for number in range(1500)])
    with pytest.raises(InputError, match="'kind' has 1500 different values in 1500 rows"):
        check_data(csv(path), 0)


def test_column_that_is_not_there_is_refused(write_csv):
    path = write_csv(["width", "kinds"], rows_of(cat=5, dog=5))
    with pytest.raises(InputError, match=r"no column 'kind' .*Did you mean 'kinds'"):
        check_data(csv(path), 0)


def test_image_folders_that_cannot_be_split_are_refused(write_images, tmp_path):
    with pytest.raises(InputError, match=r"a single class, 'cat'\. Classification needs at least two\.$"):
        check_data(images(write_images({"cat": 4}, "one")), 0)
    with pytest.raises(InputError, match="class folder 'dog' holds no images"):
        check_data(images(write_images({"cat": 4, "dog": 0}, "empty")), 0)
    with pytest.raises(InputError, match="class 'dog' has 2 examples"):
        check_data(images(write_images({"cat": 4, "dog": 2}, "few")), 0)
    with pytest.raises(InputError, match="does not exist"):
        check_data(images(tmp_path / "none"), 0)


def test_class_whose_files_are_left_out_is_refused_with_the_reasons(write_images, tmp_path):
    folder = write_images({"cat": 4, "dog": 0, "elk": 2})
    (tmp_path / "elsewhere").mkdir()
    for name in ("dog/1.png", "elk/1.png"):
        (folder / name).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(
        InputError, match=r"'dog' holds no images that can be used: dog/1.png is a link that leaves"
    ):
        check_data(images(folder), 0)
    (folder / "dog").rename(tmp_path / "dog")
    with pytest.raises(
        InputError, match=r"'elk' has 2 examples \(left out: elk/1.png is a link .*\); 3 are needed"
    ):
        check_data(images(folder), 0)


def test_first_look_does_without_tensorflow():
    program = "import sys, components.stratified_example_gen.check_data; print(*sys.modules)"
    imported = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert not {"tensorflow", "tfx", "apache_beam"} & set(imported.stdout.split())
