"""Gathers facts about the data, from which an experiment is proposed."""

import dataclasses
import os
from collections import Counter
from dataclasses import dataclass

from components.stratified_example_gen.check_data import class_counts
from components.stratified_example_gen.images.folder import ClassFolders, ImageFolder, open_class_folders
from components.stratified_example_gen.records import LeftOut
from components.stratified_example_gen.settings import DataSettings
from components.stratified_example_gen.sources import open_source
from components.stratified_example_gen.table import label_defect, matching_files
from components.stratified_example_gen.table_formats import TABLE_FORMATS
from components.stratified_example_gen.table_sample import WHOLE_BYTES, TableSample
from core.errors import InputError
from core.missing import is_missing
from core.printable import listed
from pipeline.proposal.csv_checks import csv_warnings, explained_by_rows, refuse_faults
from pipeline.proposal.data_layout import DataLayout, find_layout
from pipeline.proposal.image_sample import ImageSample, find_non_images, sample_images
from pipeline.proposal.repeated_rows import RepeatedRows, find_repeated_rows
from pipeline.proposal.roles import Roles, find_roles
from pipeline.proposal.time_column import TimeColumn, find_time

# Tables up to this size are counted from end to end, which takes about a second for every 15 MB.
_COUNTED_BYTES = 100 * 2**20
_UNREADABLE: dict[str, str] = {
    "zero": "hold a zero byte (NUL)",
    "size": "hold a cell that is too long",
    "encoding": "are not UTF-8 text",
}


@dataclass(frozen=True)
class DataFacts:
    """The data as they are.

    Attributes:
        path: What the user named.
        layout: What lies there.
        counts: Class to number of records, commonest first, over all splits.
        train_counts: The same of the train split where the data come split; else `counts`.
        exact: Whether every record was counted, rather than a sample.
        roles: What a table's columns are for; None for images.
        sample: A table's rows that were looked at; None for images.
        images: What the images are like; None where there are none.
        repeats: The table's rows that repeat others; None where pictures tell them apart.
        bad_records: Why some records cannot be used, a phrase each.
        files_left_out: Files of a folder of images that are no records.
        time: The column of the records' times; None where there is none, or none that matters.
        notes: How the data are read, and what looks as if it was meant otherwise, a sentence each.
    """

    path: str
    layout: DataLayout
    counts: dict[str, int]
    train_counts: dict[str, int]
    exact: bool = True
    roles: Roles | None = None
    sample: TableSample | None = None
    images: ImageSample | None = None
    bad_records: tuple[str, ...] = ()
    repeats: RepeatedRows | None = None
    files_left_out: tuple[LeftOut, ...] = ()
    notes: tuple[str, ...] = ()
    time: TimeColumn | None = None

    @property
    def num_records(self) -> int:
        return sum(self.counts.values())

    @property
    def rarest(self) -> int:
        """Records of the rarest class to learn from."""
        return min(self.train_counts.values())

    @property
    def imbalance_ratio(self) -> float:
        """Records of the commonest class to learn from, for one of the rarest."""
        return max(self.train_counts.values()) / self.rarest


def gather_facts(
    path: str, label: str | None = None, whole_bytes: int = WHOLE_BYTES, counted_bytes: int = _COUNTED_BYTES
) -> DataFacts:
    """Looks at the data.

    Args:
        path: A folder of images or a table.
        label: The column of the class, or None to find it.
        whole_bytes: See `sample_csv`.
        counted_bytes: Classes of a larger table are counted in the sample alone.

    Raises:
        InputError: The data cannot be read, it is unclear which column is the label, or there are no two classes.
    """
    try:
        layout = find_layout(path)
        if layout.format == "image_folder":
            facts = _image_facts(path, layout, label)
        elif layout.format == "csv":
            facts = _csv_facts(path, layout, label, whole_bytes, counted_bytes)
        else:
            facts = _table_facts(path, layout, label, whole_bytes, counted_bytes)
    except (OSError, EOFError) as err:
        raise InputError(f"{path} cannot be read: {err}.") from err
    if len(facts.train_counts) < 2:
        raise _single_class(facts)
    return facts


def _single_class(facts: DataFacts) -> InputError:
    return InputError(
        f"{facts.path}: there is a single class, {next(iter(facts.counts))!r}. Classification needs at least two."
    )


def _image_facts(path: str, layout: DataLayout, label: str | None) -> DataFacts:
    if label is not None:
        raise InputError(
            f"--label {label}: names a column of a table; in a folder of images, folders are classes."
        )
    by_split = {split: open_class_folders(place) for split, place in layout.paths.items()}
    totals: Counter[str] = Counter()
    for folder in by_split.values():
        for name, files in folder.classes.items():
            totals[name] += len(files)
    empty = sorted(name for name, count in totals.items() if count == 0)
    if empty:
        raise InputError(
            next(folder for folder in by_split.values() if empty[0] in folder.classes).why_empty(empty[0])
        )
    train = by_split.get("train") or by_split[None]
    lacking = sorted(name for name in totals if not train.classes.get(name))
    if lacking:
        raise InputError(
            f"{layout.train_path}: there are no images of {listed(lacking)} to learn from. Add some."
        )
    images = sample_images(_paths(train))
    if images is None:
        raise InputError(f"{path}: none of the files looked at is an image (JPEG, PNG, GIF or BMP).")
    bad = find_non_images([file for folder in by_split.values() for file in _paths(folder)])
    source = ImageFolder(layout.paths, 0, DataSettings.model_fields["max_image_pixels"].default)
    return DataFacts(
        path,
        layout,
        _commonest_first(totals),
        _commonest_first(Counter({name: len(files) for name, files in train.classes.items()})),
        images=images,
        bad_records=() if bad is None else (bad,),
        files_left_out=tuple(source.left_out()),
        notes=(*layout.notes, *source.notes()),
    )


def _paths(folder: ClassFolders) -> list[str]:
    return [
        os.path.join(folder.folder, name, file) for name, files in folder.classes.items() for file in files
    ]


def _csv_facts(
    path: str, layout: DataLayout, asked: str | None, whole_bytes: int, counted_bytes: int
) -> DataFacts:
    """Looks at a CSV table, and goes through it from end to end where that is worth its time."""
    files = matching_files(path)
    affordable = layout.num_bytes <= counted_bytes
    with explained_by_rows(files if affordable else []):
        facts = _table_facts(path, layout, asked, whole_bytes, counted_bytes)
        if len(facts.train_counts) < 2:
            raise _single_class(facts)
    assert facts.sample is not None and facts.roles is not None
    label = facts.roles.label.name if affordable else None
    if affordable:
        refuse_faults(files, label)
    return dataclasses.replace(facts, notes=csv_warnings(facts.sample, label))


def _table_facts(
    path: str, layout: DataLayout, asked: str | None, whole_bytes: int, counted_bytes: int
) -> DataFacts:
    files = matching_files(path)
    table_format = TABLE_FORMATS[layout.format]
    sample = table_format.sample(files, whole_bytes)
    # Refuses files whose headers differ, and a column name that the pipeline needs for itself.
    if not sample.columns:
        raise InputError(f"{path}: no column holds a single value in every row, as the class must.")
    open_source(_settings(layout, next(iter(sample.columns))), seed=0)
    affordable = table_format.is_columnar or layout.num_bytes <= counted_bytes
    count_values = _ValueCounter(layout, sample, affordable)
    roles = find_roles(sample, asked, count_values)
    time = find_time(sample, roles, comes_split=roles.split is not None)
    if time is not None:
        roles.take_time(time.name, time.without_group)
    if not (roles.image or roles.numeric or roles.categorical or roles.slips):
        raise InputError(f"{path}: nothing is left to learn from. {_drops(roles)}")
    counts = count_values(roles.label.name)
    exact = count_values.is_exact(roles.label.name)
    if not exact:
        scale = sample.estimated_rows / sample.num_rows
        counts = Counter({name: round(count * scale) for name, count in counts.items()})
    images = None
    if roles.image is not None:
        images = sample_images(_images_of(roles.image, sample))
    return DataFacts(
        path,
        layout,
        _commonest_first(counts),
        _commonest_first(_train_counts(sample, roles, counts)),
        exact,
        roles,
        sample,
        images,
        tuple(_bad_rows(sample, roles)),
        find_repeated_rows(sample, roles),
        time=time,
    )


def _images_of(column: str, sample: TableSample) -> list[str] | list[bytes]:
    if column in sample.pictures:
        return list(sample.pictures[column])
    return [os.path.join(sample.folder, name) for name in sample.columns[column]]


class _ValueCounter:
    """Counts the values of a column, over the whole table where that is worth its time."""

    def __init__(self, layout: DataLayout, sample: TableSample, affordable: bool):
        self._layout, self._sample, self._affordable = layout, sample, affordable
        self._counted: dict[str, Counter[str]] = {}

    def __call__(self, column: str) -> Counter[str]:
        if not self.is_exact(column):
            return self._in_sample(column)
        if column not in self._counted:
            whole = (
                self._in_sample(column)
                if self._sample.whole
                else class_counts(_settings(self._layout, column))
            )
            self._counted[column] = whole
        return self._counted[column]

    def is_exact(self, column: str) -> bool:
        # A class so rare that the sample has none of it is looked for however long that takes.
        return self._sample.whole or self._affordable or len(self._in_sample(column)) < 2

    def _in_sample(self, column: str) -> Counter[str]:
        return Counter(cell for cell in self._sample.columns[column] if not label_defect(cell))


def _settings(layout: DataLayout, label: str) -> DataSettings:
    content = {"format": layout.format, "path": layout.paths[None], "label": label}
    return DataSettings.model_validate(content)


def _drops(roles: Roles) -> str:
    dropped = "; ".join(f"{name}: {why}" for name, why in list(roles.drop.items())[:5])
    return f"Left out: {dropped}." if dropped else "There is no column but the label."


def _train_counts(sample: TableSample, roles: Roles, counts: Counter[str]) -> Counter[str]:
    """Counts the classes in the train split, by its share in the sample, where a column says the split."""
    if roles.split is None:
        return counts
    cells = zip(sample.columns[roles.label.name], sample.columns[roles.split], strict=True)
    in_train = Counter(
        name for name, split in cells if split.strip().lower() == "train" and not label_defect(name)
    )
    scale = counts.total() / sample.num_rows
    return Counter({name: max(1, round(count * scale)) for name, count in in_train.items()})


def _bad_rows(sample: TableSample, roles: Roles) -> list[str]:
    """Says which rows the pipeline would refuse."""
    looked_at = sample.num_rows + sample.num_ragged + sum(sample.unreadable.values())
    of_rows = f"of {looked_at:,} rows looked at"
    unlabelled = Counter(cell.strip() for cell in sample.columns[roles.label.name] if is_missing(cell))
    bad = []
    if sample.num_ragged:
        bad.append(f"{sample.num_ragged:,} {of_rows} have more or fewer cells than the header")
    bad += [f"{count:,} {of_rows} {_UNREADABLE[kind]}" for kind, count in sample.unreadable.items()]
    if unlabelled:
        spelled = ", ".join(repr(name) for name in unlabelled if name)
        bad.append(f"{unlabelled.total():,} {of_rows} have no label{f' but {spelled}' if spelled else ''}")
    if roles.missing_images:
        bad.append(f"{roles.missing_images:.0%} of the images looked for do not exist")
    return bad


def _commonest_first(counts: Counter[str]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
