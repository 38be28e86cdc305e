"""The section on time: said of splits by time and of others, with what moves."""

import dataclasses
import io

import numpy as np
import pytest
from rich.console import Console

from components.evaluation.window_scores import window_scores
from components.html_report.charts.time_chart import share_chart
from components.html_report.report import render_report
from components.html_report.terminal import per_class_table
from core.documents.time_summary import TimeSummary
from tests.components.imbalance_validator.test_checks import moving

SPLIT = {
    "eval_from": "2024-03-01",
    "test_from": "2024-04-01",
    "gap": "7d",
    "in_gap": 3,
    "continuing": 0,
    "repeated_later": 0,
}


def summary_of(split=SPLIT):
    """Four months of two classes, fraud in 1, 2, 3 and 4 of 100."""
    spans = {
        "train": ("2024-01-01", "2024-02-20"),
        "eval": ("2024-03-01", "2024-03-25"),
        "test": ("2024-04-01", "2024-04-30"),
    }
    content = moving({"fraud": (0.01, 0.04, 1e-12), "genuine": (0.99, 0.96, 0.3)}).model_dump()
    periods = [
        {"begin": f"2024-0{month}-01", "classes": {"fraud": month, "genuine": 100 - month}, "splits": {}}
        for month in (1, 2, 3, 4)
    ]
    return {
        **content,
        "splits": {
            name: {"first": first, "last": last, "records": 9} for name, (first, last) in spans.items()
        },
        "split": split,
        "periods": periods,
    }


def section_of(run):
    return run.page.split('<section id="over-time"')[1].split("</section>")[0]


def test_a_split_by_time_says_where_it_is_and_what_moves(two, answered):
    run = answered(two)
    run.split_summary["time"] = summary_of()
    section = section_of(run)
    assert "eval begins at 2024-03-01, test at 2024-04-01, each 7d behind" in section
    assert "later than all that was learnt from" in section
    assert "<bdi>fraud</bdi></th><td>1.0" in section and "<bdi>genuine</bdi></th>" not in section
    assert 'href="#over-time"' in run.page


def test_splits_that_mix_the_times_say_that_scores_do_not_tell_of_later_records(two, answered):
    run = answered(two)
    run.split_summary["time"] = summary_of(split=None)
    section = section_of(run)
    assert "the splits mix the times: train reaches to 2024-02-20, and test begins at 2024-04-01" in section
    assert "does worse where the data drift" in section


def test_without_times_there_is_no_such_section(two, answered):
    assert 'id="over-time"' not in answered(two).page


def test_the_chart_has_each_months_share_and_the_borders():
    summary = TimeSummary.model_validate(summary_of())
    chart = share_chart(summary, ["fraud", "genuine"])
    [[points]] = [line.runs for line in chart.lines]
    heights = [y for _, y in points]
    assert heights == sorted(heights, reverse=True) and len(points) == 4
    assert np.ptp(np.diff(heights)) == pytest.approx(0, abs=0.2)  # A straight line.
    assert [mark.text for mark in chart.stages] == ["eval", "test"]
    # March begins behind the middle of February's points, and before that of March's.
    assert points[1][0] < chart.stages[0].position < points[2][0]
    assert [tick.text for tick in chart.x_ticks] == ["2024-01-01", "2024-02-01", "2024-03-01"]


def test_windows_stand_in_the_table_and_their_sentence_on_the_terminal(two, answered):
    run = answered(two)
    run.split_summary["time"] = summary_of()
    scores = window_scores(run.records, np.arange(len(run.records.labels)), 3, "fraud")
    metrics = run.measured.model_copy(update={"over_time": scores})
    page = render_report(dataclasses.replace(run.inputs, metrics=metrics))
    section = page.split('<section id="over-time"')[1].split("</section>")[0]
    assert section.count("<tr><th") == 1 + 1 + 3 + 1 and scores.sentence in section
    output = io.StringIO()
    Console(file=output, width=300).print(per_class_table(metrics))
    assert scores.sentence.removesuffix(".") in " ".join(output.getvalue().split())


def test_times_beyond_the_calendar_leave_the_borders_out():
    content = summary_of()
    content["split"] = {**SPLIT, "eval_from": "9,999 microseconds since 1970"}
    assert share_chart(TimeSummary.model_validate(content), ["fraud", "genuine"]).stages == []
