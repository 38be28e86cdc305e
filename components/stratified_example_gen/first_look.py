"""A first look at the data: what can be known to fail before TensorFlow is imported."""

from collections import Counter
from collections.abc import Iterator

from components.errors import InputError
from components.stratified_example_gen.csv_faults import hidden_rows, row_faults, table_fault
from components.stratified_example_gen.csv_scan import scan_csv
from components.stratified_example_gen.image_folder import list_classes
from components.stratified_example_gen.parquet_table import as_text, open_parquet
from components.stratified_example_gen.plan import MIN_CLASS_COUNT
from components.stratified_example_gen.settings import DataSettings
from components.stratified_example_gen.sources import open_source, split_paths
from components.stratified_example_gen.table import matching_files
from components.stratified_example_gen.tfrecord_table import feature_values, framed_records


def class_counts(settings: DataSettings) -> Counter[str]:
    """Counts the examples of every class, over all given splits."""
    counts: Counter[str] = Counter()
    for pattern in split_paths(settings).values():
        if settings.format == "image_folder":
            counts.update({name: len(files) for name, files in list_classes(pattern).items()})
        else:
            for path in matching_files(pattern):
                labels = _LABELS[settings.format](path, settings.label)
                counts.update(label for label in labels if label.strip())
    return counts


def _csv_labels(path: str, label: str) -> Iterator[str]:
    return scan_csv(path, label).labels.elements()


def _parquet_labels(path: str, label: str) -> Iterator[str]:
    for batch in open_parquet(path).iter_batches(columns=[label]):
        yield from (as_text(value) for value in batch.column(0).to_pylist())


def _tfrecord_labels(path: str, label: str) -> Iterator[str]:
    for _, content in framed_records(path):
        yield from (as_text(value) for value in feature_values(content).get(label, [])[:1])


_LABELS = {"csv": _csv_labels, "parquet": _parquet_labels, "tfrecord": _tfrecord_labels}


def look(settings: DataSettings, seed: int) -> Counter[str]:
    """Checks that the data are there and can be split.

    Returns:
        Class name to number of examples.

    Raises:
        InputError: Where a path or column is missing, rows of a CSV table cannot be read and are not to be skipped,
            the data are empty, there is a single class, or a class has too few examples.
    """
    open_source(settings, seed)
    counts = class_counts(settings)
    unread = _unread_rows(settings)
    where = " and ".join(dict.fromkeys(split_paths(settings).values()))
    empty = sorted(name for name, count in counts.items() if count == 0)
    if empty:
        raise InputError(f"{where}: the class folder {empty[0]!r} holds no images. Fill it or remove it.")
    if not counts:
        raise InputError(f"{where}: the table has no rows with a label in column {settings.label!r}.{unread}")
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
    for name, count in sorted(counts.items(), key=lambda item: item[1]):
        if count < MIN_CLASS_COUNT:
            raise InputError(
                f"{where}: class {name!r} has {count} example{'' if count == 1 else 's'}; {MIN_CLASS_COUNT} are "
                "needed, one for each of train, eval and test. Collect more, or leave the class out of the data."
                + unread
            )
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
