import io
from dataclasses import replace

import numpy as np
import pytest
from rich.console import Console

from components.html_report.charts.risk_coverage import risk_curve
from components.html_report.terminal import per_class_table


def abstaining(run, share=0.2):
    """Leaves the records of the least probable decisions to a person."""
    doubt = 1 - run.records.probabilities.max(axis=1)
    threshold = float(np.quantile(doubt, 1 - share))
    run.records = replace(run.records, abstained=doubt > threshold)
    run.decided = {
        "rule": {**run.decision["rule"], "matrix": np.eye(len(run.training["classes"])).tolist()},
        "abstention": {
            "formula": "1 - max(p)",
            "threshold": threshold,
            "threshold_spread": [threshold] * 3,
            "share": share,
            "error": 0.1,
        },
    }
    return run


def test_the_page_shows_each_class_with_what_is_left_to_a_person(six, answered):
    run = abstaining(answered(six))
    section = run.page.split('<section id="abstention"')[1].split("</section>")[0]
    scores = run.measured.abstention
    for name, row in scores.per_class.items():
        shown = section.split(f"<bdi>{name}</bdi></th>")[1].split("</tr>")[0]
        assert f"<td>{row.support}</td><td>{row.abstained.value:.3f} (" in shown
    assert section.count("<figure") == 1 + len(scores.per_class)
    assert "counts as not found" in section


def test_a_model_that_decides_on_all_has_no_such_section(six, answered):
    assert 'id="abstention"' not in answered(six).page


def test_the_terminal_says_how_much_of_the_rarest_class_is_left_to_a_person(six, answered):
    run = abstaining(answered(six))
    output = io.StringIO()
    Console(file=output, width=220).print(per_class_table(run.measured))
    said = " ".join(output.getvalue().split()).partition("Left to a person: ")[2]
    scores = run.measured.abstention
    assert f"{100 * scores.per_class['trash'].abstained.value:.1f} % of trash;" in said
    assert f"error of the rest {scores.error.value:.3f} (" in said


def test_a_curve_by_hand():
    doubt = np.array([0.4, 0.1, 0.2, 0.2, 0.3])
    wrong = np.array([1, 0, 1, 0, 0], bool)
    mine = np.array([1, 1, 1, 0, 0], bool)
    curve = risk_curve(doubt, wrong, mine)
    assert curve.coverage.tolist() == pytest.approx([1 / 5, 3 / 5, 4 / 5, 1])
    assert curve.decided.tolist() == pytest.approx([1 / 3, 2 / 3, 2 / 3, 1])
    assert curve.error.tolist() == pytest.approx([0, 1 / 2, 1 / 2, 2 / 3])
