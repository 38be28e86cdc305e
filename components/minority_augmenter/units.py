"""Divides the work into units of bounded size, each done by one worker.

A strategy that looks at one class alone has units of a class, or of a part of one too large for a worker;
where many rows are to be made of few, several units draw from the same rows, each with a seed of its own.

A strategy that is defined on all classes at once (Borderline-SMOTE, SVM-SMOTE, ADASYN, SMOTE-N, Tomek links,
edited nearest neighbours) has units that each hold all rows of the classes to grow and a part of the others;
of a class to grow that is itself too large, a part too. With one unit that is the
definition; with several, the other classes look thinner to each unit than they are, and neighbourhoods reach
as much farther. A row that several units hold is cleaned away by the one that is its home.

Parts are drawn by the hash of the record's key.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from components.minority_augmenter.resample import CLEANING

_OF_ALL_CLASSES = ("borderline_smote", "svm_smote", "adasyn", *CLEANING)
# Numbers of 8 bytes that a unit may hold in its largest array: 160 MB.
_CELLS = 20_000_000
_MOST_ROWS = 50_000
# Training a support vector machine takes time with the square of the rows,
_MOST_SVM_ROWS = 10_000
# SMOTE-N memory: it measures every row of a class against every other.
_MOST_NOMINAL_ROWS = 4_000
_MOST_IMAGES = 1_000
_FEWEST_ROWS = 500


@dataclass(frozen=True)
class Limits:
    """The most a unit holds and makes.

    Attributes:
        rows: Rows it reads.
        made: Rows it makes.
    """

    rows: int
    made: int


@dataclass(frozen=True)
class Unit:
    """Work for one worker.

    Attributes:
        number: Counts the units.
        groups: Groups of rows it reads.
        make: Class index to rows to make.
        home: Whose rows of shared groups it cleans: those with `hash % home[1] == home[0]`.
    """

    number: int
    groups: tuple[int, ...]
    make: dict[int, int]
    home: tuple[int, int] = (0, 1)


@dataclass(frozen=True)
class Layout:
    """Which rows are gathered, in which group, and which units work on them.

    Attributes:
        first: int64 `(classes,)`, group of a class's first part; -1 where its rows are not gathered.
        parts: int64 `(classes,)`, number of groups a class is spread over.
        units: The units.
    """

    first: np.ndarray
    parts: np.ndarray
    units: tuple[Unit, ...]

    def groups_of(self, labels: np.ndarray, hashes: np.ndarray) -> np.ndarray:
        """Returns each record's group, int64 `(records,)`; -1 where it is not gathered.

        Args:
            labels: int64 `(records,)`, index of the class.
            hashes: uint64 `(records,)`, of the records' keys.
        """
        first = self.first[labels]
        groups = first + (hashes % self.parts[labels].astype(np.uint64)).astype(np.int64)
        return np.where(first < 0, -1, groups)


def limits(strategy: str, width: int, neighbours: int, has_image: bool, is_nominal: bool) -> Limits:
    """Returns what fits into the memory of a small worker.

    Args:
        strategy: How rows are made.
        width: Numbers in a row, each category counted as one.
        neighbours: Rows that a SMOTE-NC row is made of.
        has_image: Whether rows carry an image.
        is_nominal: Whether SMOTE has no numbers to work on.
    """
    rows = max(_FEWEST_ROWS, min(_MOST_ROWS, _CELLS // max(width, 1)))
    made = max(_FEWEST_ROWS, min(2 * _MOST_ROWS, _CELLS // max(width * neighbours, 1)))
    if strategy == "svm_smote":
        rows = min(rows, _MOST_SVM_ROWS)
    if is_nominal and strategy not in ("copy", "oversample"):
        rows = min(rows, _MOST_NOMINAL_ROWS)
    if has_image:
        rows, made = min(rows, _MOST_IMAGES), min(made, _MOST_IMAGES)
    return Limits(rows, made)


def plan_units(
    counts: Sequence[int], make: Mapping[int, int], strategy: str, is_nominal: bool, most: Limits
) -> Layout:
    """Plans the units.

    Args:
        counts: Rows of every class in train.
        make: Class index to rows to make; cleaning has units without any, too.
        strategy: How rows are made.
        is_nominal: Whether SMOTE has no numbers to work on.
        most: What fits into a unit.
    """
    if not make and strategy not in CLEANING:
        return Layout(np.full(len(counts), -1), np.ones(len(counts), np.int64), ())
    if strategy in _OF_ALL_CLASSES or (is_nominal and strategy == "smote"):
        return _units_of_all_classes(np.asarray(counts), make, most)
    return _units_of_one_class(np.asarray(counts), make, most)


def _units_of_one_class(counts: np.ndarray, make: Mapping[int, int], most: Limits) -> Layout:
    first, parts = np.full(len(counts), -1), np.ones(len(counts), np.int64)
    units: list[Unit] = []
    group = 0
    for label, size in sorted(make.items()):
        first[label], parts[label] = group, _pieces(counts[label], most.rows)
        for of_part in _shares(size, parts[label]):
            units += [
                Unit(len(units) + number, (group,), {label: share})
                for number, share in enumerate(_shares(of_part, _pieces(of_part, most.made)))
                if share
            ]
            group += 1
    return Layout(first, parts, tuple(units))


def _units_of_all_classes(counts: np.ndarray, make: Mapping[int, int], most: Limits) -> Layout:
    of_all = np.zeros(len(counts), bool)
    for label in make:
        of_all[label] = counts[label] <= most.rows // (2 * len(make))
    room = most.rows - int(counts[of_all].sum())
    num_units = max(_pieces(counts[~of_all].sum(), room), _pieces(sum(make.values()), most.made))
    first, parts = np.where(of_all, 0, 1), np.where(of_all, 1, num_units)
    groups = [(0, 1 + number) for number in range(num_units)]
    shares = {label: _shares(size, num_units) for label, size in make.items()}
    units = [
        Unit(
            number,
            groups[number],
            {label: share[number] for label, share in shares.items() if share[number]},
            (number, num_units),
        )
        for number in range(num_units)
    ]
    return Layout(first, parts, tuple(units))


def _pieces(size: int, most: int) -> int:
    return max(1, -(-int(size) // most))


def _shares(size: int, pieces: int) -> list[int]:
    """Shares a number out as evenly as whole numbers can: 7 in 3 is [3, 2, 2]."""
    return [size // pieces + (piece < size % pieces) for piece in range(pieces)]
