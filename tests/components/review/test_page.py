"""The page of a review: what is ticked is what is saved, in a browser and in the words that Python reads."""

import csv
import html
import io
import json
import os
import re

import pytest

from components.review.item import Item
from components.review.page import COLUMNS, render_review, review_table
from core.spreadsheet_csv import read_spreadsheet
from tests.components.html_report.test_browser import BROWSER, command

HOSTILE = '</script><script>document.title="x"</script><img src=x onerror=alert(1)>'
CLASSES = ["good", 'a "quoted", class', "=1+1"]
PIXEL = "data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA="
KEYS = ["parts.csv, row 1", HOSTILE, "-x\ny.png", "'=kept", "no_space_" * 30, "left alone"]
ITEMS = [
    Item(
        key,
        "train",
        CLASSES[place % 3],
        CLASSES[(place + 1) % 3],
        "label",
        "Why.",
        0.5,
        PIXEL,
        {"width": "1", HOSTILE: ""},
    )
    for place, key in enumerate(KEYS)
] + [Item("new.csv, row 3", "new.csv", None, "=1+1", "worth a label", "Doubtful.", 0.4)]
# Decides by the inputs that a keyboard reaches, saves, and writes down what was saved and shown.
DRIVER = """<!doctype html><body><iframe id="frame" src="report.html" style="width:%(width)dpx;height:800px">
</iframe><pre id="seen"></pre><script>
const frame = document.getElementById("frame");
frame.addEventListener("load", async () => {
  const page = frame.contentDocument, saved = {};
  const items = [...page.querySelectorAll(".item")];
  const tick = (place, value) => items[place].querySelector("input[value=" + value + "]").click();
  const pick = (place, name) => {
    const select = items[place].querySelector("select");
    select.value = name;
    select.dispatchEvent(new frame.contentWindow.Event("change", { bubbles: true }));
  };
  const ticks = %(ticks)s;
  for (const [place, value, name] of ticks) name === null ? tick(place, value) : pick(place, name);
  const blobs = [];
  frame.contentWindow.URL.createObjectURL = (blob) => { blobs.push(blob); return "#"; };
  const shown = [];
  for (const save of page.querySelectorAll("section[data-file]")) {
    shown.push(save.querySelector("pre").textContent);
    save.querySelector("button").click();
  }
  document.getElementById("seen").textContent = JSON.stringify({
    saved: await Promise.all(blobs.map((one) => one.text())), shown,
    said: [...page.querySelectorAll("[role=status]")].map((one) => one.textContent),
    title: page.title, decided: page.querySelectorAll(".decided").length,
    unnamed: [...page.querySelectorAll("input, select, button")].filter((one) =>
      !one.labels?.length && !one.getAttribute("aria-label") && !one.textContent.trim()).length,
    width: page.documentElement.scrollWidth, room: page.documentElement.clientWidth,
  });
});
</script></body>"""
TICKS = [
    (0, "keep", None),
    (1, "change", CLASSES[2]),
    (2, "remove", None),
    (3, "change", CLASSES[1]),
    (4, "remove", None),
    (4, "open", None),
    (6, "change", "good"),
]
WANTED = [
    (KEYS[0], CLASSES[0], CLASSES[0]),
    (KEYS[1], CLASSES[2], CLASSES[1]),
    (KEYS[2], "", CLASSES[2]),
    (KEYS[3], CLASSES[1], CLASSES[0]),
]


@pytest.fixture(scope="module")
def page() -> str:
    return render_review("parts", ITEMS, CLASSES, ["A note."], "review.csv")


def browse(page: str, folder, width: int) -> tuple[dict, list[str]]:
    if BROWSER is None:
        message = "No Chromium: install the package `chromium` to test the page in a browser."
        pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)
    (folder / "report.html").write_text(page)
    (folder / "driver.html").write_text(DRIVER % {"width": width, "ticks": json.dumps(TICKS)})
    done = command(folder, "driver.html", "--virtual-time-budget=10000", "--dump-dom")
    seen = re.search(r'<pre id="seen">(.*?)</pre>', done.stdout, re.S)
    assert seen and seen.group(1), done.stdout[-500:] + done.stderr[-2000:]
    return json.loads(html.unescape(seen.group(1))), [
        line for line in done.stderr.splitlines() if "CONSOLE" in line
    ]


@pytest.mark.parametrize("width", [320, 1280])
def test_what_is_ticked_is_what_is_saved(page, tmp_path, width):
    seen, console = browse(page, tmp_path, width)
    assert console == [] and seen["title"] == "parts: records to look at"
    corrections, labels = seen["saved"]
    assert seen["shown"] == [corrections, labels]
    rows = list(read_spreadsheet(io.StringIO(corrections, newline="")))
    assert [(row["key"], row["label"], row["was"]) for row in rows] == WANTED
    assert list(read_spreadsheet(io.StringIO(labels, newline=""))) == [
        {"key": "new.csv, row 3", "label": "good", "was": ""}
    ]
    # A spreadsheet runs nothing of it.
    assert "'=1+1" in corrections and "''=kept" in corrections
    assert seen["said"] == ["Saved as corrections.csv.", "Saved as labels.csv."]
    assert seen["decided"] == 5 and seen["unnamed"] == 0
    assert seen["width"] <= seen["room"] <= width


def test_a_script_that_is_not_the_pages_own_is_refused(page, tmp_path):
    _, console = browse(page.replace("</main>", "<script>alert(1)</script></main>"), tmp_path, 800)
    assert len(console) == 1 and "Content Security Policy" in console[0]


def test_the_page_needs_nothing_beside_itself(page):
    assert not re.findall(r'(?:src|href)="(?!data:|#)', page)
    assert HOSTILE not in page and "A note." in page


def test_the_table_holds_the_same():
    rows = list(read_spreadsheet(io.StringIO(review_table(ITEMS), newline="")))
    assert [row["key"] for row in rows] == [*KEYS, "new.csv, row 3"] and tuple(rows[0]) == COLUMNS
    assert next(csv.reader(io.StringIO(review_table(ITEMS)))) == list(COLUMNS)
