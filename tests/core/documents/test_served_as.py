"""What a model says of how it is to be served, and TensorFlow Serving's words for it."""

import pytest

from core.documents.served_as import (
    BATCHING_FILE,
    SERVING_ASSET,
    ServedAs,
    allowed_pixels,
    read_served_as,
    write_served_as,
)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "assets.extra").mkdir()
    return tmp_path


def test_what_one_stage_says_stays_where_another_adds_to_it(folder):
    write_served_as(str(folder), ServedAs(max_image_pixels=99))
    assert not (folder / BATCHING_FILE).exists()
    write_served_as(str(folder), ServedAs(max_batch=8, batch_timeout_ms=0))
    assert read_served_as(str(folder)) == ServedAs(8, 0, 99)


def test_tensorflow_serving_is_told_the_same(folder):
    write_served_as(str(folder), ServedAs(max_batch=8, batch_timeout_ms=3))
    lines = (folder / BATCHING_FILE).read_text().splitlines()
    assert lines[:2] == ["max_batch_size { value: 8 }", "batch_timeout_micros { value: 3000 }"]


def test_a_model_without_the_file_says_nothing(folder):
    assert read_served_as(str(folder)) == ServedAs()


@pytest.mark.parametrize(
    "content", ["{", "[]", '{"max_batch": "8"}', '{"max_batch": true}', '{"max_batch": -1}']
)
def test_a_file_of_something_else_is_refused_with_its_name(folder, content):
    (folder / SERVING_ASSET).write_text(content)
    with pytest.raises(ValueError, match=r"serving\.json"):
        read_served_as(str(folder))


def test_no_more_pixels_are_allowed_than_the_graph_takes():
    assert allowed_pixels(None, None) == 50_000_000
    assert allowed_pixels(None, 99) == allowed_pixels(1000, 99) == 99
    assert allowed_pixels(50, 99) == allowed_pixels(50, None) == 50
