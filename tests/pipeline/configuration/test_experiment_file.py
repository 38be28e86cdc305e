"""What somebody may name as an experiment file."""

import os

import pytest

from core.errors import InputError
from pipeline.configuration.experiment_file import read_experiment_file


def refused(path):
    with pytest.raises(InputError) as caught:
        read_experiment_file(str(path))
    assert len(str(caught.value)) < 6_000
    return str(caught.value)


def test_a_pipe_and_a_device_are_refused_without_a_wait(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", "/dev/zero"):
        assert "no regular file" in refused(path)


def test_names_that_the_system_does_not_take_are_refused(tmp_path):
    (tmp_path / "file").touch()
    assert "File name too long" in refused("x" * 5_000)
    assert "Not a directory" in refused(tmp_path / "file" / "x.yaml")
    assert "cannot be read" in refused("a\0b")


def test_a_loop_of_links_is_refused(tmp_path):
    (tmp_path / "loop.yaml").symlink_to("loop.yaml")
    assert "cannot be read: Too many levels of symbolic links" in refused(tmp_path / "loop.yaml")


def test_a_file_as_large_as_data_is_refused_unread(tmp_path):
    path = tmp_path / "data.yaml"
    with open(path, "wb") as handle:
        handle.truncate(2**40)
    assert "larger than 4,194,304 bytes" in refused(path)


def test_text_in_another_encoding_is_refused(tmp_path):
    path = tmp_path / "x.yaml"
    path.write_bytes("data: {label: größe}".encode("latin-1"))
    assert "is not UTF-8 text" in refused(path)
    path.write_bytes("data: {label: größe}".encode("utf-8-sig"))
    assert read_experiment_file(str(path)) == {"data": {"label": "größe"}}


@pytest.mark.parametrize(
    ("text", "part"), [("", "None"), ("1", "'1'"), ("- a", "a list"), ("x" * 9999, "[… ")]
)
def test_what_has_no_keys_is_refused(tmp_path, text, part):
    path = tmp_path / "x.yaml"
    path.write_text(text)
    message = refused(path)
    assert "expected keys with values" in message and part in message
