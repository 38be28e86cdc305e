"""The page as a person uses it: upload an image, fill in the row, read the decision."""

import json
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from tests.models.serving.server.browser import Tab, open_tab
from tests.models.serving.server.conftest import (
    CLASSES,
    SIGNATURES,
    Parts,
    export_parts,
    png,
    probability,
)

IMAGE, LINE, WIDTH = "#field0", "#field1", "#field2"
READY = "document.getElementById('form')?.hidden === false"
DECIDED = "document.querySelector('#answer h2')?.textContent"
SPEAKS = "document.querySelector('.speaks:not([hidden])')?.textContent"
MAPS_SHOWN = "document.querySelectorAll('.picture canvas:not([hidden])').length"
# Of each place its red, green, blue and how opaque it is.
MAP = """(() => {
  const canvas = document.querySelector('.picture canvas');
  return [...canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data];
})()"""


class ExplainedParts(Parts):
    """Says that the top left of an image speaks for its class, and half as much the bottom right, if wide."""

    @tf.function(
        input_signature=[
            tf.TensorSpec([None], tf.string, name="image"),
            tf.TensorSpec([None], tf.float32, name="width"),
            tf.TensorSpec([None], tf.string, name="line"),
        ]
    )
    def explain(self, image, width, line):
        heat = tf.cast(width > 0, tf.float32)[:, tf.newaxis, tf.newaxis] * [[[1.0, 0, 0], [0, 0, 0.5]]]
        return {"heat_map": heat, "decision": self._answer(image, width, line)["decision"]}


class ReasonedParts(Parts):
    """Says that the width speaks for its class, and the line half as much against it."""

    @tf.function(
        input_signature=[
            tf.TensorSpec([None], tf.string, name="image"),
            tf.TensorSpec([None], tf.float32, name="width"),
            tf.TensorSpec([None], tf.string, name="line"),
        ]
    )
    def explain(self, image, width, line):
        del image
        known = tf.where(line == "Q", "not seen in train", "known")
        return {
            "decision": tf.fill(tf.shape(width), CLASSES[1]),
            "contributions": tf.stack([-width / 2, width], axis=1),
            "columns": tf.tile(tf.constant([["line", "width"]]), [tf.shape(width)[0], 1]),
            "cells": tf.stack([known, tf.fill(tf.shape(width), "known")], axis=1),
            "reference_log_odds": tf.fill(tf.shape(width), -1.0),
            "log_odds": width / 2 - 1,
        }


class DoubtfulParts(Parts):
    """Leaves a part to a person where its classes are as good as even, calls wide ones unknown, and answers sets."""

    def _answer(self, image, width, line):
        answers = super()._answer(image, width, line)
        doubt = 1 - answers["score"]
        held = answers["probabilities"] >= 0.4
        decision = tf.where(doubt > 0.4, "abstain", answers["decision"])
        return {
            **answers,
            "decision": tf.where(width > 3, "unknown", decision),
            "unlikeness": tf.cast(width, tf.float32),
            "unknown": width > 3,
            "doubt": doubt,
            "abstain": doubt > 0.4,
            "prediction_set": held,
            "prediction_set_size": tf.reduce_sum(tf.cast(held, tf.int64), axis=1),
        }


@pytest.fixture(scope="module")
def tab(tmp_path_factory):
    with open_tab(tmp_path_factory.mktemp("profile")) as tab:
        yield tab


@pytest.fixture
def page(tab, server) -> Tab:
    tab.complaints.clear()
    tab.open(f"http://127.0.0.1:{server.port}/", width=1280)
    tab.wait_for(READY)
    return tab


@pytest.fixture(scope="module")
def explaining_server(start, tmp_path_factory):
    folder, parts = tmp_path_factory.mktemp("explained"), ExplainedParts(1.0)
    signatures = {name: getattr(parts, name) for name in (*SIGNATURES, "explain")}
    tf.saved_model.save(parts, str(folder / "1"), signatures)
    return start(folder)


@pytest.fixture
def explained_page(tab, explaining_server) -> Tab:
    tab.complaints.clear()
    tab.open(f"http://127.0.0.1:{explaining_server.port}/", width=1280)
    tab.wait_for(READY)
    return tab


@pytest.fixture
def picture(tmp_path) -> Path:
    path = tmp_path / "part.png"
    path.write_bytes(png(51, (40, 60)))
    return path


def fill(page: Tab, selector: str, value: str) -> None:
    page.read(f"document.querySelector({json.dumps(selector)}).value = {json.dumps(value)}")


def press_ask(page: Tab) -> None:
    page.read("document.querySelector('form button').click()")


def test_an_uploaded_image_and_a_row_are_answered_with_decision_and_probabilities(page, picture):
    page.choose_file(IMAGE, picture)
    fill(page, WIDTH, "0.5")
    fill(page, LINE, "north")
    press_ask(page)
    assert page.wait_for(DECIDED) == CLASSES[1]
    rows = page.read("[...document.querySelectorAll('#answer .row')].map(row => row.innerText)")
    expected = 100 * probability(51, 0.5, "north")
    assert [row.split("\n")[0] for row in rows] == [CLASSES[1], CLASSES[0]]
    assert f"{expected:.1f} %" in rows[0] and f"{100 - expected:.1f} %" in rows[1]
    assert page.read("document.querySelector('.drop img').naturalWidth") == 60
    assert page.complaints == []


@pytest.fixture
def doubtful_page(tab, start, tmp_path) -> Tab:
    parts = DoubtfulParts(1.0)
    tf.saved_model.save(parts, str(tmp_path / "parts" / "1"), {"predict_raw": parts.predict_raw})
    server = start(tmp_path / "parts")
    tab.complaints.clear()
    tab.open(f"http://127.0.0.1:{server.port}/", width=1280)
    tab.wait_for(READY)
    return tab


def test_a_record_that_is_left_to_a_person_says_what_would_be_decided_and_its_set(doubtful_page, picture):
    page = doubtful_page
    page.choose_file(IMAGE, picture)
    held = "[...document.querySelectorAll('#answer .row span:first-child')].map(one => one.innerText)"
    for width, decision, in_set in (
        ("-0.1", "abstain", CLASSES[::-1]),
        ("2", CLASSES[1], CLASSES[1:]),
        ("4", "unknown", CLASSES[1:]),
    ):
        page.read("document.querySelector('#answer').replaceChildren()")
        fill(page, WIDTH, width)
        press_ask(page)
        assert page.wait_for(DECIDED) == decision
        said = page.read("document.querySelector('#answer p')?.innerText")
        if decision == "abstain":
            assert "Left to a person" in said and said.endswith(f"would be {CLASSES[1]}.")
        elif decision == "unknown":
            assert "the unlikeness is 4.00" in said and said.endswith(f"would be {CLASSES[1]}.")
        else:
            assert said is None
        names = page.read(held)
        assert [name.partition(" · ")[0] for name in names if name.endswith("in the set")] == in_set
    assert page.complaints == []


def test_the_heat_map_lies_over_the_image_and_says_of_which_class_it_speaks(explained_page, picture):
    page = explained_page
    page.choose_file(IMAGE, picture)
    fill(page, WIDTH, "0.5")
    press_ask(page)
    said = page.wait_for(SPEAKS)
    assert "Grad-CAM" in said and CLASSES[1] in said and page.read(DECIDED) == CLASSES[1]
    places = np.array(page.read(MAP)).reshape(2, 3, 4)
    assert places[0, 0].tolist() == [255, 0, 0, 170]
    red, green, blue, opaque = places[1, 2]
    assert red > green > 90 and blue == 0 and opaque == 85
    assert np.count_nonzero(places[..., 3]) == 2
    boxes = page.read(
        "['img', 'canvas'].map(one => document.querySelector('.picture ' + one).getBoundingClientRect())"
        ".map(box => [box.x, box.y, box.width, box.height])"
    )
    np.testing.assert_allclose(boxes[0], boxes[1], atol=0.5)
    assert boxes[0][2] / boxes[0][3] == pytest.approx(1.5, abs=0.02)
    assert page.complaints == []


def test_the_heat_map_goes_when_another_image_comes(explained_page, picture, tmp_path):
    page = explained_page
    page.choose_file(IMAGE, picture)
    fill(page, WIDTH, "0.5")
    press_ask(page)
    page.wait_for(SPEAKS)
    (tmp_path / "other.png").write_bytes(png(200))
    page.choose_file(IMAGE, tmp_path / "other.png")
    page.wait_for("document.querySelector('.drop img').naturalWidth === 4")
    assert page.read(MAPS_SHOWN) == 0 and page.read(SPEAKS) is None


def test_a_map_without_a_place_that_speaks_says_so(explained_page, picture):
    page = explained_page
    page.choose_file(IMAGE, picture)
    fill(page, WIDTH, "-0.5")
    press_ask(page)
    assert "no place of the image speaks for the decision" in page.wait_for(SPEAKS)


def test_bars_show_what_each_column_contributes(tab, start, picture, tmp_path):
    parts = ReasonedParts(1.0)
    signatures = {"predict_raw": parts.predict_raw, "explain": parts.explain}
    tf.saved_model.save(parts, str(tmp_path / "parts" / "1"), signatures)
    server = start(tmp_path / "parts")
    tab.complaints.clear()
    tab.open(f"http://127.0.0.1:{server.port}/", width=1280)
    tab.wait_for(READY)
    tab.choose_file(IMAGE, picture)
    fill(tab, WIDTH, "0.5")
    fill(tab, LINE, "Q")
    press_ask(tab)
    assert tab.wait_for("document.querySelector('#reasons h3')?.textContent") == f"Why {CLASSES[1]}"
    said = tab.read("document.querySelector('#reasons p').textContent")
    assert "-1.00" in said and "-0.75" in said and "given the image" in said
    bars = tab.read(
        "[...document.querySelectorAll('#reasons .row')]"
        ".map(row => [row.className, row.querySelector('progress').value, row.textContent])"
    )
    assert bars == [
        ["row for", 1, "width = 0.5+0.50"],
        ["row against", 0.5, "line = Q, not seen in train−0.25"],
    ]
    assert tab.complaints == []


def test_a_model_that_explains_nothing_shows_no_map(page, picture):
    page.choose_file(IMAGE, picture)
    fill(page, WIDTH, "0.5")
    press_ask(page)
    page.wait_for(DECIDED)
    page.wait_for("document.getElementById('message').textContent === ''")
    assert page.read(MAPS_SHOWN) == 0 and page.read(SPEAKS) is None
    assert page.complaints == []


def test_a_row_without_an_image_is_not_explained(explained_page):
    page = explained_page
    fill(page, WIDTH, "0.5")
    press_ask(page)
    page.wait_for("document.querySelector('#message.wrong')?.textContent")
    assert page.read(MAPS_SHOWN) == 0


def test_what_the_server_refuses_is_said_on_the_page(page, tmp_path):
    (tmp_path / "letter.png").write_bytes(b"no image at all")
    page.choose_file(IMAGE, tmp_path / "letter.png")
    fill(page, WIDTH, "0.5")
    press_ask(page)
    said = page.wait_for("document.querySelector('#message.wrong')?.textContent")
    assert "Unknown image file format" in said and page.read(DECIDED) is None


def test_a_field_is_called_and_shown_as_the_exporter_says(tab, start, tmp_path):
    version = export_parts(tmp_path, 1)
    features = [
        {"name": "Foto", "input": "image", "kind": "text"},
        {"name": "Breite / mm", "input": "width", "kind": "number"},
        {"name": "Linie", "input": "line", "kind": "image"},
    ]
    (version / "assets.extra").mkdir()
    document = {"label": "kind", "image": "Linie", "features": features}
    (version / "assets.extra" / "features.json").write_text(json.dumps(document))
    tab.open(f"http://127.0.0.1:{start(tmp_path).port}/", width=1280)
    tab.wait_for(READY)
    labels = tab.read("[...document.querySelectorAll('form label')].map(one => one.textContent)")
    assert labels == ["Linie", "Breite / mm", "Foto"]
    kinds = "[...document.querySelectorAll('form input')].map(one => one.type)"
    assert tab.read(kinds) == ["file", "number", "text"]


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_the_page_does_not_scroll_sideways(page, picture, width):
    page.resize(width)
    page.choose_file(IMAGE, picture)
    fill(page, WIDTH, "0.5")
    press_ask(page)
    page.wait_for(DECIDED)
    assert page.read("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize(
    ("width", "size"), [(390, (300, 1200)), (390, (1200, 300)), (390, (11, 8)), (1280, (90, 8))]
)
def test_the_heat_map_covers_images_of_any_shape(explained_page, tmp_path, width, size):
    page = explained_page
    page.resize(width)
    Image.new("RGB", size).save(tmp_path / "shape.png")
    page.choose_file(IMAGE, tmp_path / "shape.png")
    fill(page, WIDTH, "0.5")
    press_ask(page)
    page.wait_for(SPEAKS)
    image, canvas, card = page.read(
        "['.picture img', '.picture canvas', '.drop'].map(one => document.querySelector(one)"
        ".getBoundingClientRect()).map(box => [box.x, box.y, box.width, box.height])"
    )
    np.testing.assert_allclose(image, canvas, atol=0.5)
    assert image[2] <= card[2] and page.read("document.documentElement.scrollWidth") <= width
    assert image[2] / image[3] == pytest.approx(size[0] / size[1], rel=0.02)
