"""What is left out is said with its number, its reason and the way out."""

import numpy as np

from components.stratified_example_gen.account_text import class_rows, losses, sentences
from components.stratified_example_gen.index import index_records
from components.stratified_example_gen.plan import Plan
from components.stratified_example_gen.records import BadRecord, LeftOut, Record
from components.stratified_example_gen.settings import DataSettings
from components.stratified_example_gen.summary import class_index, split_summary
from core.documents.split_summary import ColumnAccount
from core.splitting import DROPPED


def summary_of(num_repeats, policy="drop", bad=(), left_out=(), **more):
    """100 records of `good`, 20 of `claim` of which the last repeat the first; the first one of `good` is moved."""
    records = [Record(f"r{n}", "good" if n < 100 else "claim") for n in range(120)]
    indexes = [index_records(iter([*records, *bad]), 1000)]
    repeats = np.arange(120) >= 120 - num_repeats
    splits = np.where(repeats & (policy == "drop"), DROPPED, 0).astype(np.uint8)
    plan = Plan(splits, repeats, np.arange(120) == 0, 0, np.arange(120))
    settings = DataSettings(format="csv", path="t.csv", duplicates=policy)
    summary = split_summary(*class_index(indexes), plan, indexes, settings, left_out)
    return summary.model_copy(update=more)


def test_dropped_repeats_of_a_class_are_a_loss_with_a_way_out():
    summary = summary_of(15)
    assert losses(summary) == [
        "Class 'claim' keeps 5 of 20 records: 15 repeat another and are dropped. Its share of the data becomes 0.048 "
        "instead of 0.167. To keep repeats, set data.duplicates to keep_together."
    ]
    assert sentences(summary)[0] == (
        "Records: 120 found, 105 used, 15 left out (15 repeat another and are dropped)."
    )
    assert [(row.name, row.found, row.used) for row in class_rows(summary)] == [
        ("claim", 20, 5),
        ("good", 100, 100),
    ]


def test_kept_repeats_are_no_loss_and_are_told():
    summary = summary_of(15, "keep_together")
    assert losses(summary) == []
    assert any(line.startswith("15 repeats of another record") for line in sentences(summary))


def test_bad_records_of_a_class_are_a_loss_without_the_way_out_of_repeats():
    summary = summary_of(0, bad=[BadRecord("x", "is empty", "claim"), BadRecord("y", "has no label")])
    assert losses(summary) == [
        "Class 'claim' keeps 20 of 21 records: 1 cannot be used. Its share of the data becomes 0.167 instead of 0.172."
    ]
    assert "2 bad records left out: x is empty; y has no label." in sentences(summary)


def test_moved_records_files_columns_and_notes_are_told():
    left_out = [LeftOut(f"good/{n}", "is a broken link") for n in range(7)]
    columns = ColumnAccount(used={"age": "numeric", "claim": "label"}, left_out={"id": "data.drop names it"})
    said = sentences(
        summary_of(0, left_out=left_out, columns=columns, notes=("Cells are set apart by ';'.",))
    )
    assert any("1 record put into another split" in line and "good: 1 of 100" in line for line in said)
    assert any(line.startswith("7 files left out: good/0 is a broken link;") for line in said)
    assert any("and 2 more, in splits.csv" in line for line in said)
    assert "2 columns used: age (numeric), claim (label)." in said
    assert "1 column left out: id (data.drop names it)." in said
    assert said[-1] == "Cells are set apart by ';'."
