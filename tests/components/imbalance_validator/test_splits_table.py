import io

import numpy as np

from components.imbalance_validator import splits_table
from components.imbalance_validator.digests import text_digests
from components.imbalance_validator.splits_table import digest, groups_of, names_of
from core.spreadsheet_csv import SpreadsheetWriter

ROWS = [f"a/{number}.png" for number in range(7)]


def table():
    lines = ["key,class,group,split,dropped_because"]
    lines += [f"{key},c,p{number // 2},train," for number, key in enumerate(ROWS)]
    return io.StringIO("\n".join(lines) + "\n")


def test_groups_are_found_in_any_order_and_in_pieces(monkeypatch):
    monkeypatch.setattr(splits_table, "_ROWS_AT_ONCE", 3)
    order = [5, 0, 3, 6, 2]
    keys = text_digests([ROWS[number].encode() for number in order])
    expected = text_digests([f"p{number // 2}".encode() for number in order])
    np.testing.assert_array_equal(groups_of(table(), keys), expected)


def test_a_record_that_the_table_does_not_hold_is_a_group_of_its_own():
    keys = text_digests([b"a/0.png", b"elsewhere", b"nowhere"])
    groups = groups_of(table(), keys)
    assert len(np.unique(groups, axis=0)) == 3
    np.testing.assert_array_equal(groups[0], text_digests([b"p0"])[0])
    assert len(groups_of(table(), keys[:0])) == 0


def test_names_are_found_by_their_digests():
    wanted = [digest("a/3.png"), digest("not there")]
    assert names_of(table(), "key", wanted) == {digest("a/3.png"): "a/3.png"}
    assert names_of(table(), "group", [digest("p1")]) == {digest("p1"): "p1"}


def test_a_name_that_is_not_utf8_can_be_looked_up():
    assert digest("caf\udce9") == tuple(text_digests([b"caf\xe9"])[0].tolist())


def test_cells_that_were_neutralised_for_spreadsheets_are_looked_up_as_they_were():
    text = io.StringIO(newline="")
    SpreadsheetWriter(text).writerows([["key", "group"], ["=1.png", "-p"], ["'@2.png", "\rp"]])
    text.seek(0)
    wanted = [digest("=1.png"), digest("'@2.png")]
    assert set(names_of(text, "key", wanted).values()) == {"=1.png", "'@2.png"}
    text.seek(0)
    keys = text_digests([b"'@2.png", b"=1.png"])
    np.testing.assert_array_equal(groups_of(text, keys), text_digests([b"\rp", b"-p"]))
