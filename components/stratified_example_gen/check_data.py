"""Checks what can be known to fail of the data before TensorFlow is imported, and counts the classes."""

from collections import Counter

from components.stratified_example_gen.check_columns import check_column_types, check_columns
from components.stratified_example_gen.check_time import check_time
from components.stratified_example_gen.class_names import refuse_look_alikes, refuse_spellings
from components.stratified_example_gen.csv.faults import hidden_rows, row_faults, table_fault
from components.stratified_example_gen.csv.scan import scan_csv
from components.stratified_example_gen.images.folder import (
    ClassFolders,
    list_classes,
    open_class_folders,
    split_setting,
)
from components.stratified_example_gen.plan import MIN_CLASS_COUNT
from components.stratified_example_gen.settings import DataSettings
from components.stratified_example_gen.sources import open_source, split_paths
from components.stratified_example_gen.table import Table, label_defect, matching_files
from components.stratified_example_gen.table_formats import TABLE_FORMATS
from core.canonical_text import clean_cell, clean_text
from core.errors import InputError


def class_counts(settings: DataSettings) -> Counter[str]:
    """Counts the examples of every class, over all given splits, and none that reading would refuse for its label."""
    if settings.format == "image_folder":
        counts: Counter[str] = Counter()
        for split, folder in split_paths(settings).items():
            # A folder's name is a class, however it is spelled: somebody typed it.
            classes = list_classes(folder, split_setting(split))
            counts.update({name: len(files) for name, files in classes.items()})
        return counts
    return Counter({name: count for name, count in label_counts(settings).items() if not label_defect(name)})


def label_counts(settings: DataSettings) -> Counter[str]:
    """Counts the labels of a table as they are spelled, also those that can be no class."""
    counts: Counter[str] = Counter()
    for pattern in split_paths(settings).values():
        for path in matching_files(pattern):
            counts.update(TABLE_FORMATS[settings.format].labels(path, settings.label))
    return counts


def _require_labels(labels: Counter[str], settings: DataSettings) -> None:
    """Refuses labels that are missing, however that is spelled."""
    missing: Counter[str] = Counter()
    for name, count in labels.items():
        if clean_cell(name) is None:
            missing[clean_text(name)] += count
    if not missing:
        return
    spelled = [
        f"{name!r} in {count:,}" if name else f"nothing in {count:,}" for name, count in missing.most_common()
    ]
    count = missing.total()
    raise InputError(
        f"data.label: {count:,} of {labels.total():,} rows {'has' if count == 1 else 'have'} no label: column "
        f"{settings.label!r} holds {', '.join(spelled)}. Fill in the class, or leave such rows out by "
        "data.on_bad_record: skip; where that is a class, spell it out, as in 'no defect'."
    )


def _class_folders(settings: DataSettings, name: str) -> list[ClassFolders]:
    """Lists the image folders that have a folder of a class."""
    listed = [open_class_folders(path, split_setting(split)) for split, path in split_paths(settings).items()]
    return [one for one in listed if name in one.classes]


def _left_out_of(settings: DataSettings, name: str) -> str:
    """Names in brackets the files of a class that do not count, if there are any."""
    if settings.format != "image_folder":
        return ""
    left_out = [one.left_out_of(name) for one in _class_folders(settings, name)]
    return f" (left out: {'; '.join(filter(None, left_out))})" if any(left_out) else ""


def check_data(settings: DataSettings, seed: int, one_spelling: bool = True) -> Counter[str]:
    """Checks that the data are there and can be split.

    Args:
        settings: Of the data.
        seed: Of the experiment.
        one_spelling: Whether classes that say the same, as `1` and `1.0` do, are refused.

    Returns:
        Class name, as the model will know it, to number of examples.

    Raises:
        InputError: Where a path or column is missing, rows of a CSV table cannot be read and are not to be skipped,
            the data are empty, there is a single class, two look alike or say the same, or a class has too few
            examples.
    """
    source = open_source(settings, seed)
    unread = _unread_rows(settings)
    if isinstance(source, Table):
        check_column_types(source, settings)
        check_time(settings)
    if settings.format == "image_folder":
        counts = class_counts(settings)
    else:
        labels = label_counts(settings)
        counts = Counter({name: count for name, count in labels.items() if not label_defect(name)})
        if counts and settings.on_bad_record == "fail":
            _require_labels(labels, settings)
    where = " and ".join(dict.fromkeys(split_paths(settings).values()))
    empty = sorted(name for name, count in counts.items() if count == 0)
    if empty:
        raise InputError(_class_folders(settings, empty[0])[0].why_empty(empty[0]))
    if not counts:
        raise InputError(f"{where}: the table has no rows with a label in column {settings.label!r}.{unread}")
    refuse_look_alikes(counts, where)
    counts = Counter({clean_text(name): count for name, count in counts.items()})
    if len(counts) == 1:
        raise InputError(
            f"{where}: there is a single class, {next(iter(counts))!r}. Classification needs at least two"
            + ("." if settings.format == "image_folder" else f"; is {settings.label!r} the right data.label?")
            + unread
        )
    if len(counts) > max(1000, sum(counts.values()) // 3):
        raise InputError(
            f"{where}: column {settings.label!r} has {len(counts)} different values in {sum(counts.values())} rows. "
            "Name the column of the class in data.label."
        )
    if one_spelling:
        refuse_spellings(counts, where)
    for name, count in sorted(counts.items(), key=lambda item: item[1]):
        if count < MIN_CLASS_COUNT:
            raise InputError(
                f"{where}: class {name!r} has {count} example{'' if count == 1 else 's'}"
                f"{_left_out_of(settings, name)}; {MIN_CLASS_COUNT} are needed, one for each of train, eval and test. "
                f"Collect more, or leave the class out of the data.{unread}"
            )
    if isinstance(source, Table):
        check_columns(source, settings)
    return counts


def _unread_rows(settings: DataSettings) -> str:
    """Says, as a sentence behind a space, which rows of a CSV table are left out; empty where none are.

    Raises:
        InputError: There are such rows, and they are not to be skipped.
    """
    if settings.format != "csv":
        return ""
    scans = {
        path: scan_csv(path, settings.label)
        for pattern in split_paths(settings).values()
        for path in matching_files(pattern)
    }
    found = [fault for path, scan in scans.items() if (fault := row_faults(path, scan))]
    if settings.on_bad_record == "skip":
        return f" Left out: {'; '.join(found)}." if found else ""
    for path, scan in scans.items():
        fault = table_fault(path, scan) or hidden_rows(path, scan)
        if fault is not None:
            raise InputError(fault)
    if found:
        raise InputError(f"{found[0]}. Mend or remove what is bad, or set data.on_bad_record to skip.")
    return ""
