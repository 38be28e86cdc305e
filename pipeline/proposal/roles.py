"""Assigns a role to every column of a table: label, image, group, split, feature or none."""

import os
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from components.stratified_example_gen.csv.decimal_mark import Evidence, Mark, column_marks, to_point
from components.stratified_example_gen.images.decoding import EXTENSIONS
from components.stratified_example_gen.images.kinds import kind_of_file
from components.stratified_example_gen.table_sample import TableSample
from core.printable import printable
from pipeline.proposal.column_profile import ColumnProfile, profile_column, profile_values
from pipeline.proposal.label import Label, find_label, is_named_or_placed_like_the_class

_ID_WORDS = {
    *("id", "ids", "uuid", "guid", "key", "index", "idx", "no", "nr", "num", "number", "code", "serial"),
    *("ref", "reference", "row", "rowid", "hash", "name"),
}
_GROUP_WORDS = {
    *("patient", "subject", "person", "participant", "donor", "animal", "case", "study", "scan", "slide"),
    *("user", "customer", "client", "account", "card", "household", "visitor", "session"),
    *("device", "machine", "sensor", "unit", "vehicle", "station", "camera", "site", "batch", "lot"),
    *("group", "track", "video", "clip", "sequence", "speaker", "recording", "album", "artist"),
}
_SPLIT_COLUMNS = {"split", "splits", "subset", "partition", "fold", "set"}
_SPLIT_VALUES = {"train", "eval", "val", "valid", "validation", "test"}

# With fewer rows anything may be all-different.
_FEWEST_ROWS = 10
_NEARLY_ALL = 0.95
_REPEATED_SHARE = 0.1
_FEWEST_GROUPS = 10
_LARGEST_GROUP, _LARGEST_GROUP_SHARE = 1000, 0.05
_IMAGES_LOOKED_FOR = 50
_GLANCE = 5  # Of so many of these one must be there, or a column of text would cost fifty looks.


@dataclass
class Roles:
    """The columns of a table by what they are for.

    Attributes:
        label: Column of the class.
        image: Column of an image or its path, or None.
        holds_images: Whether it holds the images themselves.
        group: Column whose rows belong together, or None.
        split: Column of the split, or None.
        numeric: Columns that the pipeline takes for numbers.
        categorical: Columns that it takes for categories.
        slips: Columns of numbers but for a few cells, and such a cell.
        drop: Columns to leave out, and why.
        constant_in_sample: Columns of one value in a sample; the rest of the table may hold another.
        missing_images: Share of the looked-for images that are not there.
    """

    label: Label
    image: str | None = None
    holds_images: bool = False
    group: str | None = None
    split: str | None = None
    numeric: list[str] = field(default_factory=list)
    categorical: list[str] = field(default_factory=list)
    slips: dict[str, str] = field(default_factory=dict)
    drop: dict[str, str] = field(default_factory=dict)
    constant_in_sample: list[str] = field(default_factory=list)
    missing_images: float = 0.0

    def take_time(self, name: str, without_group: bool) -> None:
        """Takes a column for that of the records' times, which is no feature.

        Args:
            name: Of the column.
            without_group: Whether the group gives way to a split by time.
        """
        for columns in (self.numeric, self.categorical, self.constant_in_sample):
            if name in columns:
                columns.remove(name)
        for reasons in (self.slips, self.drop):
            reasons.pop(name, None)
        if without_group and self.group is not None:
            self.drop[self.group] = "names a group whose rows come again over all the time"
            self.group = None


def find_roles(
    sample: TableSample, asked_label: str | None, count_values: Callable[[str], Counter[str]]
) -> Roles:
    """Decides what every column is for.

    In this order, the label last of the special ones, so that none of these is taken for it:

    - a name such as split, with train and test in every cell: the split, unless it tears groups apart;
    - encoded images, or at least 95 % that end like the name of an image file beside the table: the image;
    - a name made of such words as patient, user, device and id, with 10 values or more of which the repeated ones
      cover a tenth of the rows and none more than 1,000 rows or 5 %: the group, of several the coarsest.
      Records of one patient in train and test would make the model look better than it is;
    - at least 95 % of the texts different, integers that count up, or all-different ones with a name such as id:
      dropped, since such a value says nothing of the next record;
    - one value only: dropped if the whole table was read. In a sample, the rare class may be what is missing;
    - each value stands for one class and each class for one value: dropped, for it is the label again.

    Args:
        sample: The rows that are looked at.
        asked_label: The column of the class that the user names, or None.
        count_values: Counts the values of a column over the whole table.

    Raises:
        InputError: It is not clear which column is the label.
    """
    profiles = {name: profile_column(name, cells) for name, cells in _as_read(sample).items()}
    if not sample.whole:
        for name in _possible_labels_of_one_value(profiles, asked_label):
            profiles[name] = profile_values(name, count_values(name))
    free = {name: profile for name, profile in profiles.items() if name != asked_label}
    special = Roles(Label("", ""), drop=dict(sample.unusable))
    special.split = next((name for name, profile in free.items() if _is_split(profile)), None)
    _take_images(special, free, sample)
    _take_groups(special, free, sample, count_values)
    if special.split and special.group and _crosses(sample, special.group, special.split):
        special.drop[special.split] = f"puts records of one {printable(special.group)} into several splits"
        special.split = None
    for name, profile in free.items():
        why = _why_drop(profile, sample.whole)
        if why and name not in (special.split, special.image, special.group):
            special.drop.setdefault(name, why)
    taken = {special.split, special.image, special.group, *special.drop}
    special.label = find_label(list(profiles.values()), set(free) - taken, asked_label)
    for name, profile in profiles.items():
        if name in taken or name == special.label.name:
            continue
        if _says_the_label(sample, profile, profiles[special.label.name]):
            special.drop[name] = f"says the same as {printable(special.label.name)} in every row"
        elif profile.has_slips:
            assert profile.tally.first_text is not None
            special.slips[name] = profile.tally.first_text[1]
        elif profile.is_numeric:
            special.numeric.append(name)
        else:
            special.categorical.append(name)
        if profile.num_values <= 1 and not profile.tally.missing:
            special.constant_in_sample.append(name)
    return special


def _as_read(sample: TableSample) -> dict[str, tuple[str, ...]]:
    """Returns the columns' cells as the pipeline reads those of a feature."""
    if sample.delimiter is None:
        return dict(sample.columns)
    evidence = {name: Evidence() for name in sample.columns}
    for name, cells in sample.columns.items():
        for cell in cells:
            evidence[name].add(cell)
    # A column that contradicts itself is for the run to refuse, unless it is dropped.
    marks = column_marks(evidence, sample.delimiter, refuse=False)
    return {
        name: cells if marks[name] == "point" else tuple(_to_point(cell, marks[name]) for cell in cells)
        for name, cells in sample.columns.items()
    }


def _to_point(cell: str, mark: Mark) -> str:
    try:
        return to_point(cell, mark)
    except ValueError:
        return cell


def _possible_labels_of_one_value(profiles: dict[str, ColumnProfile], asked: str | None) -> list[str]:
    """Names the columns that may be the class and of which the sample shows none but one."""
    everyone = list(profiles.values())
    return [
        profile.name
        for profile in everyone
        if profile.num_values < 2
        and (profile.name == asked if asked else is_named_or_placed_like_the_class(profile, everyone))
    ]


def _is_split(profile: ColumnProfile) -> bool:
    if "".join(profile.words) not in _SPLIT_COLUMNS or profile.tally.missing:
        return False
    return {"train", "test"} <= {value.lower() for value in profile.counts} <= _SPLIT_VALUES


def _take_images(roles: Roles, profiles: dict[str, ColumnProfile], sample: TableSample) -> None:
    for name, pictures in sample.pictures.items():
        if roles.image is None:
            roles.image, roles.holds_images = name, True
            roles.missing_images = pictures.count(b"") / len(pictures)
        else:
            roles.drop[name] = f"holds images, like {printable(roles.image)}; only one is read"
    for name, profile in profiles.items() if sample.may_name_images else ():
        if profile.is_numeric:
            continue
        named = sum(count for value, count in profile.counts.items() if value.lower().endswith(EXTENSIONS))
        values = list(profile.counts)
        looked_for = values[:: max(1, len(values) // _IMAGES_LOOKED_FOR)]
        # Names of unusual endings, or of none, are an image's where such a file is there.
        by_name = bool(profile.num_present) and named >= _NEARLY_ALL * profile.num_present
        if not by_name and not _mostly_images(looked_for, sample.folder):
            continue
        missing = sum(not _is_beside(value, sample.folder) for value in looked_for) / len(looked_for)
        if roles.image is None and missing < 0.5:
            roles.image, roles.missing_images = name, missing
        elif missing >= 0.5:
            roles.drop[name] = (
                "names images, but not by their path from the table's folder; else it were data.image"
            )
        else:
            roles.drop[name] = f"names images, like {printable(str(roles.image))}; only one is read"


def _mostly_images(names: list[str], folder: str) -> bool:
    if not any(_is_beside(name, folder) for name in names[:_GLANCE]):
        return False
    images = (
        _is_beside(name, folder) and kind_of_file(os.path.join(folder, name)) is not None for name in names
    )
    return sum(images) >= len(names) / 2


def _is_beside(value: str, folder: str) -> bool:
    """Tells whether an image lies in the table's folder, as the pipeline asks."""
    if "\0" in value:
        return False
    path = os.path.realpath(os.path.join(folder, value))
    return (
        not os.path.isabs(value)
        and path.startswith(os.path.realpath(folder) + os.sep)
        and os.path.isfile(path)
    )


def _take_groups(
    roles: Roles,
    profiles: dict[str, ColumnProfile],
    sample: TableSample,
    count_values: Callable[[str], Counter[str]],
) -> None:
    groups = {}
    for name, profile in profiles.items():
        words = set(profile.words)
        if name in (roles.split, roles.image) or name in roles.drop or not words & _GROUP_WORDS:
            continue
        if words <= _GROUP_WORDS | _ID_WORDS and not profile.tally.numbers:
            counts = profile.counts if sample.whole else count_values(name)
            if _is_grouping(counts):
                groups[name] = len(counts)
    for name in sorted(groups, key=lambda name: groups[name]):
        if profiles[name].tally.missing:
            roles.drop[name] = "names a group, but is missing in some rows; else it were data.group"
        elif roles.group is None:
            roles.group = name
        else:
            roles.drop[name] = f"names a group, like {printable(roles.group)}; says nothing of a new one"


def _crosses(sample: TableSample, group: str, split: str) -> bool:
    """Tells whether a group stands in several given splits, which the pipeline refuses."""
    pairs = set(zip(sample.columns[group], sample.columns[split], strict=True))
    return len(pairs) > len(set(sample.columns[group]))


def _is_grouping(counts: Counter[str]) -> bool:
    rows = sum(counts.values())
    repeated = sum(count for count in counts.values() if count > 1)
    return (
        len(counts) >= _FEWEST_GROUPS
        and repeated >= _REPEATED_SHARE * rows
        and max(counts.values()) <= max(_LARGEST_GROUP, _LARGEST_GROUP_SHARE * rows)
    )


def _why_drop(profile: ColumnProfile, whole: bool) -> str | None:
    """Says why a column is of no use, or None."""
    different = f"{profile.num_values:,} different values in {profile.num_present:,} rows"
    if profile.num_present == 0:
        return "is empty" if whole else None
    if profile.tally.infinite == profile.num_present:
        return "holds no number that float32 holds"
    if profile.num_values == 1 and not profile.tally.missing:
        return f"always {printable(next(iter(profile.counts)))[:40]}" if whole else None
    if profile.num_present < _FEWEST_ROWS:
        return None
    if profile.counts_up:
        return "counts the rows"
    if profile.is_integer and profile.num_values == profile.num_present and _ID_WORDS & set(profile.words):
        return f"names the row: {different}"
    mostly_text = profile.tally.texts > _NEARLY_ALL * profile.num_present
    if mostly_text and profile.num_values >= _NEARLY_ALL * profile.num_present:
        return f"tells the rows apart: {different}"
    return None


def _says_the_label(sample: TableSample, profile: ColumnProfile, label: ColumnProfile) -> bool:
    if profile.num_values != label.num_values or profile.tally.missing or sample.num_rows < _FEWEST_ROWS:
        return False
    pairs = set(zip(sample.columns[profile.name], sample.columns[label.name], strict=True))
    return len(pairs) == label.num_values
