"""The page as a person uses it: upload an image, fill in the row, read the decision."""

import json
from pathlib import Path

import pytest

from tests.models.serving.server.browser import Tab, open_tab
from tests.models.serving.server.conftest import CLASSES, export_parts, png, probability

IMAGE, LINE, WIDTH = "#field0", "#field1", "#field2"
READY = "document.getElementById('form')?.hidden === false"
DECIDED = "document.querySelector('#answer h2')?.textContent"


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
