import pytest

from pipeline.output import atomic_files
from pipeline.output.atomic_files import copy_atomically, write_atomically


@pytest.mark.parametrize("there_before", [True, False])
def test_a_file_is_put_over_what_was_there(tmp_path, there_before):
    place, source = tmp_path / "metrics.json", tmp_path / "source"
    source.write_text("copied")
    if there_before:
        place.write_text("of an earlier run")
    copy_atomically(str(source), str(place))
    assert place.read_text() == "copied"
    write_atomically(b"written", str(place))
    assert place.read_text() == "written"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["metrics.json", "source"]


def test_what_cannot_be_completed_leaves_what_was_there(tmp_path, monkeypatch):
    place = tmp_path / "metrics.json"
    place.write_text("of an earlier run")

    def fill_the_disk(source, unfinished):
        with open(unfinished, "w") as handle:
            handle.write("half")
        raise OSError("No space left on device")

    monkeypatch.setattr(atomic_files.shutil, "copyfile", fill_the_disk)
    with pytest.raises(OSError):
        copy_atomically("report", str(place))
    assert place.read_text() == "of an earlier run"
    assert [path.name for path in tmp_path.iterdir()] == ["metrics.json"]
