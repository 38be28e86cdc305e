"""Layouts of image data that are no folder of class folders, and what to name instead."""

import os
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from components.stratified_example_gen.find_tables import is_named_like_a_table, named_format
from components.stratified_example_gen.images.files import ImageFiles

# Names of the folders of splits, by what they are to us. "val" alone beside "train" serves as test.
SPLIT_FOLDERS = {
    "train": ("train", "training"),
    "eval": ("eval", "val", "valid", "validation", "dev"),
    "test": ("test", "testing"),
}
_SHOWN = 3


def split_of_folder(name: str) -> str | None:
    """Returns the split whose name a folder has, or None."""
    return next((split for split, names in SPLIT_FOLDERS.items() if name.lower() in names), None)


def _split_meant(name: str) -> str | None:
    """Returns the split that a folder is named after, also in words such as `seg_train` or `test2017`, or None."""
    words = re.findall("[a-z]+", name.lower())
    return next((split for word in words if (split := split_of_folder(word)) is not None), None)


@dataclass
class _Folder:
    """A folder's files: how many lie directly in it, and how many in each folder of it."""

    direct: int = 0
    inner: Counter[str] = field(default_factory=Counter)

    @property
    def holds_classes(self) -> bool:
        # A few files beside them do not make it a class.
        return self.inner.total() > self.direct


def layout_advice(folder: str, listed: ImageFiles) -> str | None:
    """Says what to name of a folder that is laid out in a known way other than one folder per class.

    Args:
        folder: The folder, as it is to be called.
        listed: What lies in it.

    Returns:
        A sentence or several; None where its folders may be classes.
    """
    return _advice(folder, list(listed.files), [one.key for one in listed.left_out])


def _advice(folder: str, files: list[str], left_out: list[str]) -> str | None:
    folders = _folders(files)
    loose = folders.pop("", _Folder()).direct
    tables = sorted(
        name for name in (*files, *left_out) if "/" not in name and is_named_like_a_table(name.lower())
    )
    if not folders:
        loose -= sum(table in files for table in tables)
        return _of_loose_files(folder, loose, tables) if loose else None
    by_split = {name: _split_meant(name) for name in folders}
    trains = [name for name, split in by_split.items() if split == "train" and folders[name].holds_classes]
    others = [name for name, split in by_split.items() if split in ("eval", "test")]
    if trains and (others or all(by_split.values())):
        return _of_splits(folder, files, folders, trains[0], others)
    has_classes = any(one.holds_classes for one in folders.values())
    if tables and not has_classes and (len(folders) == 1 or all(by_split.values())):
        return _of_table(folder, tables)
    if len(folders) == 1 and has_classes:
        [name] = folders
        below = os.path.join(folder, name)
        deeper = _advice(below, _below(name, files), _below(name, left_out))
        return deeper or _of_single_folder(folder, below, folders[name])
    return None


def _below(name: str, paths: list[str]) -> list[str]:
    return [path[len(name) + 1 :] for path in paths if path.startswith(f"{name}/")]


def _folders(files: Iterable[str]) -> dict[str, _Folder]:
    """Sorts files by the folder directly above or below; "" holds what lies in none."""
    folders: dict[str, _Folder] = defaultdict(_Folder)
    for file in files:
        name, _, rest = file.partition("/")
        if not rest:
            folders[""].direct += 1
        elif "/" in rest:
            folders[name].inner[rest.partition("/")[0]] += 1
        else:
            folders[name].direct += 1
    return dict(folders)


def _of_loose_files(folder: str, loose: int, tables: list[str]) -> str:
    if tables:
        return _of_table(folder, tables)
    return (
        f"{folder} has no class folders, but {loose:,} file{'' if loose == 1 else 's'} without a class. Put the images "
        "of each class into a folder of its own; images whose class is unknown are scored by `counterpoise predict`, "
        "or in the run where bulk_inference.path names their folder."
    )


def _of_table(folder: str, tables: list[str]) -> str:
    table = os.path.join(folder, tables[0])
    return (
        f"{folder} has no class folders; the classes may stand in {' or '.join(tables[:_SHOWN])}. Name the table: "
        f"data.format: {named_format(tables[0].lower())}, data.path: {table}, data.image: its column of image paths, "
        "relative to the table, and data.label: that of the class."
    )


def _of_splits(
    folder: str, files: list[str], folders: Mapping[str, _Folder], train: str, others: list[str]
) -> str:
    split = [name for name in others if folders[name].holds_classes]
    flat = [name for name in others if name not in split]
    advice = (
        f"{folder} holds the split{'s' if others else ''} {' and '.join([train, *others])}, not classes. "
    )
    if split:
        names = {"train": train, **{str(_split_meant(name)): name for name in split}}
        if "test" not in names:
            names["test"] = names.pop("eval")
        paths = ", ".join(
            f"{key}: {_class_root(folder, names[key], files)}"
            for key in ("train", "eval", "test")
            if key in names
        )
        advice += f"Name them in data.splits: {{{paths}}}, instead of data.path."
    else:
        advice += f"Name the classes' folder, data.path: {_class_root(folder, train, files)}."
    if flat:
        advice += (
            f" {' and '.join(flat)} {'has' if len(flat) == 1 else 'have'} no class folders, so that nothing can be "
            f"learned from or measured on {'it' if len(flat) == 1 else 'them'}: score "
            f"{os.path.join(folder, flat[0])} with `counterpoise predict`, or in the run by bulk_inference.path."
        )
    return advice


def _class_root(folder: str, name: str, files: list[str]) -> str:
    """Goes down from a folder through folders that hold a single one, to that which holds several."""
    files = _below(name, files)
    inner = _folders(files)
    only = next(iter(inner)) if len(inner) == 1 else ""
    if only and inner[only].holds_classes:
        return _class_root(os.path.join(folder, name), only, files)
    return os.path.join(folder, name)


def _of_single_folder(folder: str, below: str, one: _Folder) -> str:
    names = sorted(one.inner)
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return (
        f"{folder} holds a single folder, which would be the single class. Name the one that holds "
        f"{', '.join(names[:_SHOWN])}{more}: {below}."
    )


def layout_notes(listed: ImageFiles) -> list[str]:
    """Says what else the folders suggest and is not used: splits, or other classes, inside each class."""
    folders = _folders(listed.files)
    folders.pop("", None)
    splits = [{_split_meant(name) for name in one.inner} - {None} for one in folders.values()]
    if len(splits) > 1 and all(one >= {"train", "test"} or one >= {"train", "eval"} for one in splits):
        return [
            "Each class folder holds folders of splits (train, test), which are not used: their images are read "
            "together and split anew. To keep the given splits, move them above the classes, as in train/CLASS and "
            "test/CLASS, and name them in data.splits."
        ]
    inner = [frozenset(one.inner) for one in folders.values()]
    if len(inner) > 1 and len(inner[0]) > 1 and set(inner) == {inner[0]}:
        return [
            f"Each class folder holds folders of the same names: {', '.join(sorted(inner[0])[:_SHOWN])}"
            f"{' and more' if len(inner[0]) > _SHOWN else ''}. The class is the first folder, as in "
            f"{', '.join(sorted(folders)[:_SHOWN])}. If the second is the class, put each class's images into one folder."
        ]
    return []
