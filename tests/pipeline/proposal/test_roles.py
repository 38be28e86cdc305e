"""What the columns of a table are taken for."""

import pytest
from PIL import Image

from core.errors import InputError
from pipeline.proposal.data_facts import gather_facts
from tests.pipeline.proposal.tables import facts_of, measured, of_two, write_table

ROWS = 200
LABEL = {"size": measured(ROWS), "label": of_two(ROWS, 30)}


def roles_of(tmp_path, **columns):
    return facts_of(tmp_path, {**columns, **LABEL}).roles


def test_numbers_and_texts_are_told_apart_as_the_pipeline_does(tmp_path):
    roles = roles_of(
        tmp_path,
        rooms=[str(row % 7) if row % 10 else "" for row in range(ROWS)],
        colour=["red", "blue"] * 100,
        mixed=[str(row % 9) if row % 5 else "x" for row in range(ROWS)],
    )
    assert roles.numeric == ["rooms", "size"] and roles.categorical == ["colour", "mixed"]
    assert not roles.drop and not roles.slips


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("Unnamed: 0", [str(row) for row in range(ROWS)]),
        ("customer_id", [str(row * 7919 % 100_003) for row in range(ROWS)]),
        ("PassengerId", [str(row * 7919 % 100_003) for row in range(ROWS)]),
        ("ticket", [f"T{row}" for row in range(ROWS)]),
        ("ticket", [f"T{max(row, 8)}" for row in range(ROWS)]),
    ],
)
def test_id_like_column_is_dropped(tmp_path, name, cells):
    assert list(roles_of(tmp_path, **{name: cells}).drop) == [name]


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("income", [str(row * 7919 % 100_003) for row in range(ROWS)]),
        ("fluid", measured(ROWS)),
        ("town", [f"T{row // 2}" for row in range(ROWS)]),
        ("age_of_customer", [str(row % 60) for row in range(ROWS)]),
        ("device", ["phone", "desktop"] * 100),
    ],
)
def test_what_only_resembles_an_id_or_group_is_kept(tmp_path, name, cells):
    roles = roles_of(tmp_path, **{name: cells})
    assert name in [*roles.numeric, *roles.categorical] and roles.group is None


def test_constant_and_empty_columns_are_dropped_but_not_a_flag_that_is_sometimes_missing(tmp_path):
    roles = roles_of(
        tmp_path,
        unit=["mm"] * ROWS,
        nothing=["NA"] * ROWS,
        flag=["x" if row % 9 == 0 else "" for row in range(ROWS)],
    )
    assert set(roles.drop) == {"unit", "nothing"} and roles.categorical == ["flag"]


def test_column_that_repeats_the_label_is_dropped(tmp_path):
    roles = roles_of(
        tmp_path,
        code=["1" if name == "rare" else "0" for name in LABEL["label"]],
        other=of_two(ROWS, 31, ("0", "1")),
    )
    assert list(roles.drop) == ["code"] and "other" in roles.numeric


@pytest.mark.parametrize("name", ["patient_id", "userID", "device", "Track No"])
def test_repeated_name_of_somebody_or_something_is_the_group(tmp_path, name):
    roles = roles_of(tmp_path, **{name: [str(row // 4) for row in range(ROWS)]})
    assert roles.group == name and not roles.drop


def test_coarsest_of_several_groups_is_taken_and_one_with_gaps_is_not(tmp_path):
    roles = roles_of(
        tmp_path,
        scan_id=[f"S{row // 2}" for row in range(ROWS)],
        patient_id=[f"P{row // 8}" for row in range(ROWS)],
        site=[f"H{row // 10}" if row else "" for row in range(ROWS)],
    )
    assert roles.group == "patient_id" and set(roles.drop) == {"scan_id", "site"}


def test_column_of_splits_is_used_as_such(tmp_path):
    facts = facts_of(tmp_path, {"split": ["train", "train", "Val", "test"] * 50, **LABEL})
    assert facts.roles.split == "split"
    assert sum(facts.train_counts.values()) == 100 and sum(facts.counts.values()) == ROWS


def test_column_of_splits_gives_way_to_the_groups_that_it_tears_apart(tmp_path):
    patients = [str(row // 4) for row in range(ROWS)]
    torn = roles_of(tmp_path, patient=patients, split=["train", "train", "train", "test"] * 50)
    assert (torn.group, torn.split, list(torn.drop)) == ("patient", None, ["split"])
    kept = roles_of(tmp_path, patient=patients, split=["train"] * 120 + ["test"] * 80)
    assert (kept.group, kept.split) == ("patient", "split") and not kept.drop


def test_column_with_slips_is_taken_for_categories_instead_of_stopping(tmp_path):
    roles = roles_of(tmp_path, price=["oops", *measured(ROWS)[1:]])
    assert roles.slips == {"price": "oops"}


def test_images_beside_the_table_are_found(tmp_path):
    names = [f"pictures/{row}.PNG" for row in range(ROWS)]
    (tmp_path / "pictures").mkdir()
    for name in names:
        Image.new("L", (30, 20)).save(tmp_path / name)
    facts = facts_of(tmp_path, {"file": names, **LABEL})
    assert facts.roles.image == "file" and not facts.roles.drop
    assert (facts.images.height, facts.images.width, facts.images.grey) == (20, 30, True)


def test_names_of_images_that_are_not_there_are_dropped(tmp_path):
    roles = roles_of(tmp_path, file=[f"{row}.jpg" for row in range(ROWS)])
    assert roles.image is None and "names images" in roles.drop["file"]


def test_of_a_large_table_a_constant_is_kept_and_classes_and_groups_are_counted_exactly(tmp_path):
    rows = 20_000
    table = write_table(
        tmp_path / "t.csv",
        {
            # Each patient's two rows stand far apart, never both in one piece.
            "patient": [f"P{row % (rows // 2)}" for row in range(rows)],
            "flag": ["x"] * (rows // 3) + ["y"] + ["x"] * (rows - rows // 3 - 1),
            "size": measured(rows),
            "label": of_two(rows, 7),
        },
    )
    facts = gather_facts(table, whole_bytes=20_000)
    assert not facts.sample.whole and facts.exact
    assert facts.counts == {"common": rows - 7, "rare": 7}
    assert facts.roles.group == "patient"
    assert facts.roles.constant_in_sample == ["flag"] and not facts.roles.drop


def test_class_that_the_sample_has_none_of_is_still_found(tmp_path):
    rows = 20_000
    classes = ["no"] * (rows // 3) + ["yes"] + ["no"] * (rows - rows // 3 - 1)
    table = write_table(tmp_path / "t.csv", {"size": measured(rows), "label": classes})
    for limits in ({}, {"counted_bytes": 1000}):
        facts = gather_facts(table, whole_bytes=20_000, **limits)
        assert set(facts.sample.columns["label"]) == {"no"}
        assert facts.exact and facts.counts == {"no": rows - 1, "yes": 1}


def test_classes_of_a_table_too_large_to_count_are_estimated(tmp_path):
    rows = 20_000
    columns = {"size": measured(rows), "label": of_two(rows, rows // 4)}
    facts = gather_facts(write_table(tmp_path / "t.csv", columns), whole_bytes=20_000, counted_bytes=1000)
    assert not facts.exact and facts.counts["common"] == pytest.approx(0.75 * rows, rel=0.1)


def test_nothing_left_to_learn_from_is_refused(tmp_path):
    with pytest.raises(InputError, match="nothing is left to learn from"):
        facts_of(tmp_path, {"id": [str(row) for row in range(ROWS)], "label": LABEL["label"]})
