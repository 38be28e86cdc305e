import shutil

import pytest

from models.tuning.data_digest import data_digest


@pytest.fixture
def written(tmp_path):
    """Writes data as a run does, below a number, and returns their digest."""

    def write(number: int, train: str = "train", graph: str = "graph", shards: int = 1) -> str:
        folder = tmp_path / str(number)
        (folder / "Split-train").mkdir(parents=True)
        (folder / "graph" / "variables").mkdir(parents=True)
        for shard in range(shards):
            (folder / "Split-train" / f"data-{shard}").write_text(train)
        (folder / "graph" / "variables" / "index").write_text(graph)
        return data_digest([str(folder / "Split-train" / "*")], str(folder / "graph"))

    return write


def test_the_same_data_at_another_place_are_the_same(written):
    assert written(7) == written(25)


@pytest.mark.parametrize("other", [{"train": "other"}, {"graph": "other"}, {"shards": 2}])
def test_other_data_are_not_taken_for_these(written, other):
    assert written(7) != written(25, **other)


def test_other_data_at_the_same_place_are_not_taken_for_those_of_then(tmp_path, written):
    then = written(7)
    shutil.rmtree(tmp_path / "7")
    assert written(7, train="other") != then
