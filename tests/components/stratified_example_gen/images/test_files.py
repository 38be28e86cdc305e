"""Every file of a folder is listed once, or left out with a reason; no link makes the listing hang or double."""

import os
import socket
import threading
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.stratified_example_gen.images import files as image_files
from components.stratified_example_gen.images.files import list_image_files
from core.errors import InputError


def fill(folder, *names):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"x")
    return folder


def listed(folder):
    found = list_image_files(str(folder))
    return list(found.files), {one.key: one.why for one in found.left_out}


def test_nested_files_are_listed_by_their_path_in_order(tmp_path):
    fill(tmp_path, "b/2/x.png", "b/10/x.png", "b/x.png", "a/y", "z.png")
    assert listed(tmp_path) == (["a/y", "b/10/x.png", "b/2/x.png", "b/x.png", "z.png"], {})
    assert list_image_files(str(tmp_path)).folders == ("a", "b")


def test_hidden_files_litter_and_text_are_left_out(tmp_path):
    litter = ("Thumbs.db", "desktop.ini", ".DS_Store", "notes.TXT", "1.xml", "1.json")
    fill(
        tmp_path,
        "a/1.png",
        *(f"a/{name}" for name in litter),
        "a/.cache/1",
        "__MACOSX/a/._1.png",
        "__MACOSX/2",
    )
    files, left_out = listed(tmp_path)
    assert files == ["a/1.png"]
    assert left_out == {
        "__MACOSX/": "is a folder that the system made, with 2 files",
        "a/.DS_Store": "is hidden",
        "a/.cache/": "is a hidden folder, with 1 file",
        "a/1.json": "is a text file by its name, and no image by its content",
        "a/1.xml": "is a text file by its name, and no image by its content",
        "a/Thumbs.db": "is a file that the system made",
        "a/desktop.ini": "is a file that the system made",
        "a/notes.TXT": "is a text file by its name, and no image by its content",
    }


def test_links_inside_are_followed_and_links_out_are_named(tmp_path):
    folder = fill(tmp_path / "d", "a/1.png", ".pool/2.png", ".pool/deep/3.png", "b/4.png")
    fill(tmp_path, "out/5.png", "d2/6.png")
    links = {
        "a/file": "../.pool/2.png",
        "a/folder": str(folder / ".pool" / "deep"),
        "a/out": "../../out/5.png",
        "a/out folder": str(tmp_path / "out"),
        "a/begins alike": str(tmp_path / "d2"),
        "a/nowhere": "../gone",
    }
    for name, target in links.items():
        os.symlink(target, folder / name)
    files, left_out = listed(folder)
    assert files == ["a/1.png", "a/file", "a/folder/3.png", "b/4.png"]
    assert {key: why for key, why in left_out.items() if key.startswith("a/")} == {
        "a/begins alike": f"is a link that leaves the data's folder, to '{tmp_path}/d2/'",
        "a/nowhere": "is a link to '../gone', which does not exist",
        "a/out": f"is a link that leaves the data's folder, to '{tmp_path}/out/5.png'",
        "a/out folder": f"is a link that leaves the data's folder, to '{tmp_path}/out/'",
    }


def test_circles_end(tmp_path):
    fill(tmp_path, "a/1.png", "b/2.png", ".c/3.png")
    links = {
        "a/up": "..",
        "a/self": "self",
        "a/b": "../b",
        "b/a": "../a",
        "a/here": ".",
        "c": ".c",
        ".c/c": "../.c",
    }
    for name, target in links.items():
        os.symlink(target, tmp_path / name)
    files, left_out = listed(tmp_path)
    assert files == ["a/1.png", "b/2.png", "c/3.png"]
    assert (
        left_out["a/up"]
        == left_out["a/here"]
        == left_out["c/c"]
        == "is a link to a folder that it lies in itself"
    )
    assert left_out["a/self"] == "is a link that leads in a circle"
    assert left_out["a/b/"] == "is the folder 'b', 1 file of which count already, such as 'b/2.png'"
    assert left_out["b/a/"] == "is the folder 'a', 1 file of which count already, such as 'a/1.png'"


def test_a_file_reached_twice_counts_where_it_lies_else_by_the_first_path(tmp_path):
    fill(tmp_path, "cat/1.png", ".pool/2.png")
    for name, target in {
        "aaa/1.png": "../cat/1.png",
        "cat/same": "1.png",
        "ox/2.png": "../.pool/2.png",
        "elk/2.png": "../.pool/2.png",
        "cow": ".pool",
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        os.symlink(target, tmp_path / name)
    files, left_out = listed(tmp_path)
    assert files == ["cat/1.png", "cow/2.png"]
    assert left_out["aaa/1.png"] == left_out["cat/same"] == "is the file 'cat/1.png', which counts there"
    assert left_out["elk/2.png"] == left_out["ox/2.png"] == "is the file 'cow/2.png', which counts there"
    assert list_image_files(str(tmp_path)).folders == ("aaa", "cat", "cow", "elk", "ox")


def test_special_files_are_not_opened(tmp_path):
    fill(tmp_path, "a/1.png")
    os.mkfifo(tmp_path / "a" / "pipe.txt")
    os.symlink("pipe.txt", tmp_path / "a" / "link.png")
    with socket.socket(socket.AF_UNIX) as open_socket:
        open_socket.bind(str(tmp_path / "a" / "socket"))
        found = []
        thread = threading.Thread(target=lambda: found.append(listed(tmp_path)), daemon=True)
        thread.start()
        thread.join(20)
    [(files, left_out)] = found
    assert files == ["a/1.png"]
    assert left_out == {
        "a/link.png": "is a link to a named pipe, no file",
        "a/pipe.txt": "is a named pipe, no file",
        "a/socket": "is a socket, no file",
    }


def test_folder_that_cannot_be_opened_is_named(tmp_path, monkeypatch):
    fill(tmp_path, "a/1.png", "b/locked/2.png", "b/3.png")
    scandir = os.scandir

    def refuse(path):
        if "locked" in str(path):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(image_files.os, "scandir", refuse)
    files, left_out = listed(tmp_path)
    assert files == ["a/1.png", "b/3.png"]
    assert left_out == {"b/locked/": "is a folder that cannot be read (Permission denied)"}
    with pytest.raises(InputError, match="locked' cannot be opened"):
        list_image_files(str(tmp_path / "b" / "locked"))


def test_names_of_what_is_left_out_need_not_be_utf8(tmp_path):
    fill(tmp_path, "a/1.png")
    open(os.fsencode(tmp_path / "a") + b"/.caf\xe9", "wb").close()
    assert listed(tmp_path)[1] == {"a/.caf\ufffd": "is hidden"}


NAMES = st.sampled_from(["a", "b", ".h", "c.png", "d.txt", "Thumbs.db"])
PATHS = st.lists(NAMES, min_size=1, max_size=3).map("/".join)


@settings(max_examples=60)
@given(st.lists(PATHS, max_size=8), st.lists(st.tuples(PATHS, PATHS), max_size=5))
def test_every_file_is_read_once_or_named(tmp_path_factory, names, links):
    """Whatever the layout: each real file that no hidden or system name covers counts under exactly one path."""
    folder = tmp_path_factory.mktemp("layout")
    for name in names:
        try:
            fill(folder, name)
        except (FileExistsError, NotADirectoryError, IsADirectoryError):
            continue
    for name, target in links:
        try:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            os.symlink(folder / target, folder / name)
        except OSError:  # Something has the name already, or the way to it leads over a link to itself.
            continue
    files, left_out = listed(folder)
    reals = [os.path.realpath(folder / file) for file in files]
    assert len(set(reals)) == len(reals) and len(set(files)) == len(files)
    assert all(os.path.isfile(real) and real.startswith(f"{folder}/") for real in reals)
    for place, below, inside in os.walk(folder):
        for name in (*inside, *(one for one in below if os.path.islink(os.path.join(place, one)))):
            path = os.path.relpath(os.path.join(place, name), folder)
            parts = path.split("/")
            covering = {path, f"{path}/", *("/".join(parts[:end]) + "/" for end in range(1, len(parts)))}
            followed = any(file.startswith(f"{path}/") for file in (*files, *left_out))
            emptied = os.path.isdir(folder / path) and not any(os.walk(folder / path).__next__()[1:])
            # A hidden folder is named for the files in it, and a link to a folder is none.
            hidden = any(part.startswith(".") for part in parts[:-1]) and os.path.isdir(folder / path)
            assert path in files or covering & {*left_out} or followed or emptied or hidden, path


def test_many_files_are_listed_without_a_look_at_each(tmp_path, monkeypatch):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        for number in range(2000):
            (tmp_path / name / f"{number}.png").touch()
    calls = []
    for name in ("stat", "lstat", "readlink"):
        real = getattr(os, name)
        monkeypatch.setattr(image_files.os, name, lambda *a, real=real, **k: calls.append(1) or real(*a, **k))
    start = time.monotonic()
    assert len(list_image_files(str(tmp_path)).files) == 4000
    assert len(calls) < 50 and time.monotonic() - start < 5
