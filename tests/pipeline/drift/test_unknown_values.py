"""A column of values that the model never saw is named."""

from components.stratified_example_gen.records import BadRecord, Record
from core.features import MISSING_CATEGORY
from pipeline.drift.unknown_values import ValueCounts, Vocabularies, merge_counts


def vocabularies(tmp_path, **known):
    (tmp_path / "assets").mkdir()
    for position, name in enumerate(sorted(known)):
        (tmp_path / "assets" / f"categories_{position}").write_text(
            "".join(f"{one}\n" for one in known[name])
        )
    return Vocabularies(str(tmp_path), known)


def seen_in(chosen, *cells):
    seen: dict[str, ValueCounts] = {}
    records = [BadRecord("r", "is bad"), *(Record("r", "", dict(row)) for row in cells)]
    assert list(chosen.watch(records, seen)) == records
    return seen


def test_a_column_of_mostly_unknown_values_is_said_with_examples(tmp_path):
    known = vocabularies(tmp_path, colour=[MISSING_CATEGORY, "red", "green", "blue", "pink"], size=["S", "M"])
    rows = [{"colour": one, "size": "S"} for one in ("rouge", None, "red", "vert")]
    assert known.mostly_unknown(seen_in(known, *rows)) == [
        "Column 'colour': 2 of 3 values are unknown to the model, such as 'rouge'; it knows 'red', 'green', 'blue', …. "
        "Is it that column, spelled as in training?"
    ]


def test_half_a_column_other_spellings_and_missing_values_are_no_matter(tmp_path):
    known = vocabularies(tmp_path, code=["3", "true", "café"])
    rows = [{"code": one} for one in ("3.0", "TRUE", "cafe\u0301", "x", "y", "z", None)]
    assert seen_in(known, *rows) == {"code": ValueCounts(6, 3, "x")}
    assert known.mostly_unknown(seen_in(known, *rows)) == []


def test_a_column_without_known_values_says_nothing(tmp_path):
    known = vocabularies(tmp_path, serial=[], other=[MISSING_CATEGORY])
    assert known.mostly_unknown(seen_in(known, {"serial": "n1", "other": "x"})) == []
    assert Vocabularies(str(tmp_path / "of another origin"), ["serial"]).mostly_unknown({}) == []


def test_pieces_add_up_in_their_order():
    pieces = [
        {"a": ValueCounts(3, 0)},
        {"a": ValueCounts(2, 1, "x"), "b": ValueCounts(1, 1, "z")},
        {"a": ValueCounts(2, 2, "y")},
    ]
    assert merge_counts(pieces) == {"a": ValueCounts(7, 3, "x"), "b": ValueCounts(1, 1, "z")}
