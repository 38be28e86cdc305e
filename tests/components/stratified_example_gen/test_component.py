"""The component as the pipeline runs it: raw files in, shards of tf.Examples out."""

import csv
import dataclasses
import json
import shutil
from operator import itemgetter
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from tfx.types import artifact_utils, standard_artifacts

from components.stratified_example_gen import component
from components.stratified_example_gen.component import Executor, StratifiedExampleGen
from components.stratified_example_gen.images import folder as image_folder
from components.stratified_example_gen.settings import SPLITS, DataSettings
from core.errors import InputError
from core.splitting import split_counts

SHARES = np.array([0.7, 0.15, 0.15])


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Runs the executor; returns the artifact's folder."""

    def run_executor(settings: DataSettings, seed: int = 0, beam_args: list[str] | None = None) -> Path:
        folder = tmp_path_factory.mktemp("run")
        artifact = standard_artifacts.Examples()
        artifact.uri = str(folder / "examples")
        context = Executor.Context(beam_pipeline_args=beam_args or [], tmp_dir=str(folder / "tmp"))
        properties = StratifiedExampleGen(settings, seed).exec_properties
        Executor(context).Do({}, {"examples": [artifact]}, properties)
        assert artifact_utils.decode_split_names(artifact.split_names) == list(SPLITS)
        return folder / "examples"

    return run_executor


def shards(examples: Path, split: str) -> list[list[dict[str, list]]]:
    """Parses a split's shards, each example as feature to values."""
    parsed = []
    for path in sorted((examples / f"Split-{split}").iterdir()):
        rows = []
        for serialized in tf.data.TFRecordDataset(str(path), "GZIP").as_numpy_iterator():
            features = tf.train.Example.FromString(serialized).features.feature
            kinds = {name: feature.WhichOneof("kind") for name, feature in features.items()}
            rows.append(
                {name: list(getattr(features[name], kind).value) for name, kind in kinds.items() if kind}
            )
        parsed.append(rows)
    return parsed


def records(examples: Path, split: str) -> list[dict[str, list]]:
    return [row for shard in shards(examples, split) for row in shard]


def keys(examples: Path, split: str) -> list[str]:
    return [row["record_key"][0].decode() for row in records(examples, split)]


def assignments(examples: Path) -> dict[str, tuple[str, str]]:
    """Reads splits.csv: key to split and why there is none."""
    with open(examples / "splits.csv", newline="", encoding="utf-8") as handle:
        return {row["key"]: (row["split"], row["dropped_because"]) for row in csv.DictReader(handle)}


def summary(examples: Path) -> dict:
    return json.loads((examples / "split_summary.json").read_text())


def files_of(folder: Path) -> dict[str, bytes]:
    paths = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


def image_settings(folder, **more):
    return DataSettings(format="image_folder", path=str(folder), **more)


CLASSES = {"ant": 20, "bee": 13, "rare one": 3}


@pytest.fixture(scope="module")
def images(tmp_path_factory, image_of):
    """A folder of images that no test changes."""
    folder, seed = tmp_path_factory.mktemp("data") / "images", 0
    for name, count in CLASSES.items():
        (folder / name).mkdir(parents=True)
        for number in range(count):
            (folder / name / f"{name}{number}.png").write_bytes(image_of(seed := seed + 1))
    return folder


@pytest.fixture
def own_images(images, tmp_path):
    """A copy of the images to be changed."""
    return Path(shutil.copytree(images, tmp_path / "images"))


@pytest.fixture(scope="module")
def image_run(run, images):
    return run(image_settings(images))


# Every second part has no weight, and one in three lies on no line.
PARTS = [
    (number, f"{number}.25", "" if number % 2 else number * 0.5, ["nörth", "south", "?"][number % 3])
    for number in range(36)
]
KINDS = ["common"] * 24 + ["less"] * 9 + ["selten"] * 3
COLUMNS = ["count", "width", "weight", "line", "kind"]


ROWS = [(*part, kind) for part, kind in zip(PARTS, KINDS, strict=True)]


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    """A table that no test changes."""
    path = tmp_path_factory.mktemp("data") / "table.csv"
    with open(path, "w", newline="", encoding="utf-8") as handle:
        csv.writer(handle).writerows([COLUMNS, *ROWS])
    return path


@pytest.fixture(scope="module")
def table_run(run, table):
    return run(csv_settings(table))


def csv_settings(table=None, **more):
    path = None if table is None else str(table)
    return DataSettings(format="csv", path=path, label="kind", **more)


def in_pieces(monkeypatch, bytes_per_chunk):
    open_source = component.open_source
    monkeypatch.setattr(
        component,
        "open_source",
        lambda *args: dataclasses.replace(open_source(*args), bytes_per_chunk=bytes_per_chunk),
    )


def test_image_folder_becomes_three_splits_of_exact_counts(image_run):
    examples = image_run
    found = {split: keys(examples, split) for split in SPLITS}
    everything = [key for split in SPLITS for key in found[split]]
    assert sorted(everything) == sorted(
        f"{name}/{name}{number}.png" for name, count in CLASSES.items() for number in range(count)
    )
    for name, count in CLASSES.items():
        counts = [sum(key.startswith(f"{name}/") for key in found[split]) for split in SPLITS]
        assert counts == split_counts(count, SHARES).tolist()
        assert summary(examples)["classes"][name] == dict(zip(SPLITS, counts, strict=True))
    assert assignments(examples) == {key: (split, "") for split in SPLITS for key in found[split]}


def test_images_arrive_unchanged_under_their_label(image_run, images):
    for split in SPLITS:
        for row in records(image_run, split):
            key = row["record_key"][0].decode()
            assert row.keys() == {"record_key", "label", "image"}
            assert row["label"] == [key.partition("/")[0].encode()]
            assert row["image"] == [(images / key).read_bytes()]


def test_nothing_is_left_behind_but_splits_and_their_account(image_run):
    assert set(files_of(image_run)) == {
        *(f"Split-{split}/data_tfrecord-00000-of-00001.gz" for split in SPLITS),
        "split_summary.json",
        "splits.csv",
    }


def test_table_becomes_typed_features_in_three_splits(table_run):
    found = {}
    for split in SPLITS:
        rows = records(table_run, split)
        labels = [row["kind"][0].decode() for row in rows]
        for name in set(KINDS):
            counts = split_counts(KINDS.count(name), SHARES)
            assert labels.count(name) == counts[SPLITS.index(split)]
        found |= {row.pop("record_key")[0].decode(): row for row in rows}

    assert found == {
        f"table.csv, row {number + 1}": {
            "count": [number],
            "width": [number + 0.25],
            "kind": [kind.encode()],
            **({} if weight == "" else {"weight": [weight]}),
            **({} if line == "?" else {"line": [line.encode()]}),
        }
        for (number, _, weight, line), kind in zip(PARTS, KINDS, strict=True)
    }


def test_messy_table_is_accounted_for_column_by_column(run, write_csv):
    stamps = [1_600_000_000_000 + row for row in range(60)]
    cells = {
        "kind": ["common", "common", "rare"] * 20,
        "time": [f"{stamp}.0" for stamp in stamps],
        "price": [f"{1000 * row:,}" for row in range(60)],
        "width": ["inf", "-", "None", *[f"{row}.5" for row in range(57)]],
        "mixed": [*["7"] * 40, *["x"] * 20],
        "note": ["n"] * 60,
        "empty": [""] * 60,
    }
    path = write_csv(list(cells), list(zip(*cells.values(), strict=True)))
    examples = run(
        DataSettings(format="csv", path=str(path), label="kind", drop=["note"], duplicates="error")
    )
    assert summary(examples)["columns"] == {
        "used": {
            "kind": "label",
            "time": "numeric (whole numbers)",
            "price": "numeric (whole numbers)",
            "width": "numeric",
            "mixed": "categorical",
            "empty": "categorical",
        },
        "left_out": {"note": "data.drop names it"},
    }
    assert [note.split(" ", 2)[1] for note in summary(examples)["notes"]] == [
        *("cells", "'width':", "'width':", "'mixed':", "'empty'"),
    ]
    rows = [row for split in SPLITS for row in records(examples, split)]
    assert sorted(row["time"] for row in rows) == [[stamp] for stamp in stamps]
    assert sorted(row["price"] for row in rows) == [[1000 * row] for row in range(60)]
    assert sum("width" not in row for row in rows) == 3


def test_records_of_a_split_are_mixed_not_in_the_tables_order(table_run):
    rows = [int(key.rpartition(" ")[2]) for key in keys(table_run, "train")]
    assert rows != sorted(rows)


def test_duplicates_stand_in_one_split_and_are_accounted_for(run, write_csv):
    rows = [*zip(range(20), ["a", "b"] * 10, strict=True), (0, "a"), (0, "a"), (1, "a")]
    examples = run(csv_settings(write_csv(["width", "kind"], rows), duplicates="drop"))

    places = assignments(examples)
    assert len(places) == 23
    assert places["table.csv, row 21"] == places["table.csv, row 22"] == ("", "duplicate")
    # Row 23 repeats row 2 under another class: both stay, together.
    assert places["table.csv, row 23"] == places["table.csv, row 2"]
    written = [key for split in SPLITS for key in keys(examples, split)]
    assert sorted(written) == sorted(key for key, (split, _) in places.items() if split)
    told = {"policy": "drop", "found": 2, "dropped": 2, "moved": 0, "contradictory": 2}
    assert summary(examples)["duplicates"] == told


def test_given_splits_are_kept_and_eval_is_cut_from_train(run, write_csv):
    rows = [(number, "ab"[number % 2]) for number in range(40)]
    train = write_csv(["width", "kind"], rows[:28], "train.csv")
    test = write_csv(["width", "kind"], [*rows[28:], rows[0]], "test.csv")
    splits = {"train": str(train), "test": str(test), "eval": 0.25}
    examples = run(csv_settings(splits=splits))

    # Row 1 of train repeats the last row of test, where it is held out.
    held_out = [*(f"test/test.csv, row {row}" for row in range(1, 14)), "train/train.csv, row 1"]
    assert sorted(keys(examples, "test")) == sorted(held_out)
    assert summary(examples)["duplicates"]["moved"] == 1
    # A quarter of 13 a is 3.25; of 14 b 3.5, and of equal remainders train's is served first.
    assert len(keys(examples, "eval")) == 3 + 3
    assert len(keys(examples, "train")) == 27 - 6


def test_images_of_a_table_are_read(run, write_csv, write_images):
    folder = write_images({"all": 12}, name="pictures")
    rows = [(f"pictures/all/all{number}.png", "ab"[number % 2]) for number in range(12)]
    examples = run(csv_settings(write_csv(["photo", "kind"], rows), image="photo"))
    found = [row for split in SPLITS for row in records(examples, split)]
    assert sorted(row["photo"][0] for row in found) == sorted(
        (folder / "all" / f"all{number}.png").read_bytes() for number in range(12)
    )


# === The same bytes, whoever does the work ===


def test_same_seed_gives_the_same_bytes_and_another_seed_other_splits(
    run, images, table, image_run, table_run
):
    assert files_of(run(image_settings(images))) == files_of(image_run)
    assert files_of(run(csv_settings(table))) == files_of(table_run)
    other = run(csv_settings(table), seed=1)
    assert assignments(other) != assignments(table_run)
    assert summary(other)["classes"] == summary(table_run)["classes"]


def everything(examples: Path) -> dict[str, list]:
    return {split: sorted(records(examples, split), key=itemgetter("record_key")) for split in SPLITS}


def test_many_small_chunks_of_images_give_more_shards_of_the_same_splits(run, images, image_run, monkeypatch):
    monkeypatch.setattr(image_folder, "FILES_PER_CHUNK", 5)
    parts = run(image_settings(images))
    # 36 images, 5 at a time.
    assert [len(shards(parts, split)) for split in SPLITS] == [8, 8, 8]
    assert assignments(parts) == assignments(image_run)
    assert everything(parts) == everything(image_run)


def test_many_small_chunks_of_a_table_give_more_shards_of_the_same_splits(run, table, table_run, monkeypatch):
    in_pieces(monkeypatch, 100)
    parts = run(csv_settings(table))
    assert len(shards(parts, "train")) > 5
    assert assignments(parts) == assignments(table_run)
    assert everything(parts) == everything(table_run)
    assert summary(parts) == summary(table_run)


def test_order_of_the_rows_does_not_decide_their_split(run, write_csv, table_run):
    backwards = run(csv_settings(write_csv(COLUMNS, ROWS[::-1])))
    for split in SPLITS:
        here, there = (sorted(row["count"] for row in records(one, split)) for one in (table_run, backwards))
        assert here == there


@pytest.mark.slow
def test_workers_in_other_processes_write_the_same_bytes(run, images, monkeypatch):
    monkeypatch.setattr(image_folder, "FILES_PER_CHUNK", 5)
    workers = ["--direct_running_mode=multi_processing", "--direct_num_workers=2"]
    settings = image_settings(images)
    assert files_of(run(settings, beam_args=workers)) == files_of(run(settings))


# === Bad records and bad data ===


def test_bad_row_ends_the_reading_by_file_and_row(run, write_csv):
    table = write_csv(COLUMNS, [*ROWS, (1, 2)])
    with pytest.raises(InputError, match=r"^table\.csv, row 37 has too few fields: 2, .*data\.on_bad_record"):
        run(csv_settings(table))


def test_bad_image_ends_the_reading_by_file(run, own_images):
    (own_images / "bee" / "text.png").write_text("no image")
    with pytest.raises(InputError, match=r"^bee/text\.png is not a JPEG, PNG, GIF or BMP image"):
        run(image_settings(own_images))


def test_skipped_records_are_listed_and_the_others_split(run, own_images):
    (own_images / "bee" / "text.png").write_text("no image")
    (own_images / "ant" / "ant0.png").write_bytes(b"")
    examples = run(image_settings(own_images, on_bad_record="skip"))
    assert summary(examples)["skipped_count"] == 2
    assert {bad["where"]: bad["why"] for bad in summary(examples)["skipped"]} == {
        "bee/text.png": "is not a JPEG, PNG, GIF or BMP image",
        "ant/ant0.png": "is empty",
    }
    assert assignments(examples)["ant/ant0.png"] == ("", "is empty")
    written = [key for split in SPLITS for key in keys(examples, split)]
    assert len(written) == sum(CLASSES.values()) - 1 and "ant/ant0.png" not in written


def test_files_of_a_folder_are_used_or_left_out_by_name(run, own_images, tmp_path):
    (own_images / "bee" / "batch2").mkdir()
    (own_images / "bee" / "bee0.png").rename(own_images / "bee" / "batch2" / "bee0.png")
    (own_images / "ant" / "ant0.png").rename(own_images / "ant" / "scan")
    (own_images / "ant" / "Thumbs.db").write_bytes(b"x")
    (own_images / "ant" / "gone.png").symlink_to(tmp_path / "gone")
    examples = run(image_settings(own_images))
    given = assignments(examples)
    assert given["bee/batch2/bee0.png"][0] and given["ant/scan"][0]
    left_out = {
        "ant/Thumbs.db": "is a file that the system made",
        "ant/gone.png": f"is a link to '{tmp_path}/gone', which does not exist",
    }
    assert {key: why for key, (split, why) in given.items() if not split} == left_out
    assert {one["where"]: one["why"] for one in summary(examples)["files_left_out"]} == left_out
    assert len(given) == sum(CLASSES.values()) + 2


def test_data_that_have_nothing_usable_are_refused(run, own_images, write_csv):
    for path in own_images.rglob("*.png"):
        path.write_bytes(b"")
    with pytest.raises(InputError, match="have 0 classes"):
        run(image_settings(own_images, on_bad_record="skip"))
    with pytest.raises(InputError, match="have 0 classes"):
        run(csv_settings(write_csv(["width", "kind"], [])))


# === What the driver compares ===
