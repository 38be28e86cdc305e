import re

import numpy as np
import pyarrow as pa
import pytest

from components.examples_io import encode_examples, write_shard
from components.html_report.records.projection import MARGIN, SIDE, project, project_rows

REAL = np.array([[-4.0, 0, 0], [4, 0, 0], [0, 1, 0], [0, -1, 0]])
LABELS = np.array([0, 0, 1, 1])


def dots(path):
    return [(int(x), int(y)) for x, y in re.findall(r"M(\d+) (\d+)h0", path)]


def test_the_widest_direction_lies_across_and_synthetic_rows_among_their_parents():
    plane = project(REAL, LABELS, np.array([[0.0, 0.0, 0.0]]), np.array([1]), ["common", "rare"])
    assert plane.explained == pytest.approx((16 / 17, 1 / 17))
    [scatter] = plane.scatters
    assert (scatter.name, scatter.num_real, scatter.num_synthetic) == ("rare", 2, 1)
    across = sorted(x for x, _ in dots(scatter.others))
    assert across == [MARGIN, SIDE - MARGIN]
    ((x, y),) = dots(scatter.synthetic)
    assert (x, y) == (SIDE // 2, SIDE // 2)
    assert {x for x, _ in dots(scatter.real)} == {SIDE // 2}


def test_the_plane_is_fitted_on_real_rows_alone():
    far = np.array([[0.0, 0.0, 500.0]] * 20)
    plane = project(REAL, LABELS, far, np.ones(20, int), ["common", "rare"])
    assert plane.explained == pytest.approx((16 / 17, 1 / 17))


@pytest.mark.parametrize("columns", [0, 1])
def test_with_fewer_than_two_columns_there_is_no_plane(columns):
    assert project(REAL[:, :columns], LABELS, REAL[:1, :columns], LABELS[:1], ["a", "b"]) is None


def test_rows_are_read_from_the_shards(tmp_path):
    random = np.random.default_rng(0)

    def shard(name, labels):
        rows = random.normal(0, 1, (len(labels), 3)).astype(np.float32)
        path = str(tmp_path / name)
        columns = {
            "numeric_xf": pa.array(rows.tolist(), pa.list_(pa.float32())),
            "label_xf": pa.array([[label] for label in labels], pa.list_(pa.int64())),
        }
        write_shard(path, encode_examples(columns))
        return path

    original = shard("transformed_examples-00000-of-00001.gz", [0] * 1500 + [1] * 20)
    made = shard("synthetic-00000-of-00001.gz", [1] * 500)
    plane = project_rows([original, made], ["common", "rare"])
    assert plane.num_real == 1020  # At most 1,000 of each of two classes.
    assert (plane.scatters[0].num_real, plane.scatters[0].num_synthetic) == (20, 300)
    assert project_rows([original], ["common", "rare"]) is None
