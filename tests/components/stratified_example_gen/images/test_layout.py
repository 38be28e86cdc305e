"""Known layouts of image data are told from class folders, and what to name is said with the very path."""

import pytest

from components.stratified_example_gen.check_data import check_data
from components.stratified_example_gen.images.files import list_image_files
from components.stratified_example_gen.images.layout import layout_advice, layout_notes
from components.stratified_example_gen.settings import DataSettings
from core.errors import InputError
from pipeline.proposal.data_layout import find_layout


def fill(folder, *names):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"x")
    return str(folder)


def advice(folder):
    return layout_advice(folder, list_image_files(folder))


IMAGES = [f"{name}/{number}.png" for name in ("cat", "dog") for number in range(4)]


def under(*places):
    return [f"{place}/{name}" for place in places for name in IMAGES]


LAYOUTS = {
    "train beside a flat test": (
        [*under("train"), "test/1.png", "test/2.png"],
        [
            "holds the splits train and test, not classes",
            "data.path: D/train.",
            "test has no class folders",
            "D/test with `counterpoise predict`",
            "bulk_inference.path",
        ],
    ),
    "splits by other names": (
        [*under("seg_train/seg_train", "seg_test/seg_test"), "seg_pred/1.png"],
        [
            "D holds the splits seg_train and seg_test",
            "{train: D/seg_train/seg_train, test: D/seg_test/seg_test}",
        ],
    ),
    "train alone": (under("train"), ["holds the split train, not classes", "data.path: D/train."]),
    "images above the splits": (
        [*under("images/train"), "images/test/1.png"],
        ["D/images holds the splits train and test", "data.path: D/images/train."],
    ),
    "a folder in a folder": (
        under("dataset/dataset"),
        ["Name the one that holds cat, dog: D/dataset/dataset."],
    ),
    "images without a class": (
        ["1.png", "2.png"],
        ["D has no class folders, but 2 files without a class", "counterpoise predict"],
    ),
    "images beside a table": (
        ["1.png", "2.png", "labels.csv"],
        ["classes may stand in labels.csv", "data.format: csv, data.path: D/labels.csv, data.image: "],
    ),
    "a folder of images beside a table": (
        ["images/1.png", "images/2.png", "labels.csv"],
        ["data.path: D/labels.csv, data.image: "],
    ),
    "flat splits beside a table": (
        ["train/1.png", "test/2.png", "train.csv"],
        ["data.path: D/train.csv, data.image: "],
    ),
    "images beside Parquet": (["1.png", "t.parquet"], ["data.format: parquet, data.path: D/t.parquet"]),
}


@pytest.mark.parametrize("kind", LAYOUTS)
def test_run_and_init_say_what_to_name(tmp_path, kind):
    names, sentences = LAYOUTS[kind]
    folder = fill(tmp_path / "d", *names, ".DS_Store", "README.md")
    with pytest.raises(InputError) as run:
        check_data(DataSettings(format="image_folder", path=folder), 0)
    with pytest.raises(InputError) as init:
        find_layout(folder)
    for error in (run, init):
        for sentence in sentences:
            assert sentence.replace("D/", f"{folder}/").replace("D ", f"{folder} ") in str(error.value)
        assert "remove" not in str(error.value).lower()


def test_given_splits_are_what_run_asks_for_and_init_finds(tmp_path):
    folder = fill(tmp_path / "d", *under("Training", "valid", "test"))
    assert (
        "data.splits: {" + f"train: {folder}/Training, eval: {folder}/valid, test: {folder}/test" + "}"
        in advice(folder)
    )
    assert find_layout(folder).paths == {
        "train": f"{folder}/Training",
        "eval": f"{folder}/valid",
        "test": f"{folder}/test",
    }


def test_flat_test_beside_train_and_val_is_named_by_both(tmp_path):
    folder = fill(tmp_path / "d", *under("train", "val"), "test/1.png", "test/2.png", "notes.md")
    assert f"data.splits: {{train: {folder}/train, test: {folder}/val}}" in advice(folder)
    assert (
        f"test has no class folders, so that nothing can be learned from or measured on it: score {folder}/test"
        in (advice(folder))
    )
    layout = find_layout(folder)
    assert layout.paths == {"train": f"{folder}/train", "test": f"{folder}/val"}
    assert layout.notes[0].startswith(
        "Beside the splits lie, and are not read: notes.md (1 file), test (2 files)."
    )


@pytest.mark.parametrize(
    "names",
    [
        IMAGES,
        [*IMAGES, "labels.csv"],
        ["train/1.png", "test/2.png"],
        [*(f"{name}/batch/{number}.png" for name in ("bus", "train") for number in range(3))],
        ["cat/batch1/1.png", "cat/2.png", "dog/1.png"],
    ],
    ids=["classes", "a table beside", "classes called like splits", "a train among vehicles", "nested"],
)
def test_class_folders_are_left_alone(tmp_path, names):
    folder = fill(tmp_path / "d", *names)
    assert advice(folder) is None and find_layout(folder).paths == {None: folder}


def test_splits_inside_each_class_are_read_together_and_noted(tmp_path):
    folder = fill(
        tmp_path / "d", *(f"{name}/{split}/1.png" for name in ("cat", "dog") for split in ("train", "test"))
    )
    listed = list_image_files(folder)
    assert layout_advice(folder, listed) is None
    [note] = layout_notes(listed)
    assert "are read together and split anew" in note and "train/CLASS" in note
    assert layout_notes(list_image_files(fill(tmp_path / "e", *IMAGES))) == []


def test_the_same_folders_inside_each_class_are_noted_and_batches_are_not(tmp_path):
    sites = fill(tmp_path / "d", *under("site A", "site B"))
    [note] = layout_notes(list_image_files(sites))
    assert "folders of the same names: cat, dog. The class is the first folder, as in site A, site B." in note
    batches = fill(tmp_path / "e", "cat/batch1/1.png", "cat/batch2/1.png", "dog/batch1/1.png", "dog/2.png")
    assert layout_notes(list_image_files(batches)) == []


def test_output_of_a_run_among_the_classes_is_no_class(tmp_path):
    folder = fill(
        tmp_path / "d", *IMAGES, "runs/d/.lock", "runs/d/run.log", "runs/d/metadata.sqlite", "d.yaml"
    )
    listed = list_image_files(folder)
    assert listed.folders == ("cat", "dog") and listed.files == tuple(sorted(IMAGES))
    assert {one.key: one.why for one in listed.left_out}["runs/d/"] == "is the output of a run"
