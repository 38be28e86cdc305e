"""Class folders are listed in order with all that lies below them, and what is left out is named."""

import os

import pytest

from components.stratified_example_gen.images import decoding
from components.stratified_example_gen.images import folder as image_folder
from components.stratified_example_gen.images.decoding import read_image
from components.stratified_example_gen.images.folder import ImageFolder, list_classes, open_class_folders
from components.stratified_example_gen.records import BadRecord
from core.errors import InputError


def source(folder, seed=0, split=None):
    return ImageFolder({split: str(folder)}, seed, max_pixels=1000)


def test_every_image_is_read_with_its_folders_name(write_images, read_all, image_of):
    records = read_all(source(write_images({"dog": 3, "big cat": 2})))
    assert sorted((record.key, record.label) for record in records) == [
        ("big cat/big cat0.png", "big cat"),
        ("big cat/big cat1.png", "big cat"),
        ("dog/dog0.png", "dog"),
        ("dog/dog1.png", "dog"),
        ("dog/dog2.png", "dog"),
    ]
    assert {record.key: record.image for record in records}["dog/dog2.png"] == image_of(2)


def test_classes_and_files_are_sorted(write_images):
    folder = write_images({"dog": 3, "ant": 1, "Cat": 2})
    assert list(list_classes(str(folder)).items()) == [
        ("Cat", ["Cat0.png", "Cat1.png"]),
        ("ant", ["ant0.png"]),
        ("dog", ["dog0.png", "dog1.png", "dog2.png"]),
    ]


def left_out_of(folder, split=None):
    return {one.key: one.why for one in source(folder, split=split).left_out()}


def test_images_below_a_class_folder_are_of_its_class(write_images, read_all, image_of):
    folder = write_images({"cat": 1, "dog": 1})
    for name in ("batch2/dog0.png", "batch2/monday/dog0.png"):
        (folder / "dog" / name).parent.mkdir(exist_ok=True)
        (folder / "dog" / name).write_bytes(image_of(9))
    records = sorted((record.key, record.label) for record in read_all(source(folder)))
    assert records == [
        ("cat/cat0.png", "cat"),
        ("dog/batch2/dog0.png", "dog"),
        ("dog/batch2/monday/dog0.png", "dog"),
        ("dog/dog0.png", "dog"),
    ]


def test_files_outside_the_class_folders_are_left_out_with_a_word(write_images):
    folder = write_images({"cat": 1, ".git": 1})
    (folder / "cat" / ".DS_Store").write_text("x")
    (folder / "loose.png").write_bytes(b"beside the classes")
    (folder / "cat" / "nested").mkdir()
    assert list_classes(str(folder)) == {"cat": ["cat0.png"]}
    assert left_out_of(folder, "test") == {
        "test/.git/": "is a hidden folder, with 1 file",
        "test/cat/.DS_Store": "is hidden",
        "test/loose.png": "lies outside the class folders, so that it has no class",
    }


def test_class_whose_folder_is_a_link_out_stays_a_class_without_files_and_is_named(write_images, tmp_path):
    folder = write_images({"cat": 1})
    outside = write_images({"secret": 2}, name="outside")
    os.symlink(outside / "secret" / "secret0.png", folder / "cat" / "file.png")
    os.symlink(outside / "secret", folder / "dog")
    os.symlink(tmp_path / "disk not mounted", folder / "elk")
    os.symlink(tmp_path / "README.md", folder / "README.md")
    listed = open_class_folders(str(folder))
    assert listed.classes == {"cat": ["cat0.png"], "dog": [], "elk": []}
    assert list(left_out_of(folder)) == ["README.md", "cat/file.png", "dog", "elk"]
    assert f"dog is a link that leaves the data's folder, to '{outside}/secret/'" in listed.why_empty("dog")
    assert "'elk' holds no images that can be used: elk is a link to" in listed.why_empty("elk")


def test_class_folder_that_is_a_link_inside_the_folder_is_read_and_so_is_the_folder_itself(
    write_images, tmp_path, read_all, image_of
):
    folder = write_images({"cat": 1, ".store/of dogs": 0})
    os.symlink(folder / ".store" / "of dogs", folder / "dog")
    os.symlink(folder / "cat" / "cat0.png", folder / "cat" / "same.png")
    os.symlink(folder, tmp_path / "shortcut")
    (folder / ".store" / "of dogs" / "1.png").write_bytes(image_of(7))
    records = read_all(source(tmp_path / "shortcut"))
    assert sorted((one.key, one.label) for one in records) == [("cat/cat0.png", "cat"), ("dog/1.png", "dog")]
    left_out = left_out_of(tmp_path / "shortcut")
    assert left_out["cat/same.png"] == "is the file 'cat/cat0.png', which counts there"


def test_file_that_cannot_be_opened_is_a_bad_record(write_images, read_all, monkeypatch):
    folder = write_images({"cat": 2})

    def refuse(path, *others):
        if str(path).endswith("cat1.png"):
            raise PermissionError(13, "Permission denied")
        return open(path, *others)

    monkeypatch.setattr(decoding, "open", refuse, raising=False)
    good, bad = sorted(read_all(source(folder)), key=lambda record: record.key)
    assert (bad.key, bad.why) == ("cat/cat1.png", "cannot be read (Permission denied)") and good.image


def test_any_name_will_do_and_the_content_decides(write_images, read_all, image_of):
    folder = write_images({"cat": 0})
    for name, kind in {
        "a.jfif": "JPEG",
        "b.png": "JPEG",
        "c": "GIF",
        "d.jpg.1": "BMP",
        "e.txt": "PNG",
    }.items():
        (folder / "cat" / name).write_bytes(image_of(0, kind))
    (folder / "cat" / "f.jpg").write_bytes(image_of(0, "WEBP"))
    (folder / "cat" / "g.txt").write_text("a note")
    *good, bad = sorted(read_all(source(folder)), key=lambda record: record.key)
    assert [record.key for record in good] == [
        f"cat/{name}" for name in ("a.jfif", "b.png", "c", "d.jpg.1", "e.txt")
    ]
    assert bad.why == "is not a JPEG, PNG, GIF or BMP image but WebP: convert it to PNG or JPEG"
    assert list(left_out_of(folder)) == ["cat/g.txt"]


def test_what_is_no_image_is_not_read_to_its_end(tmp_path):
    (tmp_path / "cat").mkdir()
    with open(tmp_path / "cat" / "film.mp4", "wb") as handle:
        handle.truncate(2**40)  # A hole of zeros: read, it would take a terabyte of memory.
    assert read_image(str(tmp_path / "cat" / "film.mp4"), 100)[1].startswith("is not a JPEG")


def test_folder_that_is_missing_a_file_or_without_folders_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"'.*/none' does not exist"):
        list_classes(str(tmp_path / "none"))
    (tmp_path / "file").write_text("x")
    with pytest.raises(InputError, match=r"'.*/file' is a file"):
        list_classes(str(tmp_path / "file"))
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match=r"is empty\. It needs one folder per class"):
        list_classes(str(tmp_path / "empty"))
    (tmp_path / "empty" / "loose.png").write_text("x")
    with pytest.raises(
        InputError, match=r"no class folders, but 1 file without a class.*counterpoise predict"
    ):
        list_classes(str(tmp_path / "empty"), "data.splits.test")


@pytest.mark.parametrize("name", [b"caf\xe9.png", b"caf\xe9"])
def test_name_that_is_not_utf8_is_refused(write_images, name):
    folder = write_images({"cat": 1})
    place = os.fsencode(folder / "cat") if name.endswith(b".png") else os.fsencode(folder)
    if name.endswith(b".png"):
        open(os.path.join(place, name), "wb").close()
    else:
        os.mkdir(os.path.join(place, name))
    with pytest.raises(InputError, match=r"'caf\\udce9.*' is not UTF-8 text") as error:
        list_classes(str(folder))
    assert str(error.value).encode()


def test_files_that_are_no_images_are_bad_records_and_stop_no_other(write_images, read_all, image_of):
    folder = write_images({"cat": 2})
    (folder / "cat" / "text.png").write_text("no image")
    (folder / "cat" / "empty.png").touch()
    (folder / "cat" / "cut.png").write_bytes(image_of(9)[:-30])
    (folder / "cat" / "cut.jpg").write_bytes(image_of(9, "JPEG", (30, 30))[:-300])
    (folder / "cat" / "large.png").write_bytes(image_of(9, size=(40, 40)))
    records = read_all(source(folder))
    why = {record.key: record.why for record in records if isinstance(record, BadRecord)}
    assert why.keys() == {
        f"cat/{name}" for name in ("text.png", "empty.png", "cut.png", "cut.jpg", "large.png")
    }
    assert why["cat/text.png"] == "is not a JPEG, PNG, GIF or BMP image"
    assert why["cat/empty.png"] == "is empty"
    assert "cut short" in why["cat/cut.png"] and "cut short" in why["cat/cut.jpg"]
    assert why["cat/large.png"].startswith("declares 40 x 40 pixels")
    assert len(records) == 7


def test_chunks_hold_every_file_once_and_mix_the_classes(write_images, monkeypatch):
    monkeypatch.setattr(image_folder, "FILES_PER_CHUNK", 10)
    folder = write_images({"ant": 15, "bee": 15, "cat": 5})
    chunks = source(folder).chunks()
    assert [len(chunk.files) for chunk in chunks] == [10, 10, 10, 5]
    files = [file for chunk in chunks for file in chunk.files]
    assert len(set(files)) == 35
    assert all(len({file.split("/")[0] for file in chunk.files}) >= 2 for chunk in chunks)
    assert [chunk.files for chunk in source(folder).chunks()] == [chunk.files for chunk in chunks]
    assert [chunk.files for chunk in source(folder, seed=1).chunks()] != [chunk.files for chunk in chunks]


def test_records_of_a_given_split_carry_it_in_their_key(write_images, read_all):
    for record in read_all(source(write_images({"cat": 2}), split="test")):
        assert record.split == "test" and record.key.startswith("test/cat/")
