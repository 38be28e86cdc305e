"""Corrections against the data: counts after them, and refusals before anything is computed."""

import io

import numpy as np
import pytest
from PIL import Image

from components.stratified_example_gen.account_text import sentences
from components.stratified_example_gen.check_data import check_data
from components.stratified_example_gen.corrections.check_corrections import corrected_counts
from components.stratified_example_gen.corrections.corrected_source import (
    REMOVED,
    corrections_of,
    with_corrections,
)
from components.stratified_example_gen.corrections.corrections_summary import corrections_summary
from components.stratified_example_gen.fingerprint import fingerprint
from components.stratified_example_gen.index import Index, index_records
from components.stratified_example_gen.plan import plan_splits
from components.stratified_example_gen.records import BadRecord
from components.stratified_example_gen.settings import DataSettings
from components.stratified_example_gen.sources import open_source
from components.stratified_example_gen.summary import (
    class_index,
    raise_bad_records,
    split_summary,
    write_splits_table,
)
from core.errors import InputError
from core.spreadsheet_csv import read_spreadsheet


@pytest.fixture
def table(tmp_path):
    rows = ["width,kind", *(f"{number},{'rare' if number < 4 else 'common'}" for number in range(20))]
    (tmp_path / "parts.csv").write_text("\n".join(rows) + "\n")
    return tmp_path


def settings_of(folder, text: str | None) -> DataSettings:
    path = folder / "corrections.csv"
    if text is not None:
        path.write_text(text)
    data = {"format": "csv", "path": str(folder / "parts.csv"), "label": "kind"}
    return DataSettings(**data, corrections=None if text is None else str(path))


def counts_of(settings: DataSettings):
    return corrected_counts(settings, 0, check_data(settings, 0))


def indexed(settings: DataSettings) -> list[Index]:
    source = with_corrections(open_source(settings, 0), settings)
    return [
        Index.from_bytes(index_records(source.read(chunk), 10**6).to_bytes()) for chunk in source.chunks()
    ]


GOOD = 'key,label,was\n"parts.csv, row 5",rare,common\n"parts.csv, row 6",,common\n"parts.csv, row 1",rare,rare\n'


def test_classes_are_counted_after_the_corrections(table):
    assert counts_of(settings_of(table, None)) == {"rare": 4, "common": 16}
    assert counts_of(settings_of(table, GOOD)) == {"rare": 5, "common": 14}


def test_what_is_read_is_counted_named_and_written_down(table):
    settings = settings_of(table, GOOD)
    indexes = indexed(settings)
    raise_bad_records(indexes, "fail")
    classes, labels = class_index(indexes)
    digests = np.concatenate([one.digests for one in indexes])
    plan = plan_splits(classes, labels, digests, np.concatenate([one.given for one in indexes]), settings, 0)
    summary = split_summary(classes, labels, plan, indexes, settings)
    applied = summary.corrections
    assert (applied.relabelled, applied.left_out, applied.confirmed) == (1, 1, 1)
    assert applied.changes == {"common": {"rare": 1}}
    assert [(one.key, one.was, one.label) for one in applied.shown] == [
        ("parts.csv, row 5", "common", "rare"),
        ("parts.csv, row 6", "common", ""),
    ]
    assert summary.skipped_count == 0 and summary.account.records.bad == 0
    for counts in (summary.account.records, *summary.account.classes.values()):
        assert counts.found == counts.used + counts.duplicates + counts.bad + counts.removed
    assert summary.account.records.found == 20 and summary.account.classes["common"].removed == 1
    said = " ".join(sentences(summary))
    assert "1 record of another class (common to rare: 1), 1 left out, 1 confirmed" in said
    assert "row 5 is rare, not common; parts.csv, row 6 is left out" in said
    handle = io.StringIO(newline="")
    write_splits_table(handle, indexes, plan, has_corrections=True)
    rows = {row["key"]: row for row in read_spreadsheet(io.StringIO(handle.getvalue(), newline=""))}
    assert len(rows) == 20 and rows["parts.csv, row 5"]["class"] == "rare"
    assert {key: row["class_in_data"] for key, row in rows.items() if row["class_in_data"]} == {
        "parts.csv, row 5": "common",
        "parts.csv, row 6": "common",
    }
    assert rows["parts.csv, row 6"]["dropped_because"] == REMOVED and not rows["parts.csv, row 6"]["split"]


def test_without_corrections_nothing_is_said_of_them(table):
    settings = settings_of(table, None)
    indexes = indexed(settings)
    classes, labels = class_index(indexes)
    digests = np.concatenate([one.digests for one in indexes])
    plan = plan_splits(classes, labels, digests, np.concatenate([one.given for one in indexes]), settings, 0)
    written = split_summary(classes, labels, plan, indexes, settings).to_json()
    assert "corrections" not in written and "removed" not in written


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            'key,label\n"parts.csv, row 21",rare\n',
            "1 of 1 keys name no record of the data, the first 'parts.csv, row 21'",
        ),
        ('key,label\n"parts.csv, row 2",rear\n', "Did you mean 'rare'? Classes: common, rare."),
        (
            'key,label,was\n"parts.csv, row 9",rare,rare\n',
            "was 'rare' when it was looked at, and is 'common'",
        ),
        (
            'key,label\n"parts.csv, row 1",\n"parts.csv, row 2",common\n',
            "of class 'rare' 2 of 4 examples are left; 3",
        ),
    ],
)
def test_what_does_not_fit_the_data_is_refused(table, text, words):
    with pytest.raises(InputError) as error:
        counts_of(settings_of(table, text))
    assert words in str(error.value)


def test_a_class_is_found_however_it_is_spelled(tmp_path):
    rows = ["width,kind", *(f"{number},{number % 2}.0" for number in range(20))]
    (tmp_path / "parts.csv").write_text("\n".join(rows) + "\n")
    settings = settings_of(tmp_path, 'key,label,was\n"parts.csv, row 1",1,0\n')
    assert corrections_of(settings)["parts.csv, row 1"].label == "1.0"
    assert counts_of(settings) == {"0.0": 9, "1.0": 11}


def test_the_content_of_the_file_is_part_of_the_fingerprint(table):
    first = fingerprint(settings_of(table, GOOD))
    assert fingerprint(settings_of(table, GOOD)) == first
    assert fingerprint(settings_of(table, GOOD.replace("row 5", "row 7"))) != first
    assert fingerprint(settings_of(table, None)) != first


def test_images_are_named_by_their_paths_and_not_decoded(tmp_path):
    for name, count in {"good": 6, "crack": 4}.items():
        (tmp_path / "parts" / name).mkdir(parents=True)
        for number in range(count):
            pixels = np.full((4, 4), 20 * number + len(name), np.uint8)
            Image.fromarray(pixels).save(tmp_path / "parts" / name / f"{number}.png")
    for number in (4, 5):
        (tmp_path / f"parts/good/{number}.png").write_bytes(b"\x89PNG\r\n\x1a\n broken")
    path = tmp_path / "corrections.csv"
    path.write_text("key,label\ngood/1.png,crack\ngood/4.png,good\ngood/5.png,\n")
    settings = DataSettings(format="image_folder", path=str(tmp_path / "parts"), corrections=str(path))
    assert corrected_counts(settings, 0, {"good": 6, "crack": 4}) == {"good": 4, "crack": 5}
    source = with_corrections(open_source(settings, 0), settings)
    records = {one.key: one for chunk in source.chunks() for one in source.read(chunk)}
    assert records["good/1.png"].label == "crack" and records["good/2.png"].label_in_data is None
    # One that cannot be read is no longer an error once a person has it left out.
    assert records["good/5.png"] == BadRecord("good/5.png", REMOVED, "good", is_removed=True)
    assert "which the class that data.corrections gives it does not mend" in records["good/4.png"].why
    summary = corrections_summary([index_records(iter(records.values()), 10**6)], "c.csv")
    assert (summary.relabelled, summary.left_out, summary.confirmed) == (1, 1, 0)
