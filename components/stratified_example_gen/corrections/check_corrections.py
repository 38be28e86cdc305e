"""Checks corrections against the data before TensorFlow is imported."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace

from components.stratified_example_gen.class_names import class_place
from components.stratified_example_gen.corrections.corrected_source import corrections_of
from components.stratified_example_gen.images.folder import ImageFolder, record_key
from components.stratified_example_gen.plan import MIN_CLASS_COUNT
from components.stratified_example_gen.settings import DataSettings
from components.stratified_example_gen.sources import open_source
from components.stratified_example_gen.table import Table
from core.canonical_text import clean_text
from core.errors import InputError
from core.printable import shortened


def corrected_counts(settings: DataSettings, seed: int, counts: Mapping[str, int]) -> Counter[str]:
    """Checks that the corrections fit the data, and counts the classes after them.

    The keys of the data are read once for it, without images.

    Args:
        settings: Of the data.
        seed: Of the experiment.
        counts: Class, as the model will know it, to number of records in the data.

    Returns:
        The same after the corrections.

    Raises:
        InputError: A correction names a record or a class that the data do not have, or a record that had another class
            when it was looked at; or a class is left with too few records.
    """
    corrected = Counter(counts)
    corrections = corrections_of(settings)
    if not corrections:
        return corrected
    place = f"data.corrections: {settings.corrections}"
    missing = dict(corrections)
    classes = list(counts)
    for key, label in _labels_by_key(settings, seed):
        one = missing.pop(key, None)
        if one is None or label is None:
            continue
        if one.was is not None and class_place(classes, one.was) != class_place(classes, label):
            raise InputError(
                f"{place}: {shortened(key, 200)!r} was {one.was!r} when it was looked at, and is {label!r} in the data: "
                "rows or files have changed since. Review the data as they are, or take out the column was."
            )
        corrected[clean_text(label)] -= 1
        if one.label is not None:
            corrected[clean_text(one.label)] += 1
    if missing:
        first = shortened(next(iter(missing)), 200)
        raise InputError(
            f"{place}: {len(missing):,} of {len(corrections):,} keys name no record of the data, the first {first!r}. Keys "
            "are those of splits.csv and of the review's table; take out rows that are of other data."
        )
    for name, count in corrected.items():
        if count < min(MIN_CLASS_COUNT, counts[name]):
            raise InputError(
                f"{place}: of class {name!r} {count:,} of {counts[name]:,} examples are left; {MIN_CLASS_COUNT} are needed, "
                "one for each of train, eval and test. Collect more, or take the class out of the data."
            )
    return corrected


def _labels_by_key(settings: DataSettings, seed: int) -> Iterator[tuple[str, str | None]]:
    """Yields every record's key, and its class, or None where that cannot be read."""
    source = open_source(settings, seed)
    if isinstance(source, ImageFolder):
        for chunk in source.chunks():
            for file in chunk.files:
                yield record_key(file, chunk.split), file.partition("/")[0]
        return
    assert isinstance(source, Table)
    keys_alone = replace(source, columns=(), numeric=(), image=None)
    for chunk in keys_alone.chunks():
        for record in keys_alone.read(chunk):
            yield record.key, record.label
