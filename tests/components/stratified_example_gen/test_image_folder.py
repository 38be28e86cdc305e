"""Class folders are listed in order, and nothing outside them is read."""

import os

import pytest

from components.errors import InputError
from components.stratified_example_gen import image_folder
from components.stratified_example_gen.image_folder import ImageFolder, list_classes
from components.stratified_example_gen.records import BadRecord


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


def test_hidden_files_and_folders_are_left_out(write_images):
    folder = write_images({"cat": 1, ".git": 1})
    (folder / "cat" / ".DS_Store").write_text("x")
    (folder / "README.txt").write_text("beside the classes")
    (folder / "cat" / "nested").mkdir()
    assert list_classes(str(folder)) == {"cat": ["cat0.png"]}


def test_links_out_of_the_folder_are_not_followed(write_images, tmp_path):
    folder = write_images({"cat": 1})
    outside = write_images({"secret": 2}, name="outside")
    os.symlink(outside / "secret" / "secret0.png", folder / "cat" / "file.png")
    os.symlink(outside / "secret", folder / "dog")
    os.symlink(tmp_path / "nothing", folder / "cat" / "broken.png")
    (folder.parent / "images2").mkdir()
    os.symlink(folder.parent / "images2", folder / "begins alike")
    assert list_classes(str(folder)) == {"cat": ["cat0.png"]}


def test_links_inside_the_folder_are_followed_and_so_is_the_folder_itself(write_images, tmp_path):
    folder = write_images({"cat": 1})
    os.symlink(folder / "cat" / "cat0.png", folder / "cat" / "same.png")
    os.symlink(folder, tmp_path / "shortcut")
    assert list_classes(str(tmp_path / "shortcut")) == {"cat": ["cat0.png", "same.png"]}


def test_folder_that_is_missing_a_file_or_empty_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"'.*/none' does not exist"):
        list_classes(str(tmp_path / "none"))
    (tmp_path / "file").write_text("x")
    with pytest.raises(InputError, match=r"'.*/file' is a file"):
        list_classes(str(tmp_path / "file"))
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "loose.png").write_text("x")
    with pytest.raises(InputError, match=r"is empty\. It needs one folder per class"):
        list_classes(str(tmp_path / "empty"))


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
