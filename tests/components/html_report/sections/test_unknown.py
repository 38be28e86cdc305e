import io
from dataclasses import replace

import numpy as np
from rich.console import Console

from components.html_report.charts.unlikeness_chart import unlikeness_chart
from components.html_report.records.unknown_records import UnknownRecord
from components.html_report.terminal import per_class_table


def with_unknown(run, threshold=2.0, false_alarm=0.01):
    """Makes records up whose unlikeness has a long tail."""
    unlikeness = np.random.default_rng(0).gamma(4, 0.3, len(run.records.labels)).astype(np.float32)
    run.records = replace(run.records, unlikeness=unlikeness, unknown=unlikeness > threshold)
    run.decided = {
        "unknown": {
            "formula": "min_k d_k",
            "max_false_alarm": 0.01,
            "threshold": threshold,
            "threshold_spread": [1.5, 2.0, 3.0],
            "false_alarm": false_alarm,
            "held_out": 300,
            "held_out_quantiles": [0.5, 1.0, 1.9],
            "trained_on": dict.fromkeys(run.training["classes"], 7),
            "networks": 1,
            "shrinkage": [0.1],
            "measure": "abc",
        }
    }
    return run


def section_of(run):
    return run.page.split('<section id="unknown"')[1].split("</section>")[0]


def test_the_page_shows_each_class_with_what_is_called_unknown(six, answered):
    run = with_unknown(answered(six))
    run.more = {"unknown": [UnknownRecord("row 9", "trash", "glass", 2.345678, values={"width": "<b>1</b>"})]}
    section, scores = section_of(run), run.measured.unknown
    for name, row in scores.per_class.items():
        shown = section.split(f"<bdi>{name}</bdi></th>")[1].split("</tr>")[0]
        assert f"<td>7</td><td>{row.support}</td><td>{row.unknown.value:.3f} (" in shown
    assert section.count("<figure") == 1 + len(scores.per_class)
    assert "unlikeness 2.346" in section and "row 9" in section and "&lt;b&gt;1" in section
    assert "allow to be promised" not in section


def test_where_nothing_is_called_unknown_or_promised_the_page_says_so(six, answered):
    section = section_of(with_unknown(answered(six), 1e9, false_alarm=0.2))
    assert "No test record was called unknown." in section and "20.0" in section
    assert "allow to be promised" in section


def test_a_model_that_calls_nothing_unknown_has_no_such_section(six, answered):
    assert 'id="unknown"' not in answered(six).page


def test_the_terminal_says_how_many_are_called_unknown_and_most_of_which_class(six, answered):
    run = with_unknown(answered(six))
    output = io.StringIO()
    Console(file=output, width=260).print(per_class_table(run.measured))
    said = " ".join(output.getvalue().split()).partition("Called unknown: ")[2]
    scores = run.measured.unknown
    assert said.startswith(f"{scores.unknown.value:.3f} (") and "300 held-out records" in said
    most = max(scores.per_class.values(), key=lambda one: one.unknown.value or 0)
    assert f": {most.unknown.value:.3f} (" in said


def test_a_distribution_by_hand():
    chart = unlikeness_chart("All", np.array([1.0, 2, 3, 100]), 2.0)
    records, threshold = chart.traces
    # Two in four at the middle, where the threshold is; what lies beyond twice of it at the edge.
    assert records.points.split() == [
        *("34,222", "98,222", "98,169", "162,169", "162,116", "226,116", "226,63", "290,63", "290,10")
    ]
    assert threshold.points == "162,222 162,10"
    assert "half are no more unlike than 2.5; 0.500 are above" in chart.description
    assert [tick.text for tick in chart.x_ticks] == ["0", "1", "2", "3", "4"]
