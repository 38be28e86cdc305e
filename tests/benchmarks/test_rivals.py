"""What the benchmark of tables keeps, and how it compares."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import ttest_rel
from sklearn.metrics import average_precision_score, f1_score, log_loss, recall_score

from benchmarks.readme_block import replace_block
from benchmarks.rivals.answers import Answers, figures_of
from benchmarks.rivals.classifiers import CLASSIFIERS
from benchmarks.rivals.kept_lines import KeptLines
from benchmarks.rivals.own_run import row_of
from benchmarks.rivals.paired import ahead_and_behind, over_records, over_seeds
from benchmarks.rivals.sources import LABEL, RARE, SOURCES, load_table


def test_a_result_is_found_again_though_the_end_cut_the_last_line_short(tmp_path):
    path = tmp_path / "runs.jsonl"
    KeptLines(path).keep(table="a", seed=0, seconds=1.5)
    path.write_text(path.read_text() + '{"table": "b", "se')
    again = KeptLines(path)
    assert again.find(table="a", seed=0)["seconds"] == 1.5 and again.find(table="b") is None
    again.keep(table="b", seed=1)
    assert KeptLines(path).find(table="b", seed=1) and KeptLines(path).find(table="a")


def test_the_interval_over_seeds_is_that_of_the_paired_t_test_where_splits_share_nothing():
    ours, others = [0.71, 0.75, 0.69, 0.80], [0.70, 0.70, 0.70, 0.74]
    found = over_seeds(ours, others, test_share=0.0)
    low, high = ttest_rel(ours, others).confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((low, high))
    shared = over_seeds(ours, others, test_share=0.15)
    # Bouckaert and Frank (2004), after Nadeau and Bengio: 1/k + n2/n1 in place of 1/k.
    assert (shared.high - shared.low) / (high - low) == pytest.approx(math.sqrt(1 + 4 * 0.15 / 0.85))
    assert math.isnan(over_seeds([0.7], [0.6], 0.15).low)


def test_a_better_ranking_is_ahead_on_its_records_and_the_same_one_is_not():
    random = np.random.default_rng(0)
    is_rare = np.arange(400) % 8 == 0
    good, poor = (np.clip(is_rare * lift + random.random(400) / 2, 0, 1) for lift in (0.4, 0.05))
    ours, others = Answers(good, good > 0.5), Answers(poor, poor > 0.5)
    found = over_records(is_rare, ours, others, seed=0)["average_precision"]
    assert found.second == pytest.approx(average_precision_score(is_rare, good)) and found.low > 0
    same = over_records(is_rare, ours, ours, seed=0)["average_precision"]
    assert ahead_and_behind([found, same]) == "1 / 0 of 2"


@settings(max_examples=30)
@given(st.lists(st.tuples(st.booleans(), st.sampled_from([0.0, 0.2, 0.5, 1.0]), st.booleans()), max_size=20))
def test_figures_are_those_of_scikit_learn_with_equal_scores_too(rows):
    rows = [*rows, (True, 0.5, False), (False, 0.2, True)]
    is_rare, rare, decided = (np.array(column) for column in zip(*rows, strict=True))
    shares = np.clip(rare, 1e-7, 1 - 1e-7)
    assert figures_of(is_rare, Answers(rare, decided)) == pytest.approx(
        {
            "average_precision": average_precision_score(is_rare, rare),
            "macro_f1": f1_score(is_rare, decided, average="macro"),
            "log_loss": log_loss(is_rare, shares),
            "recall": recall_score(is_rare, decided),
        }
    )


def test_rows_are_told_by_the_key_of_their_record():
    assert row_of("a table, of rows.csv, row 13") == 12


def test_a_rival_ranks_the_rare_rows_of_a_table_with_gaps_and_categories_first():
    table = load_table("breast_cancer", None)
    assert len(table) == 397 and (table[LABEL] == RARE).sum() == 40
    table["mean area"] = table["mean area"].where(np.arange(397) % 5 > 0)
    table["texture"] = np.where(table["mean texture"] > 20, "rough", "smooth")
    is_test = np.arange(397) % 3 == 0
    answers = CLASSIFIERS["BalancedRandomForest"](table[~is_test], table[is_test], 0)
    assert figures_of((table[LABEL] == RARE).to_numpy()[is_test], answers)["average_precision"] > 0.8


def test_every_table_is_split_by_shares_that_sum_to_one():
    assert all(sum(source.splits) == pytest.approx(1) for source in SOURCES.values())


def test_a_block_of_a_document_is_replaced_and_nothing_else(tmp_path):
    path = tmp_path / "README.md"
    path.write_text("before\n<!-- x -->\nold\n<!-- /x -->\nafter\n")
    replace_block(path, "x", ["| new |"])
    assert path.read_text() == "before\n<!-- x -->\n| new |\n<!-- /x -->\nafter\n"
    with pytest.raises(ValueError, match="expected the marks <!-- y -->"):
        replace_block(path, "y", [])
