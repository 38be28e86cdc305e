"""Opens the source of records that an experiment's data settings describe."""

from components.stratified_example_gen.images.folder import ImageFolder
from components.stratified_example_gen.records import Source
from components.stratified_example_gen.settings import DataSettings, SplitColumn, SplitPaths
from components.stratified_example_gen.table import TimeColumn, matching_files
from components.stratified_example_gen.table_formats import TABLE_FORMATS
from components.stratified_example_gen.time_column import time_rule
from core.errors import InputError
from core.features import BOOKKEEPING
from core.named_in_data import mentions, not_in_the_data
from core.printable import listed


def split_paths(settings: DataSettings) -> dict[str | None, str]:
    """Returns each given split's path; the key is None where the records are ours to split."""
    if isinstance(settings.splits, SplitPaths):
        given = settings.splits.model_dump()
        return {split: given[split] for split in ("train", "eval", "test") if isinstance(given[split], str)}
    assert settings.path is not None
    return {None: settings.path}


def table_columns(settings: DataSettings) -> tuple[str, tuple[str, ...]]:
    """Reads the names of a table's columns.

    Returns:
        The table's first file, and the names in its order.

    Raises:
        InputError: A file is missing, or its columns differ from another's.
    """
    table_format = TABLE_FORMATS[settings.format]
    files = (path for pattern in split_paths(settings).values() for path in matching_files(pattern))
    headers = {path: table_format.columns(path) for path in files}
    first, columns = next(iter(headers.items()))
    if table_format.has_header:
        _require_equal_columns(headers)
    else:
        columns = tuple(sorted({name for names in headers.values() for name in names}))
    for name in BOOKKEEPING:
        if name in columns:
            raise InputError(
                f"{first}: the column name {name!r} is taken by the pipeline. Rename the column."
            )
    return first, columns


def open_source(settings: DataSettings, seed: int) -> Source:
    """Opens the data.

    Raises:
        InputError: Where a file is missing, or a column that the settings name is not in the table.
    """
    paths = split_paths(settings)
    if settings.format == "image_folder":
        return ImageFolder(paths, seed, settings.max_image_pixels)
    first, columns = table_columns(settings)
    for mention in mentions(settings, "data"):
        if mention.name not in columns:
            raise InputError(not_in_the_data(mention, columns, f"in {first}"))
    split = settings.splits.column if isinstance(settings.splits, SplitColumn) else None
    named = (settings.label, settings.image, settings.group, settings.time, split)
    features = [name for name in columns if name not in settings.drop and name not in named]
    if "auto" not in (settings.numeric, settings.categorical):
        unlisted = [name for name in features if name not in (*settings.numeric, *settings.categorical)]
        if unlisted:
            raise InputError(
                f"{first}: {'the column' if len(unlisted) == 1 else 'the columns'} {listed([*map(repr, unlisted)])} "
                f"{'is' if len(unlisted) == 1 else 'are'} named nowhere. Name every column in data.numeric, data.categorical or data.drop."
            )
    return TABLE_FORMATS[settings.format].reader(
        paths,
        tuple(features),
        () if settings.numeric == "auto" else settings.numeric,
        settings.label,
        settings.image,
        split,
        settings.max_image_pixels,
        settings.group,
        _time_column(settings),
    )


def _time_column(settings: DataSettings) -> TimeColumn | None:
    rule = time_rule(settings)
    return None if rule is None or settings.time is None else TimeColumn(settings.time, rule)


def _require_equal_columns(headers: dict[str, tuple[str, ...]]) -> None:
    first, columns = next(iter(headers.items()))
    for path, other in headers.items():
        if other == columns:
            continue
        words = [
            f"{path if only is other else first} alone has {listed([repr(name) for name in only if name not in both])}"
            for only, both in ((other, columns), (columns, other))
            if set(only) - set(both)
        ]
        raise InputError(
            f"{path}: the columns {list(other)} differ from those of {first}: {list(columns)}. "
            f"{'; '.join(words) or 'Their order is another'}. Give all files the same columns in one order."
        )
