"""What is found out about the data before anything is proposed."""

import os
from collections import Counter
from dataclasses import dataclass

from components.errors import InputError
from components.printable import listed
from components.stratified_example_gen.first_look import class_counts
from components.stratified_example_gen.image_folder import list_classes
from components.stratified_example_gen.images import EXTENSIONS
from components.stratified_example_gen.missing import is_missing
from components.stratified_example_gen.settings import DataSettings
from components.stratified_example_gen.sources import open_source
from components.stratified_example_gen.table import label_defect, matching_files
from pipeline.proposal.image_sample import ImageSample, sample_images
from pipeline.proposal.layout import Layout, find_layout
from pipeline.proposal.roles import Roles, find_roles
from pipeline.proposal.table_sample import WHOLE_BYTES, TableSample, sample_csv
from pipeline.proposal.typed_sample import sample_parquet, sample_tfrecord

# Tables up to this size are counted from end to end, which takes about a second for every 15 MB.
_COUNTED_BYTES = 100 * 2**20
_SAMPLERS = {"csv": sample_csv, "parquet": sample_parquet, "tfrecord": sample_tfrecord}


@dataclass(frozen=True)
class Facts:
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
        bad_records: Why some records cannot be used, a phrase each.
    """

    path: str
    layout: Layout
    counts: dict[str, int]
    train_counts: dict[str, int]
    exact: bool = True
    roles: Roles | None = None
    sample: TableSample | None = None
    images: ImageSample | None = None
    bad_records: tuple[str, ...] = ()

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
) -> Facts:
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
        else:
            facts = _table_facts(path, layout, label, whole_bytes, counted_bytes)
    except (OSError, EOFError) as err:
        raise InputError(f"{path} cannot be read: {err}.") from err
    if len(facts.train_counts) < 2:
        raise InputError(
            f"{path}: there is a single class, {next(iter(facts.counts))!r}. Classification needs at least two."
        )
    return facts


def _image_facts(path: str, layout: Layout, label: str | None) -> Facts:
    if label is not None:
        raise InputError(
            f"--label {label}: names a column of a table; in a folder of images, folders are classes."
        )
    by_split = {split: list_classes(folder) for split, folder in layout.paths.items()}
    totals: Counter[str] = Counter()
    for classes in by_split.values():
        for name, files in classes.items():
            totals[name] += len(files)
    empty = sorted(name for name, count in totals.items() if count == 0)
    if empty:
        raise InputError(f"{path}: the class folder {empty[0]!r} holds no images. Fill it or remove it.")
    train = by_split.get("train") or by_split[None]
    lacking = sorted(name for name in totals if not train.get(name))
    if lacking:
        raise InputError(
            f"{layout.train_path}: there are no images of {listed(lacking)} to learn from. Add some."
        )
    names = [file for classes in by_split.values() for files in classes.values() for file in files]
    others = [name for name in names if not name.lower().endswith(EXTENSIONS)]
    bad = [f"{len(others):,} files are no images by their name, such as {others[0]}"] if others else []
    images = sample_images(
        [os.path.join(layout.train_path, name, file) for name, files in train.items() for file in files]
    )
    if images is None:
        raise InputError(f"{path}: none of the files looked at is an image ({', '.join(EXTENSIONS)}).")
    if images.num_unreadable and not others:
        bad.append(f"{images.num_unreadable} of {images.num_read} files looked at are no images")
    return Facts(
        path,
        layout,
        _commonest_first(totals),
        _commonest_first(Counter({name: len(files) for name, files in train.items()})),
        images=images,
        bad_records=tuple(bad),
    )


def _table_facts(path: str, layout: Layout, asked: str | None, whole_bytes: int, counted_bytes: int) -> Facts:
    files = matching_files(path)
    sample = _SAMPLERS[layout.format](files, whole_bytes)
    # Refuses files whose headers differ, and a column name that the pipeline needs for itself.
    if not sample.columns:
        raise InputError(f"{path}: no column holds a single value in every row, as the class must.")
    open_source(_settings(layout, next(iter(sample.columns))), seed=0)
    # Of Parquet the one column is read, whatever else the table holds.
    affordable = layout.format == "parquet" or layout.num_bytes <= counted_bytes
    count_values = _ValueCounter(layout, sample, affordable)
    roles = find_roles(sample, asked, count_values)
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
    return Facts(
        path,
        layout,
        _commonest_first(counts),
        _commonest_first(_train_counts(sample, roles, counts)),
        exact,
        roles,
        sample,
        images,
        tuple(_bad_rows(sample, roles)),
    )


def _images_of(column: str, sample: TableSample) -> list[str] | list[bytes]:
    if column in sample.pictures:
        return list(sample.pictures[column])
    return [os.path.join(sample.folder, name) for name in sample.columns[column]]


class _ValueCounter:
    """Counts the values of a column, over the whole table where that is worth its time."""

    def __init__(self, layout: Layout, sample: TableSample, affordable: bool):
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


def _settings(layout: Layout, label: str) -> DataSettings:
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
    of_rows = f"of {sample.num_rows + sample.num_ragged:,} rows looked at"
    unlabelled = Counter(cell.strip() for cell in sample.columns[roles.label.name] if is_missing(cell))
    bad = []
    if sample.num_ragged:
        bad.append(f"{sample.num_ragged:,} {of_rows} have more or fewer cells than the header")
    if unlabelled:
        spelled = ", ".join(repr(name) for name in unlabelled if name)
        bad.append(f"{unlabelled.total():,} {of_rows} have no label{f' but {spelled}' if spelled else ''}")
    if roles.missing_images:
        bad.append(f"{roles.missing_images:.0%} of the images looked for do not exist")
    return bad


def _commonest_first(counts: Counter[str]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
