"""Time that a search has, of the minutes of the whole command."""

import time

import pytest

from core.file_names import BEGAN_VARIABLE
from models.strategies.budget import budget_of
from models.strategies.oracle import Budget


def test_what_comes_after_takes_longer_than_what_came_before(tmp_path, monkeypatch):
    monkeypatch.setenv(BEGAN_VARIABLE, repr(time.time() - 100))
    budget = budget_of(10, str(tmp_path))
    assert budget.overhead == pytest.approx(130, abs=1)
    assert budget.end - time.time() == pytest.approx(500, abs=1)
    assert budget.left(training=70) == pytest.approx(300, abs=1)
    # Of what is left for trials, 300 seconds, a fifth is kept for several strategies together.
    assert budget.left(training=70, share=0.8) == pytest.approx(240, abs=1)


def test_a_search_that_goes_on_reckons_with_stages_as_they_were_before_the_cache(tmp_path, monkeypatch):
    monkeypatch.setenv(BEGAN_VARIABLE, repr(time.time() - 100))
    budget_of(10, str(tmp_path))
    monkeypatch.setenv(BEGAN_VARIABLE, repr(time.time() - 5))
    assert budget_of(10, str(tmp_path)).overhead == pytest.approx(130, abs=1)


def test_time_is_kept_for_the_training_of_what_is_chosen_by_more_folds_than_judged(tmp_path, monkeypatch):
    monkeypatch.setenv(BEGAN_VARIABLE, repr(time.time() - 100))
    assert budget_of(10, str(tmp_path), final=4.0).left(training=70) == pytest.approx(90, abs=1)


def test_without_minutes_there_is_no_limit(tmp_path):
    assert budget_of(None, str(tmp_path)).left(1e9) == float("inf")
    assert Budget(0.0, None).left(5.0, 0.5) == float("inf")
