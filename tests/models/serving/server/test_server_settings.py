"""How many batches are computed at a time."""

import pytest

from models.serving.server.server_settings import available_cores, batches_at_once


@pytest.mark.parametrize(
    ("cores", "op_threads", "expected"), [(1, 1, 1), (2, 1, 2), (8, 1, 8), (8, 2, 4), (9, 2, 4), (4, 16, 1)]
)
def test_batches_can_keep_all_cores_busy(cores, op_threads, expected):
    assert batches_at_once(cores, op_threads) == expected


def test_there_is_a_core():
    assert available_cores() >= 1
