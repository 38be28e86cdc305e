"""Every record is accounted for."""

import csv
import io

import numpy as np
import pytest

from components.stratified_example_gen.index import index_records
from components.stratified_example_gen.plan import Plan
from components.stratified_example_gen.records import BadRecord, LeftOut, Record
from components.stratified_example_gen.settings import DataSettings
from components.stratified_example_gen.summary import (
    class_index,
    group_index,
    near_duplicate_summary,
    raise_bad_records,
    split_summary,
    write_splits_table,
)
from core.documents.split_summary import Duplicates, LeftOutThing, Sighting
from core.errors import InputError
from core.splitting import DROPPED

SETTINGS = DataSettings(format="csv", path="t.csv")
MAX_PIXELS = 1000


def bad(count):
    return [BadRecord(f"row {number}", "is empty") for number in range(1, count + 1)]


@pytest.fixture
def indexes():
    first = [Record("a", "dog", group="g2"), BadRecord("b", 'holds "x", y'), Record("c", "cat", group="g1")]
    second = [Record("d", "emu", group="g1"), Record('e, "f"', "cat", group="g3")]
    return [index_records(iter(records), MAX_PIXELS) for records in (first, second)]


PLAN = Plan(
    np.array([0, 2, 1, DROPPED], np.uint8),
    repeats=np.array([False, False, False, True]),
    moved=np.zeros(4, bool),
    contradictory=0,
    sets=np.array([0, 1, 2, 0]),
)


def test_bad_records_are_named_and_counted():
    raise_bad_records([index_records(iter([]), MAX_PIXELS)], "fail")
    with pytest.raises(InputError, match=r"^row 1 is empty; row 2 is empty\. Mend"):
        raise_bad_records([index_records(iter(bad(2)), MAX_PIXELS)], "fail")
    with pytest.raises(InputError, match=r"row 5 is empty; and 2 more\. .*data\.on_bad_record to skip"):
        raise_bad_records(
            [index_records(iter(bad(3)), MAX_PIXELS), index_records(iter(bad(7)[3:]), MAX_PIXELS)], "fail"
        )


def test_bad_records_may_be_skipped():
    raise_bad_records([index_records(iter(bad(2)), MAX_PIXELS)], "skip")


def test_classes_are_sorted_over_all_chunks(indexes):
    classes, labels = class_index(indexes)
    assert classes == ["cat", "dog", "emu"]
    assert [classes[label] for label in labels] == ["dog", "cat", "emu", "cat"]


def test_classes_that_look_alike_are_refused_with_their_counts():
    chunks = [
        [Record("a", "caf\u00e9"), Record("b", "cafe\u0301")],
        [Record("c", "caf\u00e9"), Record("d", "tea")],
    ]
    with pytest.raises(InputError, match=r"\(2 examples\) and .*u0301' \(1 example\)"):
        class_index([index_records(iter(chunk), MAX_PIXELS) for chunk in chunks])


def test_classes_lose_what_nobody_sees():
    chunk = [Record("a", "cafe\u0301 "), Record("b", "tea")]
    classes, labels = class_index([index_records(iter(chunk), MAX_PIXELS)])
    assert classes == ["café", "tea"] and labels.tolist() == [0, 1]


@pytest.mark.parametrize(
    ("records", "message"),
    [([], "have 0 classes. "), ([Record("a", "cat"), *bad(3)], "have 1 classes: 'cat'")],
)
def test_fewer_than_two_classes_are_refused(records, message):
    for chunks in ([records], [records, []]):
        with pytest.raises(InputError, match=message):
            class_index([index_records(iter(chunk), MAX_PIXELS) for chunk in chunks])
    with pytest.raises(InputError, match="have 0 classes"):
        class_index([])


def test_groups_are_numbered_over_all_chunks(indexes):
    groups = group_index(indexes)
    assert groups[1] == groups[2] and len(set(groups.tolist())) == 3
    assert group_index([index_records(iter([Record("a", "cat")]), MAX_PIXELS)]) is None


def test_summary_counts_every_record(indexes):
    summary = split_summary(*class_index(indexes), PLAN, indexes, SETTINGS)
    assert summary.splits == ("train", "eval", "test")
    assert summary.classes == {
        "cat": {"train": 0, "eval": 0, "test": 1},
        "dog": {"train": 1, "eval": 0, "test": 0},
        "emu": {"train": 0, "eval": 1, "test": 0},
    }
    assert summary.duplicates == Duplicates(
        policy="keep_together", found=1, dropped=1, moved=0, contradictory=0
    )
    assert summary.skipped == (LeftOutThing(where="b", why='holds "x", y'),)
    assert summary.skipped_count == 1
    # The one cat is in test, where 0.15 of it are asked for.
    assert summary.deviation["cat"] == 0.85


def test_given_splits_have_no_share_to_miss(indexes):
    settings = DataSettings(format="csv", path="t.csv", splits={"column": "part"})
    summary = split_summary(*class_index(indexes), PLAN, indexes, settings)
    assert set(summary.deviation.values()) == {None}


def test_list_of_skipped_records_is_cut_but_not_their_number(indexes):
    many = [*indexes, index_records(iter(bad(1200)), MAX_PIXELS)]
    summary = split_summary(*class_index(many), PLAN, many, SETTINGS)
    assert len(summary.skipped) == 1000
    assert summary.skipped_count == 1201


def test_table_of_splits_accounts_for_every_record_in_reading_order(indexes):
    handle = io.StringIO()
    write_splits_table(handle, indexes, PLAN)
    assert list(csv.reader(io.StringIO(handle.getvalue()))) == [
        ["key", "class", "group", "split", "dropped_because"],
        ["a", "dog", "g2", "train", ""],
        ["c", "cat", "g1", "test", ""],
        ["b", "", "", "", 'holds "x", y'],
        ["d", "emu", "g1", "eval", ""],
        ['e, "f"', "cat", "g3", "", "duplicate"],
    ]


def test_images_that_look_alike_are_named_those_in_two_splits_first(image_of):
    pictures = [image_of(0), image_of(1), image_of(0), image_of(1), image_of(2)]
    records = [Record(str(number), "cat", image=picture) for number, picture in enumerate(pictures)]
    chunks = [index_records(iter(part), MAX_PIXELS) for part in (records[:2], records[2:])]
    plan = Plan(np.array([0, 0, 0, 2, 1], np.uint8), np.zeros(5, bool), np.zeros(5, bool), 0, np.arange(5))
    summary = near_duplicate_summary(plan, chunks, chunks)
    assert (summary.pairs, summary.crossing) == (2, 1)
    assert summary.shown == (
        (Sighting(key="1", split="train"), Sighting(key="3", split="test")),
        (Sighting(key="0", split="train"), Sighting(key="2", split="train")),
    )


def test_a_class_of_which_every_record_is_bad_is_not_lost_without_a_word(indexes):
    lost = index_records(
        iter([BadRecord("f", "is empty", "yak"), BadRecord("g", "is empty", "cat")]), MAX_PIXELS
    )
    with pytest.raises(InputError, match=r"Of class 'yak' no record can be used: f is empty\."):
        class_index([*indexes, lost])


def test_what_is_no_record_stands_in_the_table_of_splits_and_in_the_summary(indexes):
    left_out = [LeftOut("cat/Thumbs.db", "is a thumbnail cache")]
    handle = io.StringIO()
    write_splits_table(handle, indexes, PLAN, left_out)
    assert handle.getvalue().splitlines()[-1] == "cat/Thumbs.db,,,,is a thumbnail cache"
    summary = split_summary(*class_index(indexes), PLAN, indexes, SETTINGS, left_out)
    assert summary.files_left_out == (LeftOutThing(where="cat/Thumbs.db", why="is a thumbnail cache"),)
    assert summary.files_left_out_count == summary.account.files == 1


def test_no_cell_of_the_splits_table_is_taken_for_a_formula():
    records = [Record("=a.png", "-dog", group="+g"), BadRecord("@b.png", "is empty")]
    table = io.StringIO(newline="")
    indexes = [index_records(iter(records), MAX_PIXELS)]
    write_splits_table(
        table, indexes, Plan(np.zeros(1, np.uint8), np.zeros(1, bool), np.zeros(1, bool), 0, np.arange(1))
    )
    assert table.getvalue().splitlines()[1:] == ["'=a.png,'-dog,'+g,train,", "'@b.png,,,,is empty"]
