"""What a model says of how it is to be served, and TensorFlow Serving's words for it."""

import pytest

from core.documents.served_as import BATCHING_FILE, ServedAs, allowed_pixels
from core.errors import DocumentError


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "assets.extra").mkdir()
    return tmp_path


def test_what_one_stage_says_stays_where_another_adds_to_it(folder):
    ServedAs(max_image_pixels=99).add_to(str(folder))
    assert not (folder / BATCHING_FILE).exists()
    ServedAs(max_batch=8, batch_timeout_ms=0).add_to(str(folder))
    assert ServedAs.of_model(str(folder)) == ServedAs(max_batch=8, batch_timeout_ms=0, max_image_pixels=99)


def test_tensorflow_serving_is_told_the_same(folder):
    ServedAs(max_batch=8, batch_timeout_ms=3).add_to(str(folder))
    lines = (folder / BATCHING_FILE).read_text().splitlines()
    assert lines[:2] == ["max_batch_size { value: 8 }", "batch_timeout_micros { value: 3000 }"]


def test_a_model_without_the_file_says_nothing(folder):
    assert ServedAs.of_model(str(folder)) == ServedAs()


@pytest.mark.parametrize(
    "content", ["{", "[]", '{"max_batch": "8"}', '{"max_batch": true}', '{"max_batch": -1}']
)
def test_a_file_of_something_else_is_refused_with_its_name(folder, content):
    (folder / ServedAs.FILE_NAME).write_text(content)
    with pytest.raises(DocumentError, match=r"serving\.json"):
        ServedAs.of_model(str(folder))


def test_no_more_pixels_are_allowed_than_the_graph_takes():
    assert allowed_pixels(None, None) == 50_000_000
    assert allowed_pixels(None, 99) == allowed_pixels(1000, 99) == 99
    assert allowed_pixels(50, 99) == allowed_pixels(50, None) == 50
