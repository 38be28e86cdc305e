"""What StratifiedExampleGen's driver compares to tell whether the data are those of an earlier run."""

import os
import shutil
from pathlib import Path

import pytest

from components.stratified_example_gen.component import StratifiedExampleGen
from components.stratified_example_gen.settings import SPLITS, DataSettings


def image_settings(folder: Path) -> DataSettings:
    return DataSettings(format="image_folder", path=str(folder))


def csv_settings(table: Path | None = None, **more) -> DataSettings:
    return DataSettings(format="csv", path=None if table is None else str(table), label="kind", **more)


def compared(settings: DataSettings) -> tuple[str, str, str]:
    """Returns what has to be as it was for the stage to be cached: what it watches, and the fingerprint."""
    stage = StratifiedExampleGen(settings, 0)
    properties = stage.DRIVER_CLASS(None).resolve_exec_properties(dict(stage.exec_properties), None, None)
    return properties["input_base"], properties["input_config"], properties["input_fingerprint"]


def edit(path: Path) -> None:
    """Changes a file; the fingerprint sees sizes and times."""
    with open(path, "ab") as handle:
        handle.write(b"\n")


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: edit(folder / "bee" / "bee3.png"),
        lambda folder: os.utime(folder / "ant" / "ant0.png", (1e9, 1e9)),
        lambda folder: shutil.copy(folder / "ant" / "ant0.png", folder / "ant" / "new.png"),
        lambda folder: (folder / "rare one" / "rare one0.png").unlink(),
        lambda folder: (folder / "ant" / "ant0.png").rename(folder / "bee" / "ant0.png"),
        lambda folder: (folder / "ant").rename(folder / "wasp"),
    ],
    ids=["edit", "touch", "add", "remove", "move to another class", "rename a class"],
)
def test_changing_an_image_changes_what_is_compared(write_images, change):
    folder = write_images({"ant": 2, "bee": 4, "rare one": 1})
    before = compared(image_settings(folder))
    assert compared(image_settings(folder)) == before
    change(folder)
    assert compared(image_settings(folder)) != before


@pytest.mark.parametrize("name", ["table.csv", "parts [1].csv", "odd{}?*.csv"])
def test_editing_a_table_changes_what_is_compared(write_csv, name):
    path = write_csv(["width", "kind"], [(1, "a")], name)
    before = compared(csv_settings(path))
    edit(path)
    assert compared(csv_settings(path)) != before


def test_folder_with_an_odd_name_is_watched_too(write_images):
    folder = write_images({"a [1]": 2}, name="images [v2]/*")
    before = compared(image_settings(folder))
    edit(folder / "a [1]" / "a [1]0.png")
    assert compared(image_settings(folder)) != before


def test_every_table_of_a_pattern_is_watched(write_csv):
    first, second = (write_csv(["width", "kind"], [(1, "a")], f"part-{number}.csv") for number in (1, 2))
    settings = csv_settings(first.parent / "part-*.csv")
    seen = [compared(settings)]
    for path in (first, second):
        edit(path)
        seen.append(compared(settings))
    write_csv(["width", "kind"], [(1, "a")], "part-3.csv")
    seen.append(compared(settings))
    assert len(set(seen)) == 4


def test_every_given_split_is_watched(write_csv, write_images):
    for settings, paths in (
        (
            csv_settings(
                splits={
                    split: str(write_csv(["width", "kind"], [(1, "a")], f"{split}/t.csv")) for split in SPLITS
                }
            ),
            ["train/t.csv", "eval/t.csv", "test/t.csv"],
        ),
        (
            DataSettings(
                format="image_folder",
                splits={split: str(write_images({"a": 1}, f"img/{split}")) for split in ("train", "test")},
            ),
            ["img/train/a/a0.png", "img/test/a/a0.png"],
        ),
    ):
        root = Path(settings.splits.train).parents[1]
        seen = [compared(settings)]
        for path in paths:
            edit((root if (root / path).exists() else root.parent) / path)
            seen.append(compared(settings))
        assert len(set(seen)) == len(paths) + 1


def nested_and_linked(folder: Path) -> Path:
    """Adds a nested image and links to a file, to a folder, out of the folder and to nothing."""
    (folder / "ant" / "batch2").mkdir()
    shutil.copy(folder / "ant" / "ant0.png", folder / "ant" / "batch2")
    (folder / ".pool").mkdir()
    for name in ("1.png", "2.png"):
        shutil.copy(folder / "ant" / "ant0.png", folder / ".pool" / name)
    links = {
        "file.png": "../.pool/1.png",
        "folder": "../.pool",
        "out.png": "/dev/null",
        "nowhere.png": "gone",
    }
    for name, target in links.items():
        os.symlink(target, folder / "bee" / name)
    return folder


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: edit(folder / "ant" / "batch2" / "ant0.png"),
        lambda folder: (folder / "ant" / "batch2").rename(folder / "bee" / "batch2"),
        lambda folder: edit(folder / ".pool" / "1.png"),
        lambda folder: edit(folder / ".pool" / "2.png"),
        lambda folder: (folder / "bee" / "out.png").unlink(),
        lambda folder: (folder / "bee" / "nowhere.png").rename(folder / "ant" / "nowhere.png"),
    ],
    ids=["nested", "nested moves", "linked", "in a linked folder", "left out goes", "left out moves"],
)
def test_nested_linked_and_left_out_files_matter(write_images, change):
    folder = nested_and_linked(write_images({"ant": 2, "bee": 1}))
    before = compared(image_settings(folder))
    assert compared(image_settings(folder)) == before
    change(folder)
    assert compared(image_settings(folder)) != before


@pytest.mark.parametrize(
    "place", ["a.png", "images/a.jpeg", "images/deep/A.JPG", "a/b/c/d/e/f.BMP", "a.jfif", "scan", "x.jpg.1"]
)
def test_images_that_a_table_names_are_watched_and_a_runs_output_is_not(write_csv, place):
    table = write_csv(["photo", "kind"], [(place, "a")])
    image, log = table.parent / place, table.parent / "runs" / "x" / "run.log"
    for path in (image, log):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    settings = csv_settings(table, image="photo")
    before = compared(settings)
    edit(log)
    assert compared(settings) == before
    edit(image)
    assert compared(settings) != before


def test_settings_and_seed_are_part_of_what_is_compared(write_csv):
    table = write_csv(["width", "kind"], [(1, "a")])
    seen = {
        StratifiedExampleGen(settings, seed).exec_properties["custom_config"]
        for settings in (csv_settings(table), csv_settings(table, duplicates="error"))
        for seed in (0, 1)
    }
    assert len(seen) == 4
