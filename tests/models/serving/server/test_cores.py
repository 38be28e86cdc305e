"""How many batches are computed at a time."""

import pytest

from models.serving.server.cores import available_cores, batches_at_once


@pytest.mark.parametrize(
    ("cores", "op_threads", "expected"), [(1, 1, 1), (2, 1, 1), (8, 1, 7), (8, 2, 3), (4, 16, 1)]
)
def test_one_core_is_left_to_python(cores, op_threads, expected):
    assert batches_at_once(cores, op_threads) == expected


def test_there_is_a_core():
    assert available_cores() >= 1
