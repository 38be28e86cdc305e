import base64
import copy
import dataclasses
import hashlib
import json
import re
from html.parser import HTMLParser

import pytest

from components.html_report.report import render_report
from components.html_report.sections.left_out import SKIPPED_SHOWN
from tests.components.html_report.made_up import class_scores, contender

HOSTILE = "<script>alert(1)</script>"
VOID = {"meta", "br", "img", "link", "input", "hr"}


class Page(HTMLParser):
    """Collects tags, attributes and text, and checks that every element is closed."""

    def __init__(self, page: str):
        super().__init__()
        self.attributes: list[tuple[str, str, str | None]] = []
        self.tags: set[str] = set()
        self.text = ""
        self.open: list[str] = []
        self.feed(page)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes += [(tag, name, value) for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes += [(tag, name, value) for name, value in attrs]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data

    def words(self) -> str:
        return " ".join(self.text.split())


@pytest.fixture(params=["two", "six", "sixty"])
def run(request):
    return request.getfixturevalue(request.param)


@pytest.fixture
def full(six, answered):
    """A run with everything a page can show."""
    return answered(six, with_baseline=True)


def test_every_class_and_its_numbers_are_shown(run):
    text = Page(run.page).words()
    for name, scores in run.metrics["per_class"].items():
        assert name in text
        for key in ("precision", "recall", "f1", "average_precision", "roc_auc"):
            assert f"{scores[key]:.3f}" in text
        assert "–".join(f"{bound:.3f}" for bound in scores["recall_interval"]) in text
    for value in run.metrics["summary"].values():
        assert f"{value:.3f}" in text
    for counts in run.split_summary["classes"].values():
        assert all(f"{count:,}" in text for count in counts.values())
    assert f"{run.metrics['n']:,} test records" in text
    assert "411,206 parameters" in text


def test_every_count_of_the_confusion_matrix_stands_in_its_cell(run):
    table = re.search(r'<table class="matrix.*?</table>', run.page, re.S).group()
    rows = [re.findall(r"<td[^>]*>([^<]*)</td>", row) for row in table.split("<tr>")[2:]]
    shown = [[0 if cell == "·" else int(cell.replace(",", "")) for cell in row] for row in rows]
    assert shown == run.metrics["confusion"]["counts"]


def test_class_rows_come_rarest_first_and_the_lowest_recall_is_marked_in_words(six):
    table = re.search(r'<table class="scores.*?</table>', six.page, re.S).group()
    names = re.findall(r"<bdi>(.*?)</bdi>", table)
    assert names[0] == "trash" and names[-1] == "paper"
    recalls = {name: scores["recall"] for name, scores in six.metrics["per_class"].items()}
    marked = re.findall(r'<bdi>([^<]*)</bdi> <span class="mark">lowest recall</span>', table)
    assert marked == [min(recalls, key=recalls.get)]


def test_no_class_is_marked_where_all_recalls_are_equal(two):
    for scores in two.evaluation["per_class"].values():
        scores["recall"] = 1.0
    assert '<span class="mark">' not in two.page


def test_equal_input_gives_equal_text(run):
    assert run.page == copy.deepcopy(run).page


def test_names_from_the_data_are_never_markup(run_of):
    hostile_attribute = '" onload="alert(1)'
    run = run_of([HOSTILE, hostile_attribute, "{{ 7 * 7 }}"], [90, 60, 8], name=HOSTILE)
    run.split_summary["skipped"] = [{"where": HOSTILE + ".png", "why": HOSTILE}]
    run.evaluation["blessed"] = False
    run.evaluation["not_blessed_because"] = [HOSTILE]
    run.experiment["data"]["path"] = "</pre>" + HOSTILE
    page = Page(run.page)
    assert "script" not in page.tags and "<script" not in run.page
    assert not [attribute for attribute in page.attributes if attribute[1].startswith("on")]
    assert HOSTILE + ".png" in page.text and "{{ 7 * 7 }}" in page.text


def test_the_page_needs_no_network(run):
    run.experiment["model"] = {"weights": "https://example.org/weights.h5"}
    page = Page(run.page)
    resources = [
        value for _, name, value in page.attributes if name in ("src", "href", "srcset", "data", "action")
    ]
    assert resources and all(value.startswith("#") for value in resources)
    assert not re.search(r"url\(|@import", run.page)
    assert not page.tags & {"script", "link", "iframe", "object", "img"}


def test_links_lead_to_sections_that_exist(six):
    page = Page(six.page)
    ids = {value for _, name, value in page.attributes if name == "id"}
    wanted = {value[1:] for _, name, value in page.attributes if name == "href"}
    labels = {value for _, name, value in page.attributes if name == "aria-labelledby"}
    assert wanted and wanted <= ids and labels <= ids


def test_charts_and_tables_have_names_for_those_who_do_not_see_them(six):
    page = Page(six.page)
    charts = [value for tag, name, value in page.attributes if tag == "svg" and name == "aria-label"]
    assert [chart.split(" by epoch")[0] for chart in charts] == [
        "Line chart of Macro-F1",
        "Line chart of Loss",
        "Line chart of Recall of the rarest classes on eval",
    ]
    assert six.page.count("<table") == six.page.count("<caption>")


def test_a_blessed_run_says_so_and_a_refused_one_says_why(six):
    assert "Blessed: this model may be served" in six.page
    six.evaluation["blessed"] = False
    six.evaluation["not_blessed_because"] = ["Recall of trash is 0.5, below 0.6.", "Macro-F1 fell by 0.1."]
    text = Page(six.page).words()
    assert "Not blessed: nothing is pushed" in text
    assert "held back for 2 reasons" in text
    assert "Recall of trash is 0.5, below 0.6." in text and "Macro-F1 fell by 0.1." in text


def test_the_verdict_comes_first(six):
    order = re.findall(r'<section[^>]* id="([^"]+)"', six.page)
    assert order == [
        *("verdict", "data", "checks", "augmentation", "training", "classes", "mistakes"),
        *("calibration", "card", "left-out", "settings"),
    ]


def test_missing_scores_are_dashes(six):
    scores = six.evaluation["per_class"]["trash"]
    support_only = {key: None for key in scores} | {"support": 0}
    six.evaluation["per_class"]["trash"] = support_only
    six.evaluation["summary"]["mcc"] = None
    page = six.page
    row = re.search(r"<bdi>trash</bdi>\s*</th>\s*<td>0</td>.*?</tr>", page, re.S).group()
    assert re.sub(r"<[^>]+>", " ", row).split() == ["trash", "0", *["–"] * 6]
    assert "None" not in page and "nan" not in page


@pytest.mark.parametrize("bounds", [None, [None, None]])
def test_a_recall_without_an_interval_is_shown_without_a_bar(six, bounds):
    six.evaluation["per_class"]["trash"]["recall_interval"] = bounds
    assert six.page.count('class="range"') == 5


def test_the_imbalance_ratio_is_largest_over_smallest(six):
    assert "<strong>10.9</strong>" in six.page  # 415 / 38


def test_a_class_absent_from_train_has_no_ratio(six):
    six.split_summary["classes"]["trash"]["train"] = 0
    assert "no imbalance ratio" in six.page


def test_no_skipped_record_is_said_in_words(six):
    six.split_summary["skipped"], six.split_summary["skipped_count"] = [], 0
    assert "No record was skipped." in six.page


def test_many_skipped_records_are_counted_and_the_first_are_listed(six):
    six.split_summary["skipped"] = [{"where": f"row {index}.", "why": "is empty"} for index in range(70)]
    six.split_summary["skipped_count"] = 1234
    text = Page(six.page).words()
    assert "1,234 records could not be read" in text and f"The first {SKIPPED_SHOWN} are listed" in text
    assert f"row {SKIPPED_SHOWN - 1}." in text and f"row {SKIPPED_SHOWN}." not in text


@pytest.mark.parametrize(
    ("duplicates", "sentence"),
    [
        ({"policy": "drop", "found": 0, "dropped": 0}, "No record repeats another."),
        (
            {"policy": "drop", "found": 3, "dropped": 1},
            "3 records repeated another exactly, class included, and 1 record was",
        ),
        (
            {"policy": "keep_together", "found": 1, "dropped": 0},
            "1 record repeated another exactly, class included. All",
        ),
        ({"policy": "error", "found": 0, "dropped": 0}, "No record repeats another."),
    ],
)
def test_duplicates_are_explained(six, duplicates, sentence):
    six.split_summary["duplicates"] = duplicates
    assert sentence in Page(six.page).words()


def test_equal_content_under_two_classes_is_reported_where_there_is_any(six):
    sentence = "2 records have the content of a record of another class"
    six.split_summary["duplicates"]["contradictory"] = 0
    assert sentence not in Page(six.page).words()
    six.split_summary["duplicates"]["contradictory"] = 2
    assert sentence in Page(six.page).words()


def test_the_best_epoch_is_marked_in_each_chart(six):
    # Macro-F1 and loss with two lines each, and the recall of three classes.
    assert six.page.count("best: epoch 14</text>") == 3
    assert six.page.count("<circle") == 2 + 2 + 3


def test_a_run_without_history_has_no_charts(run_of):
    page = run_of(["a", "b"], [90, 10], epochs=1, best=1)
    page.history = []
    assert "No loss and no macro-F1 were recorded." in page.page


def test_a_single_epoch_renders(run_of):
    assert "epoch 1</strong> of 1" in run_of(["a", "b"], [90, 10], epochs=1, best=1).page


def test_the_matrix_gives_way_to_the_mistakes_with_very_many_classes(run_of):
    page = run_of([f"class {index}" for index in range(130)], [20] * 130).page
    assert "With 130 classes the matrix is too large" in page
    assert "The mistakes that cost a class" in page


def test_parts_of_the_data_are_compared_where_the_experiment_names_them(six):
    assert "Parts of the data" not in six.page
    six.evaluation["slices"] = {
        HOSTILE: {"n": 41, "summary": {"macro_f1": 0.5125, "worst_recall": None}, "per_class": {}}
    }
    row = re.search(r"<bdi>&lt;script&gt;alert\(1\).*?</tr>", six.page, re.S).group()
    assert re.findall(r"<td>(.*?)</td>", row) == ["41", "0.512", "–", "–"]


def test_settings_are_yaml_in_the_experiments_own_order(six):
    text = Page(six.page).text
    assert "name: trashnet\ndata:\n  format: image_folder\n" in text


def test_how_far_classes_are_off_their_shares_is_told_of_grouped_splits_alone(six):
    off = dict(zip(six.split_summary["classes"], [0.4, 1.35, 12.0, 0.0, 2.5, 1.8], strict=True))
    six.split_summary["deviation"] = off
    assert "Off by" not in six.page
    six.experiment["data"]["group"] = "device"
    table = re.search(r'<table class="balance.*?</table>', six.page, re.S).group()
    rows = dict(re.findall(r"<bdi>(.*?)</bdi>.*<td>([^<]*)</td></tr>", table))
    assert {name: float(shown) for name, shown in rows.items()} == off
    assert len(set(map(len, (re.findall("<t[hd]", row) for row in table.split("<tr>")[1:])))) == 1
    six.split_summary["deviation"] = dict.fromkeys(off)  # Given splits have no shares.
    assert "Off by" not in six.page


def test_all_sections_of_a_full_run_are_there_and_linked(full):
    order = re.findall(r'<section[^>]* id="([^"]+)"', full.page)
    assert order[7:13] == ["curves", "calibration", "thresholds", "attention", "comparison", "card"]
    page = Page(full.page)
    assert {f"#{name}" for name in order[1:]} == {
        value for tag, name, value in page.attributes if (tag, name) == ("a", "href")
    }
    assert full.page.count("<table") == full.page.count("<caption>")
    charts = re.findall(r'<svg class="chart[^>]*>', full.page)
    assert charts and all('role="img"' in chart and 'aria-label="' in chart for chart in charts)


def test_a_full_page_takes_nothing_from_elsewhere_and_runs_its_own_script_alone(full):
    page = full.page
    [script] = re.findall(r"<script>(.*?)</script>", page, re.S)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert (
        f"default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-{digest}'\""
        in page
    )
    assert not re.search(r"https?://|url\(|@import", page)


def test_equal_runs_give_equal_full_pages(full):
    assert full.page == copy.deepcopy(full).page


def test_names_in_the_embedded_figures_cannot_end_the_script(run_of, answered):
    hostile = "</script>" + HOSTILE
    run = answered(run_of([hostile, "b", "c"], [90, 60, 30]), with_baseline=True)
    run.evaluation["conditions"] = [
        {
            "check": HOSTILE,
            "subject": HOSTILE,
            "value": 0.5,
            "limit": 0.6,
            "passed": False,
            "sentence": HOSTILE,
        }
    ]
    run.history = [{**row, "stage": HOSTILE if row["epoch"] < 5 else "b"} for row in run.history]
    page = run.page
    assert page.count("<script") == page.count("</script>") == 2
    data = re.search(r'id="explorer-data">(.*?)</script>', page, re.S).group(1)
    assert hostile in [one["name"] for one in json.loads(data)["classes"]]


def test_conditions_that_failed_come_first(six):
    condition = {"check": "recall_drop", "subject": "trash", "value": 0.1, "limit": 0.02}
    six.evaluation["conditions"] = [
        {**condition, "passed": True, "sentence": "This holds."},
        {**condition, "passed": False, "sentence": "This fails."},
    ]
    table = re.search(r'<table class="gate">.*?</table>', six.page, re.S).group()
    assert table.index("This fails.") < table.index("This holds.")
    assert table.count(">no<") == 1


def test_stages_of_the_training_are_marked_where_there_are_several(six):
    assert "stage-label" not in re.sub(r"<style>.*?</style>", "", six.page, flags=re.S)
    six.history = [
        {**row, "stage": "training" if row["epoch"] < 11 else "lws", "learning_rate": 0.1 / row["epoch"]}
        for row in six.history
    ]
    labels = re.findall(r'<text class="stage-label"[^>]*>([^<→]*)', six.page)
    assert [label.strip() for label in labels] == ["training", "lws"] * 4
    assert "Line chart of Learning rate" in six.page


def test_a_learning_rate_that_never_changes_is_a_sentence(six):
    assert "The learning rate was 0.001 throughout." in six.page


def test_contenders_stand_beside_this_model(six):
    metrics = six.metrics
    plain = contender({"macro_f1": 0.123}, trash=class_scores(recall=0.321))
    measured = six.measured.model_copy(update={"contenders": {"gradient_boosting": plain}})
    page = render_report(dataclasses.replace(six.inputs, metrics=measured))
    table = re.search(r"<caption>Scores of all models.*?</table>", page, re.S).group()
    assert re.findall(r"<th scope=\"col\">(.*?)</th>", table) == ["Score", "this model", "gradient boosting"]
    assert f"<td>{metrics['summary']['macro_f1']:.3f}</td><td>0.123</td>" in table
    assert "<td>0.321</td>" in page


def test_what_augmentation_did_is_counted(two):
    two.priors = {
        **two.class_priors,
        "counts": {
            "before": {"legitimate": 9940, "fraud": 60},
            "after": {"legitimate": 9940, "fraud": 4970},
        },
        "priors": {
            "before": {"legitimate": 0.994, "fraud": 0.006},
            "after": {"legitimate": 2 / 3, "fraud": 1 / 3},
        },
        "made": {"legitimate": 0, "fraud": 4910},
        "removed": {"legitimate": 0, "fraud": 0},
        "strategy": {"tabular": "smote", "image": "none"},
        "notes": ["A note."],
    }
    page = two.page
    row = re.search(r"<caption>Train records.*?<bdi>fraud</bdi>(.*?)</tr>", page, re.S).group(1)
    assert re.findall(r"<td>(.*?)</td>", row) == ["60", "4,910", "0", "4,970", "0.60\xa0%", "33.3\xa0%"]
    assert "A note." in page and "Columns: <code>smote</code>" in page and "Images:" not in page


def test_the_card_names_classes_with_few_test_records(six):
    card = Page(re.search(r'<section id="card".*?</section>', six.page, re.S).group()).words()
    support, bounds = (six.metrics["per_class"]["trash"][key] for key in ("support", "recall_interval"))
    assert f"trash has {support} test records" in card and f"{bounds[0]:.3f}–{bounds[1]:.3f}" in card
    assert "glass has" not in card and "A finding." in card and "0123456789ab" in card


def test_of_many_reasons_the_first_are_open_and_all_are_there(six):
    six.evaluation["blessed"] = False
    six.evaluation["not_blessed_because"] = [f"Reason {number}." for number in range(30)]
    verdict = re.search(r'<section class="verdict.*?</section>', six.page, re.S).group()
    assert "held back for 30 reasons" in verdict and "And 24 more reasons" in verdict
    assert re.findall(r"<li>(.*?)</li>", verdict) == six.evaluation["not_blessed_because"]
    assert re.findall(r"<li>(.*?)</li>", verdict.partition("<details>")[0])[-1] == "Reason 5."


def test_the_recall_of_every_class_in_every_epoch_is_no_column(sixty):
    columns = re.search(r"<caption>Figures of every epoch.*?</thead>", sixty.page, re.S).group()
    assert "val_macro_f1" in columns and "recall" not in columns
