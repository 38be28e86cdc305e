import dataclasses
import re

import pytest

from components.evaluation.intervals import wilson_interval
from components.html_report.experiment import Experiment
from components.html_report.report import render_report
from components.html_report.sections import tuning
from components.html_report.sections.tuning import comparison, scored_counts
from core.documents.split_summary import SplitSummary
from core.documents.tuning import SearchGain
from tests.components.html_report.made_up import search, trial

HOSTILE = "</svg><script>alert(1)</script>\"'><img src=x onerror=alert(1)>"


@pytest.fixture
def found():
    return search(
        trial(1, 0.5, rate=0.001, loss="cross_entropy"),
        trial(2, None, message="ValueError: the loss is NaN", rate=0.1, loss="focal"),
        trial(3, 0.75, rate=0.01, loss="focal"),
        trial(4, 0.25, rate=0.02, loss="ldam"),
        best=3,
        importance={"loss": 0.8, "rate": 0.2},
    )


def page_of(run, found, **experiment):
    settings = Experiment.of_settings({**run.experiment, **experiment})
    return render_report(dataclasses.replace(inputs_with(run, found), experiment=settings))


def section_of(page):
    return re.search(r'<section id="tuning".*?</section>', page, re.S).group()


def inputs_with(run, found):
    metrics = run.measured.model_copy(update={"tuning": found, "hyperparameters": found.hyperparameters})
    return dataclasses.replace(run.inputs, metrics=metrics)


def shown(run, found):
    return tuning.search(inputs_with(run, found))


def test_without_a_search_there_is_no_section(six):
    assert tuning.search(six.inputs) is None
    assert 'id="tuning"' not in six.page and "#tuning" not in six.page


def test_trials_go_from_best_to_worst_and_failed_ones_last(six, found):
    rows = shown(six, found).rows
    assert [row.trial for row in rows] == [3, 1, 4, 2]
    assert [row.is_best for row in rows] == [True, False, False, False]
    assert rows[-1].has_failed and rows[-1].message == "ValueError: the loss is NaN"
    assert rows[-1].score == rows[-1].seconds == "–"


def test_a_lower_loss_comes_first_and_a_failed_trial_last_all_the_same(six):
    trials = trial(1, 0.9, x=1), trial(2, 0.3, x=2), trial(3, None, x=3)
    found = search(*trials, objective="val_loss", direction="min", best=2)
    assert [row.trial for row in shown(six, found).rows] == [2, 1, 3]


def test_settings_go_by_importance_and_bars_by_the_largest(six, found):
    settings = shown(six, found).settings
    assert [(one.key, one.bar, one.own, one.best) for one in settings] == [
        ("loss", 100.0, "cross_entropy", "focal"),
        ("rate", 25.0, "0.001", "0.01"),
    ]
    assert settings[0].share.startswith("80.0")


def test_the_page_shows_trials_failures_and_the_chart(six, found):
    page = page_of(six, found)
    section = section_of(page)
    assert '<a href="#tuning">Search</a>' in page
    assert "ValueError: the loss is NaN" in section and "1 trial failed" in section
    assert section.count("<polyline") == 3 and section.count('class="trial best" stroke-opacity') == 0
    assert re.search(r'<tr><th scope="row">3 <span class="mark good">best</span></th><td>0.750</td>', section)
    assert 'role="img" aria-label="Parallel coordinates of 3 trials' in section


def test_a_page_without_importances_says_so(six):
    found = search(trial(1, 0.5, x=1), trial(2, 0.5, x=2))
    section = section_of(page_of(six, found))
    assert "Too few trials" in section and 'class="bar"' not in section and "Why it failed" not in section


def test_the_axes_are_those_of_the_experiments_space(six, found):
    space = {"rate": {"choice": None, "float": [1e-5, 1.0], "int": None, "log": True}}
    section = section_of(page_of(six, found, tuner={"space": space}))
    assert "rate (log scale)" in section and "rate (1e−05 to 1, logarithmic)" in section


def test_names_values_and_messages_are_escaped(six):
    found = search(
        trial(1, 0.5, **{HOSTILE: HOSTILE}),
        trial(2, 0.6, **{HOSTILE: "b"}),
        trial(3, None, message=HOSTILE, **{HOSTILE: "c"}),
        best=2,
        objective=HOSTILE,
        importance={HOSTILE: 1.0},
    )
    section = section_of(page_of(six, found))
    assert "<script" not in section and "<img" not in section
    assert section.count("</svg>") == section.count("<svg")


def test_score_that_is_no_share_of_records_gets_no_interval_but_the_number_of_records():
    found = search(trial(1, 0.5, x=1), trial(2, 0.625, x=2), best=2)
    first, caution = comparison(found, {"common": 90, "rare": 10})
    assert first == (
        "Trial 2 reached val_macro_f1 0.625, the experiment's own settings (trial 1) 0.500: a difference of +0.125."
    )
    assert "2 scores on the same 100 records" in caution
    assert "one of the 10 records of rare moves its recall by 10.0\N{NO-BREAK SPACE}%" in caution
    assert "No interval takes that into account" in caution


def test_gain_over_the_own_settings_has_its_interval():
    found = search(trial(1, 0.5, x=1), trial(2, 0.625, x=2), best=2)
    for low, doubt in ((-0.01, True), (0.02, False)):
        gain = SearchGain(gain=0.125, low=low, high=0.25)
        sentences = comparison(found.model_copy(update={"gain": gain}), {"common": 90, "rare": 10})
        shown = "−0.010" if doubt else "+0.020"
        assert f"a difference of +0.125, 95 % interval {shown} to +0.250." in sentences[0]
        assert any("cannot be told apart" in sentence for sentence in sentences) == doubt


def test_accuracy_gets_the_wilson_interval_of_its_records():
    found = search(trial(1, 0.8, x=1), trial(2, 0.9, x=2), best=2, objective="val_accuracy")
    first, caution = comparison(found, {"common": 90, "rare": 10})
    for hits in (80, 90):
        low, high = wilson_interval(hits, 100)
        assert f"({low:.3f}–{high:.3f})" in first
    assert "No interval" not in caution


def test_trials_of_different_length_are_said_to_be():
    found = search(trial(1, 0.5, epochs=4, x=1), trial(2, 0.6, epochs=12, x=2), best=2)
    assert "They did not train equally long: 12 epochs against 4 epochs." in comparison(
        found, {"a": 9, "b": 1}
    )


def test_own_settings_that_none_beat_are_called_so():
    [only] = comparison(search(trial(1, 0.6, x=1), trial(2, 0.5, x=2)), {"a": 9, "b": 1})
    assert (
        only == "None of 2 trials did better than the experiment's own settings, trial 1: val_macro_f1 0.600."
    )


def test_own_settings_that_failed_are_no_measure():
    [only] = comparison(search(trial(1, None, x=1), trial(2, 0.5, x=2), best=2), {"a": 9, "b": 1})
    assert "trial 1, failed" in only


def test_a_loss_is_not_spoken_of_as_a_recall():
    found = search(trial(1, 0.5, x=1), trial(2, 0.4, x=2), best=2, objective="val_loss", direction="min")
    first, caution = comparison(found, {"a": 9, "b": 1})
    assert first.endswith("a difference of −0.100.") and "recall" not in caution


def test_records_scored_are_those_of_the_split_summary(six):
    classes = six.split_summary["classes"]
    summary = SplitSummary.model_validate(six.split_summary)
    assert scored_counts(summary, False) == {name: splits["eval"] for name, splits in classes.items()}
    assert scored_counts(summary, True) == {
        name: splits["train"] + splits["eval"] for name, splits in classes.items()
    }
