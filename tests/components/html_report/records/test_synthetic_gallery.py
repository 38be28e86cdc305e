import io

import pyarrow as pa
import pytest
from PIL import Image

from components.examples_io import encode_examples, write_shard
from components.html_report.records.synthetic_gallery import SHOWN, synthetic_gallery


def lists(values, kind=None):
    return pa.array(list(values), pa.list_(kind or pa.binary()))


def picture(red):
    buffer = io.BytesIO()
    Image.new("RGB", (40, 20), (red, 0, 0)).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.fixture
def paths(tmp_path):
    """Ten originals, and eight synthetic images of class 1 and four of class 2."""
    original, made = (
        str(tmp_path / "transformed_examples-00000-of-00001.gz"),
        str(tmp_path / "synthetic-00000.gz"),
    )
    write_shard(
        original,
        encode_examples(
            {
                "record_key_xf": lists([f"original {row}".encode()] for row in range(10)),
                "label_xf": lists(([row % 3] for row in range(10)), pa.int64()),
                "image_xf": lists([picture(row)] for row in range(10)),
            }
        ),
    )
    labels = [1] * 8 + [2] * 4
    write_shard(
        made,
        encode_examples(
            {
                "record_key_xf": lists([f"made {row}".encode()] for row in range(12)),
                "label_xf": lists(([label] for label in labels), pa.int64()),
                "image_xf": lists([picture(200)] for _ in labels),
                "augmentation_method": lists([b"rotate_scale"] for _ in labels),
                "augmentation_parents": lists([b"original 3", b"original 4", b"original 5"] for _ in labels),
            }
        ),
    )
    return [original, made]


def test_images_stand_beside_their_parents_and_the_rarest_class_first(paths):
    shown = synthetic_gallery(paths, ["common", "rare", "rarest"])
    assert [one.name for one in shown] == ["rarest"] * 3 + ["rare"] * 3 and len(shown) == SHOWN
    assert [one.key for one in shown] == [f"made {row}" for row in (8, 9, 10, 0, 1, 2)]
    assert [key for key, _ in shown[0].parents] == ["original 3", "original 4"]
    assert shown[0].parents[0][1] != shown[0].parents[1][1] and shown[0].method == "rotate_scale"


def test_without_synthetic_images_there_is_nothing_to_show(paths):
    assert synthetic_gallery(paths[:1], ["common", "rare", "rarest"]) == []


def test_names_of_parents_are_escaped_in_the_page(six, paths):
    [one, *_] = synthetic_gallery(paths, ["common", "rare", "rarest"])
    hostile = type(one)('"><script>', "m", '"><script>', one.source, [('"><script>', one.source)])
    six.more = {"synthetic": [hostile]}
    assert "Images that were made" in six.page and "<script" not in six.page
