"""Honest repeats in a table of few values."""

from pipeline.proposal.data_section import data_choices
from tests.pipeline.proposal.tables import facts_of, measured, of_two


def test_repeats_are_counted_and_kept_with_the_shares_that_dropping_would_make(tmp_path):
    columns = {"age": ["young", "old"] * 150, "claim": of_two(300, 30)}
    facts = facts_of(tmp_path, columns, "claim")
    different = len(set(zip(columns["age"], columns["claim"], strict=True)))
    assert facts.repeats.num_repeats == 300 - different
    assert (facts.repeats.share, facts.repeats.rarest) == (0.1, "rare")
    [choice] = [choice for choice in data_choices(facts, ".") if choice.key == "data.duplicates"]
    assert choice.value == "keep_together"
    assert f"{300 - different} of 300 rows" in choice.reason and "instead of 0.100" in choice.reason


def test_a_table_without_repeats_says_nothing_of_them(tmp_path):
    facts = facts_of(tmp_path, {"age": measured(300), "claim": of_two(300, 30)}, "claim")
    assert facts.repeats.num_repeats == 0
    assert "data.duplicates" not in {choice.key for choice in data_choices(facts, ".")}
