"""A first look at the data: what can be known to fail before TensorFlow is imported."""

from collections import Counter
from collections.abc import Iterator

from components.errors import InputError
from components.stratified_example_gen.csv_table import read_header, read_rows
from components.stratified_example_gen.image_folder import (
    ClassFolders,
    list_classes,
    open_class_folders,
    split_setting,
)
from components.stratified_example_gen.parquet_table import as_text, open_parquet
from components.stratified_example_gen.plan import MIN_CLASS_COUNT
from components.stratified_example_gen.settings import DataSettings
from components.stratified_example_gen.sources import open_source, split_paths
from components.stratified_example_gen.table import matching_files
from components.stratified_example_gen.tfrecord_table import feature_values, framed_records


def class_counts(settings: DataSettings) -> Counter[str]:
    """Counts the examples of every class, over all given splits."""
    counts: Counter[str] = Counter()
    for split, pattern in split_paths(settings).items():
        if settings.format == "image_folder":
            classes = list_classes(pattern, split_setting(split))
            counts.update({name: len(files) for name, files in classes.items()})
        else:
            for path in matching_files(pattern):
                labels = _LABELS[settings.format](path, settings.label)
                counts.update(label for label in labels if label.strip())
    return counts


def _csv_labels(path: str, label: str) -> Iterator[str]:
    header = read_header(path)
    place = header.columns.index(label)
    for row, _ in read_rows(path, header.body, header.delimiter):
        # Reading refuses or skips a ragged row; its cells may stand under other columns. It names the rows that
        # cannot be read; here only the classes count.
        if len(row) == len(header.columns):
            label = row[place]
            yield (
                label if label.isascii() else label.encode(errors="surrogateescape").decode(errors="replace")
            )


def _parquet_labels(path: str, label: str) -> Iterator[str]:
    for batch in open_parquet(path).iter_batches(columns=[label]):
        yield from (as_text(value) for value in batch.column(0).to_pylist())


def _tfrecord_labels(path: str, label: str) -> Iterator[str]:
    for _, content in framed_records(path):
        yield from (as_text(value) for value in feature_values(content).get(label, [])[:1])


_LABELS = {"csv": _csv_labels, "parquet": _parquet_labels, "tfrecord": _tfrecord_labels}


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


def look(settings: DataSettings, seed: int) -> Counter[str]:
    """Checks that the data are there and can be split.

    Returns:
        Class name to number of examples.

    Raises:
        InputError: Where a path or column is missing, the data are empty, there is a single class, or
            a class has too few examples.
    """
    open_source(settings, seed)
    counts = class_counts(settings)
    where = " and ".join(dict.fromkeys(split_paths(settings).values()))
    empty = sorted(name for name, count in counts.items() if count == 0)
    if empty:
        raise InputError(_class_folders(settings, empty[0])[0].why_empty(empty[0]))
    if not counts:
        raise InputError(f"{where}: the table has no rows with a label in column {settings.label!r}.")
    if len(counts) == 1:
        raise InputError(
            f"{where}: there is a single class, {next(iter(counts))!r}. Classification needs at least two"
            + ("." if settings.format == "image_folder" else f"; is {settings.label!r} the right data.label?")
        )
    if len(counts) > max(1000, sum(counts.values()) // 3):
        raise InputError(
            f"{where}: column {settings.label!r} has {len(counts)} different values in {sum(counts.values())} rows. "
            "Name the column of the class in data.label."
        )
    for name, count in sorted(counts.items(), key=lambda item: item[1]):
        if count < MIN_CLASS_COUNT:
            raise InputError(
                f"{where}: class {name!r} has {count} example{'' if count == 1 else 's'}"
                f"{_left_out_of(settings, name)}; {MIN_CLASS_COUNT} are needed, one for each of train, eval and test. Collect more, or leave the class out of the data."
            )
    return counts
