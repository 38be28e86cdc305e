"""Examples of every class inside the page."""

import base64
import io

import pyarrow as pa
import pytest
from PIL import Image

from components.examples_io import encode_examples, shard_path, write_shard
from components.html_report.records.class_gallery import PER_CLASS, GalleryPicture, class_gallery

COLOURS = {"cat": (255, 0, 0), "dog": (0, 0, 255)}


def column(values):
    return pa.array([[value] for value in values], pa.list_(pa.binary()))


def picture(colour):
    buffer = io.BytesIO()
    Image.new("RGB", (300, 150), colour).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.fixture
def split(tmp_path):
    names = ["cat"] * 20 + ["dog"] * 3
    columns = {
        "record_key": column(f"{name}/{place}.png".encode() for place, name in enumerate(names)),
        "label": column(name.encode() for name in names),
        "image": column(picture(COLOURS[name]) for name in names),
    }
    write_shard(shard_path(str(tmp_path), 0, 1), encode_examples(columns))
    return str(tmp_path)


def test_every_class_shows_its_own_pictures_small(split):
    gallery = class_gallery(split, "label", "image", ["cat", "dog", "bird"])
    assert {name: len(shown) for name, shown in gallery.items()} == {"cat": PER_CLASS, "dog": 3}
    for name, shown in gallery.items():
        for one in shown:
            assert one.key.startswith(f"{name}/")
            small = Image.open(io.BytesIO(base64.b64decode(one.source.partition(",")[2])))
            assert max(small.size) <= 96
            assert all(
                abs(got - wanted) < 10
                for got, wanted in zip(small.getpixel((5, 5)), COLOURS[name], strict=True)
            )


def test_a_record_without_a_picture_is_passed_over(tmp_path):
    columns = {
        "record_key": column([b"a", b"b", b"c"]),
        "label": column([b"cat"] * 3),
        "image": pa.array([[b""], [], [picture(COLOURS["cat"])]], pa.list_(pa.binary())),
    }
    write_shard(shard_path(str(tmp_path), 0, 1), encode_examples(columns))
    [shown] = class_gallery(str(tmp_path), "label", "image", ["cat"])["cat"]
    assert shown.key == "c"


def test_page_shows_the_pictures_and_escapes_their_names(six):
    shown = [GalleryPicture('"><script>x</script>', "data:image/jpeg;base64,AAAA")]
    without = six.page
    six.more = {"gallery": {"<b>": shown}}
    page = six.page
    assert page.count('src="data:image/jpeg;base64,AAAA"') == 1
    assert "<script>" not in page and "<b>" not in page
    assert "gallery-title" not in without


def test_page_names_the_images_that_look_alike(six):
    pair = [{"key": "a/1.png", "split": "train"}, {"key": "a/2.png", "split": "test"}]
    six.split_summary["near_duplicates"] = {"pairs": 1, "crossing": 1, "shown": [pair]}
    assert all(part in six.page for part in ("1 pair of images", "a/1.png", "(train)", "a/2.png", "(test)"))
