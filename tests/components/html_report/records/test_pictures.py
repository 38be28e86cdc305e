import base64
import io

import numpy as np
from PIL import Image

from components.html_report.records.pictures import data_uri, heat_overlay


def encoded(width, height):
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), (10, 200, 30)).save(buffer, "PNG")
    return buffer.getvalue()


def opened(uri):
    return Image.open(io.BytesIO(base64.b64decode(uri.partition(",")[2])))


def test_a_picture_is_small_and_keeps_its_aspect_ratio():
    assert opened(data_uri(encoded(300, 150))).size == (96, 48)
    assert data_uri(b"") is None


def test_16_bits_of_grey_are_shown_as_their_8_bits():
    levels = np.tile(np.arange(96, dtype=np.uint16) * 512, (96, 1))
    pictures = []
    for pixels in (levels, (levels >> 8).astype(np.uint8)):
        buffer = io.BytesIO()
        Image.fromarray(pixels).save(buffer, "PNG")
        pictures.append(data_uri(buffer.getvalue()))
    assert pictures[0] == pictures[1] and np.asarray(opened(pictures[0])).max() < 200


def test_the_overlay_covers_the_picture_and_is_strongest_where_the_heat_is():
    heat = np.array([[0.0, 1.0], [0.0, 0.0]])
    overlay = opened(heat_overlay(encoded(300, 150), heat))
    assert overlay.size == (96, 48) and overlay.mode == "RGBA"
    alpha = np.asarray(overlay)[..., 3]
    assert alpha[2, -3] > 150 and alpha[-3, 2] < 10
