"""The section on strategies, of a comparison that never was."""

import dataclasses
import html
import re

import pytest

from components.html_report.report import render_report
from components.html_report.sections import strategies
from core.documents.strategies import FigureDifference, GreedyStep, NotTried, Strategies, TriedStrategy


def difference(value, wide=0.02):
    return FigureDifference(value=value, low=value - wide, high=value + wide)


def tried(*names, verdict=None, value=0.0, **changes):
    figures = {"macro_f1": 0.625, "average_precision": 0.25, "worst_recall": 0.5, "few": None}
    differences = {name: difference(value) for name in figures} if names and not changes.get("failed") else {}
    content = {
        "names": names,
        "family": "losses" if len(names) == 1 else "",
        "settings": {},
        "seeds": 3,
        "figures": figures,
        "differences": differences,
        "verdict": verdict,
        "seconds": 12.5,
        "parameters": 1234,
    }
    return TriedStrategy(**content | changes)


@pytest.fixture
def found():
    return Strategies(
        judged_by="eval",
        records=1200,
        seeds=3,
        rarest="fraud<b>",
        groups={"many": ("good",), "few": ("fraud<b>",)},
        looked_at=5,
        plain=tried(),
        singles=(
            tried("focal", verdict="hurts", value=-0.08),
            tried("smote", verdict="cannot be told", value=0.01),
            tried("cbam", failed=("ValueError: no image",), seeds=0, seconds=None, parameters=None),
            tried("balanced_softmax", verdict="pays", value=0.05),
            tried("rule_macro_f1", verdict="pays", value=0.07),
        ),
        together=(tried("balanced_softmax", "rule_macro_f1", verdict="pays", value=0.09),),
        steps=(
            GreedyStep(
                names=("balanced_softmax", "rule_macro_f1"),
                added="balanced_softmax",
                difference=difference(0.03),
                verdict="pays",
                taken=True,
            ),
        ),
        chosen=("balanced_softmax", "rule_macro_f1"),
        decision_prior=None,
        out_of_time=(NotTried(name="experts", reason="There was no time for it."),),
        does_not_fit=(NotTried(name="frozen", reason="It is for pretrained weights <i>."),),
    )


def section_of(run, found):
    page = render_report(dataclasses.replace(run.inputs, strategies=found))
    return re.search(r'<section id="strategies".*?</section>', page, re.S).group()


def test_without_a_comparison_there_is_no_section(six):
    assert strategies.strategies(six.inputs) is None and 'id="strategies"' not in six.page


def test_what_pays_comes_first_and_what_failed_last(six, found):
    view = strategies.strategies(dataclasses.replace(six.inputs, strategies=found))
    assert [(line.name, line.verdict) for line in view.singles] == [
        ("rule macro f1", "pays"),
        ("balanced softmax", "pays"),
        ("smote", "cannot be told"),
        ("focal", "hurts"),
        ("cbam", ""),
    ]
    assert view.singles[-1].failed == "ValueError: no image"
    assert [line.is_chosen for line in (*view.singles, *view.together)] == [False] * 5 + [True]


def test_plain_cross_entropy_has_figures_and_the_others_differences(six, found):
    view = strategies.strategies(dataclasses.replace(six.inputs, strategies=found))
    assert view.heads == ["Macro-F1", "Average precision of fraud<b>", "Worst recall", "Recall, few"]
    assert view.plain.values == [("0.625", ""), ("0.250", ""), ("0.500", ""), ("–", "")]
    assert view.singles[1].values[0] == ("+0.050", "+0.030 to +0.070")
    assert (view.plain.seconds, view.plain.parameters) == ("12.5", "1,234")


def test_every_strategy_is_counted_once(found):
    assert strategies.verdict_counts(found) == (
        "Of 7 strategies 2 pay, 1 hurt, of 1 it cannot be told, 1 failed, for 1 there was no time, and 1 do not fit."
    )


def test_the_section_says_what_was_chosen_and_what_was_not_tried(six, found):
    section = section_of(six, found)
    assert "<strong>balanced softmax + rule macro f1</strong>" in section
    assert "balanced softmax on top: +0.030 macro-F1 (+0.010 to +0.050), it stays" in section
    assert "There was no time for it." in section and "1,200 records of eval" in section
    assert "<b>" not in section and "<i>" not in section and "fraud&lt;b&gt;" in section


def test_it_says_how_large_a_difference_must_be_to_be_told(six, found):
    assert strategies.told_apart(found) == ""
    counted = found.model_copy(update={"per_class": {"good": 1197, "fraud<b>": 3}})
    told = strategies.told_apart(counted)
    assert "1,200 records judge, 3 of the class fraud<b>" in told and "less than about 0.020 " in told
    assert "training.folds: 5" in told and html.escape(told) in section_of(six, counted)
    enough = found.model_copy(update={"per_class": {"good": 1160, "fraud<b>": 40}})
    out_of_fold = counted.model_copy(update={"judged_by": "out of fold"})
    for other in (enough, out_of_fold):
        told = strategies.told_apart(other)
        assert "cannot be told by them" in told and "training.folds" not in told
