"""The page in a browser: its numbers, its explorer, its width, and a silent console."""

import dataclasses
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from components.html_report.records.explanations import ColumnBar, Explanation, Explanations
from components.html_report.records.projection import project
from components.html_report.records.worst_records import WrongRecord
from components.html_report.report import render_report
from core.documents.tuning import SearchResult
from tests.components.html_report.made_up import search, trial

BROWSER = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None
)
# Opens the page in a frame of a given width, moves the slider, and writes down what a reader then sees.
DRIVER = """<!doctype html><body><iframe id="frame" src="report.html" style="width:%(width)dpx;height:800px">
</iframe><pre id="seen"></pre><script>
const frame = document.getElementById("frame");
frame.addEventListener("load", () => {
  const page = frame.contentDocument;
  const text = (id) => page.getElementById(id).textContent;
  const read = () => ["value", "precision", "recall", "f1", "flagged"].map((id) => text("explorer-" + id));
  const slider = page.getElementById("explorer-threshold");
  const move = (place) => { slider.value = place; slider.dispatchEvent(new Event("input")); };
  const first = read();
  move(slider.max);
  const lowest = read();
  page.getElementById("explorer-reset").click();
  const back = read();
  const clickable = (id) => !page.getElementById("explorer-" + id).hidden;
  const marks = { queue: clickable("queue"), sets: clickable("sets") };
  page.getElementById("explorer-queue").click();
  const queue = marks.queue ? [...read(), text("explorer-share"), text("explorer-lift")] : null;
  const costs = clickable("cost-part") ? [text("explorer-cost")] : null;
  if (costs) { page.getElementById("explorer-cheapest").click(); costs.push(text("explorer-cost")); }
  if (costs) { move(slider.max); costs.push(text("explorer-cost")); }
  const choice = page.getElementById("explorer-class");
  choice.selectedIndex = 1;
  choice.dispatchEvent(new Event("change"));
  document.getElementById("seen").textContent = JSON.stringify({
    first, lowest, back, second: read(), marks, queue, costs, other: clickable("cost-part"),
    verdict: text("verdict-title"), hidden: page.getElementById("explorer").hidden,
    width: page.documentElement.scrollWidth, room: page.documentElement.clientWidth,
    ink: frame.contentWindow.getComputedStyle(page.body).color,
  });
});
</script></body>"""


@pytest.fixture(scope="module")
def browse(tmp_path_factory):
    """Opens a page and returns what was seen, and what the browser logged."""
    if BROWSER is None:
        message = "No Chromium: install the package `chromium` to test the report in a browser."
        pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)

    def run(page: str, width: int, *flags: str) -> tuple[dict, list[str]]:
        folder = tmp_path_factory.mktemp("browser")
        (folder / "report.html").write_text(page)
        (folder / "driver.html").write_text(DRIVER % {"width": width})
        flags = (*flags, "--virtual-time-budget=10000", "--dump-dom")
        done = command(folder, "driver.html", *flags)
        seen = re.search(r'<pre id="seen">(.*?)</pre>', done.stdout, re.S)
        assert seen and seen.group(1), done.stdout[-500:] + done.stderr[-2000:]
        unescaped = seen.group(1).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
        return json.loads(unescaped), [line for line in done.stderr.splitlines() if "CONSOLE" in line]

    return run


def command(folder: Path, file: str, *flags: str) -> subprocess.CompletedProcess[str]:
    fixed = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--enable-logging=stderr"]
    # The driver reads the page in its frame; both are files.
    own = ["--allow-file-access-from-files", f"--user-data-dir={folder / 'profile'}"]
    address = (folder / file).as_uri()
    return subprocess.run(
        [BROWSER, *fixed, *own, *flags, address], capture_output=True, text=True, timeout=120
    )


def illustrations(classes: list[str]) -> dict:
    """Pictures, columns and projections with names that no line can hold."""
    long, picture = "a_name_without_a_space_" * 8, "data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA="
    bars = [ColumnBar(long, 100.0, True), ColumnBar("age", 20.0, False)]
    values = {long: long, "age": "7"}
    explained = Explanation(long, classes[0], classes[1], 0.9, picture, picture, bars)
    rows = np.random.default_rng(0).normal(0, 1, (40, 3))
    return {
        "worst": [WrongRecord(long, classes[0], classes[1], 0.9, 0.1, picture, values)] * 5,
        "explanations": Explanations({classes[0]: [explained] * 2}, "a method", "a method"),
        "projection": project(rows[:30], np.arange(30) % 2, rows[30:], np.ones(10, int), classes),
    }


def static_rows(page: str) -> list[list[str]]:
    table = re.search(r'<table[^>]*id="threshold-rows">.*?</table>', page, re.S).group()
    return [re.findall(r"<td>(.*?)</td>", row) for row in table.split("<tr>")[2:]]


@pytest.fixture
def page(six, answered):
    return answered(six, with_baseline=True).page


def test_the_explorer_starts_with_the_rules_numbers_and_follows_the_slider(page, browse, six):
    seen, console = browse(page, 1280)
    assert console == []
    assert not seen["hidden"] and "Blessed" in seen["verdict"]
    for shown, row in ((seen["first"], 0), (seen["back"], 0), (seen["second"], 1)):
        _, threshold, precision, recall, f1, flagged = static_rows(page)[row]
        assert shown[1:] == [precision, recall, f1, flagged]
        assert float(shown[0]) == pytest.approx(float(threshold), rel=0.01)
    # The lowest threshold flags all records: recall is 1, precision the share of the class.
    support, n = six.metrics["per_class"]["trash"]["support"], six.metrics["n"]
    assert seen["lowest"][1:] == [f"{support / n:.3f}", "1.000", f"{2 * support / (support + n):.3f}", str(n)]


def test_the_explorer_goes_to_the_queue_and_says_its_share_and_lift(two, answered, browse):
    run = answered(two)
    size = {"share": 0.02, "threshold": 0.5, "threshold_spread": [0.5] * 3, "records": 3}
    queue = {"class_name": "fraud", "size": size, "others": []}
    run.decided = {"rule": {**run.decision["rule"], "queue": queue}}
    seen, console = browse(run.page, 1280)
    scores = run.measured.queue.size
    assert console == [] and seen["marks"] == {"queue": True, "sets": False}
    _, precision, recall, _, flagged, share, lift = seen["queue"]
    assert precision == f"{scores.precision.value:.3f}" and recall == f"{scores.recall.value:.3f}"
    assert flagged == str(scores.records) and lift == f"{scores.lift.value:.1f}"
    assert share.endswith("&nbsp;%")
    assert float(share.partition("&")[0]) == pytest.approx(100 * scores.share.value, rel=0.05)


def test_the_explorer_says_what_each_threshold_costs_and_goes_to_the_cheapest(two, answered, browse):
    run = answered(two)
    amounts = np.random.default_rng(0).gamma(1, 50, (len(run.records.labels), 1))
    run.records = dataclasses.replace(run.records, amounts=amounts)
    costs = {
        "class_name": "fraud",
        "miss": {"column": "amount", "times": 1, "plus": 0},
        **{
            name: {"column": None, "times": 0, "plus": plus}
            for name, plus in (("false_alarm", 5), ("catch", 0))
        },
    }
    run.decided = {"rule": {**run.decision["rule"], "name": "costs", "costs": costs}}
    seen, console = browse(run.page, 390)
    assert console == [] and seen["width"] <= seen["room"] <= 390
    _, cheapest, everything = (float(one.replace(",", "")) for one in seen["costs"])
    money = run.measured.money
    assert cheapest == pytest.approx(money.best_threshold.mean * money.n, abs=0.01)
    assert everything == pytest.approx(money.always_yes.total.value, abs=0.01)
    # The other class is not what the costs are about.
    assert not seen["other"]


def test_without_queue_and_sets_there_is_nowhere_to_go(page, browse):
    assert browse(page, 1280)[0]["marks"] == {"queue": False, "sets": False}


def search_over(keys: list[str]) -> SearchResult:
    """A search with names that no line can hold, and a trial that failed."""
    values = [{key: f"{key}_{place}" for key in keys} for place in range(6)]
    done = [trial(place + 1, 0.1 * place, epochs=3, **values[place]) for place in range(5)]
    failed = trial(6, None, message="a_message_without_a_space_" * 8, **values[5])
    return search(
        *done,
        failed,
        best=5,
        objective="val_macro_average_precision",
        importance=dict.fromkeys(keys, 1 / len(keys)),
    )


@pytest.mark.parametrize("width", [320, 390])
def test_the_section_of_a_search_does_not_scroll_sideways_either(width, browse, answered, six):
    run = answered(six)
    keys = ["a_setting_without_a_space_" * 4, "training.optimizer.learning_rate", "loss.name"]
    searched = run.measured.model_copy(update={"tuning": search_over(keys), "hyperparameters": {}})
    seen, console = browse(render_report(dataclasses.replace(run.inputs, metrics=searched)), width)
    assert console == [] and seen["width"] <= seen["room"] <= width


@pytest.mark.parametrize("width", [320, 390])
@pytest.mark.parametrize("fixture", ["two", "six", "sixty"])
def test_the_page_does_not_scroll_sideways_on_a_phone(fixture, width, browse, answered, request):
    run = answered(request.getfixturevalue(fixture), with_baseline=True)
    run.more = illustrations(run.training["classes"])
    seen, console = browse(run.page, width)
    assert console == [] and seen["width"] <= seen["room"] <= width


def test_a_dark_room_turns_the_ink_light(page, browse):
    light, _ = browse(page, 800)
    dark, console = browse(page, 800, "--blink-settings=preferredColorScheme=0")
    brightness = [sum(map(int, re.findall(r"\d+", seen["ink"])[:3])) for seen in (light, dark)]
    assert brightness[0] < 150 < 600 < brightness[1] and console == []


def test_a_hostile_name_is_text_in_the_browser_too(run_of, answered, browse):
    hostile = "</script><script>document.title='x';alert(1)</script><img src=x onerror=alert(1)>"
    run = answered(run_of([hostile, "b", "c"], [90, 60, 30], name=hostile))
    seen, console = browse(run.page, 390)
    assert console == [] and not seen["hidden"]


def test_a_script_that_is_not_the_pages_own_is_refused(page, browse):
    _, console = browse(page.replace("</main>", "<script>alert(1)</script></main>"), 800)
    assert len(console) == 1 and "Content Security Policy" in console[0]
