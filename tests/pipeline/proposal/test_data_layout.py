"""What kind of data a path leads to."""

import gzip

import pytest

from core.errors import InputError
from pipeline.proposal.data_layout import find_layout


def fill(folder, *names):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"x")
    return str(folder)


def test_folders_of_files_are_classes(tmp_path):
    folder = fill(tmp_path / "d", "cat/1.png", "dog/1.png", ".hidden/x")
    layout = find_layout(folder)
    assert layout.format == "image_folder" and layout.paths == {None: folder}


def test_classes_called_train_and_test_are_classes(tmp_path):
    folder = fill(tmp_path / "d", "train/1.png", "test/1.png")
    assert find_layout(folder).paths == {None: folder}


@pytest.mark.parametrize(("given", "split"), [("val", "eval"), ("Validation", "eval"), ("eval", "eval")])
def test_folders_of_classes_called_like_splits_are_splits(tmp_path, given, split):
    folder = fill(tmp_path / "d", "train/cat/1.png", "test/cat/1.png", f"{given}/cat/1.png")
    paths = {"train": f"{folder}/train", split: f"{folder}/{given}", "test": f"{folder}/test"}
    assert find_layout(folder).paths == paths


def test_val_without_test_serves_as_test(tmp_path):
    folder = fill(tmp_path / "d", "train/cat/1.png", "val/cat/1.png")
    assert find_layout(folder).paths == {"train": f"{folder}/train", "test": f"{folder}/val"}


def test_csv_plain_or_packed_is_a_table(tmp_path):
    (tmp_path / "t.csv").write_text("a,b\n1,2\n")
    with gzip.open(tmp_path / "t.csv.gz", "wt") as handle:
        handle.write("a,b\n1,2\n")
    for name in ("t.csv", "t.csv.gz"):
        layout = find_layout(str(tmp_path / name))
        assert layout.format == "csv" and layout.paths == {None: str(tmp_path / name)}


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("t.parquet", "parquet"),
        ("T.PQ", "parquet"),
        ("t.tfrecord", "tfrecord"),
        ("t.tfrecords.gz", "tfrecord"),
        ("t.tfrecord-00001-of-00010", "tfrecord"),
        ("data_tfrecord-00000-of-00001.gz", "tfrecord"),
        ("tfrecord.csv", "csv"),
    ],
)
def test_tables_are_told_apart_by_name(tmp_path, name, kind):
    fill(tmp_path, name)
    if kind == "csv":
        (tmp_path / name).write_text("a,b\n")
    assert find_layout(str(tmp_path / name)).format == kind


def test_parquet_of_any_name_is_known_by_its_start(tmp_path):
    (tmp_path / "part-0").write_bytes(b"PAR1\x15\x00")
    assert find_layout(str(tmp_path / "part-*")).format == "parquet"


@pytest.mark.parametrize(
    ("names", "asked", "message"),
    [
        (["d/"], "d", "is empty"),
        (["d/a/"], "d", "empty folders only"),
        (["d/a/b/1.png"], "d", "d/a"),
        (["d/1.csv"], "d", "1.csv"),
        (["d/notes.txt"], "d", "holds no folders"),
        (
            ["d/train/a/1.png", "d/training/a/1.png", "d/test/a/1.png"],
            "d",
            "several folders of the train split",
        ),
        (["t.parquet", "t.csv"], "t.*", "several formats"),
        (["d/t.parquet"], "d", r"holds tables.* t\.parquet"),
        (["1.png"], "1.png", "single image"),
        ([], "no.csv", "does not exist"),
    ],
)
def test_what_cannot_be_used_is_refused_with_a_way_out(tmp_path, names, asked, message):
    for name in names:
        if name.endswith("/"):
            (tmp_path / name).mkdir(parents=True)
        else:
            fill(tmp_path, name)
    with pytest.raises(InputError, match=message):
        find_layout(str(tmp_path / asked))


def test_file_with_zero_bytes_is_no_table(tmp_path):
    (tmp_path / "t.csv").write_bytes("a,b\n1,2\n".encode("utf-16"))
    with pytest.raises(InputError, match="UTF-8"):
        find_layout(str(tmp_path / "t.csv"))
