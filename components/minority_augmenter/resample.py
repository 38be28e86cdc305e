"""New rows for rare classes, and rows to leave out, by imbalanced-learn."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import imblearn
import numpy as np
from sklearn.preprocessing import OneHotEncoder

from components.minority_augmenter import samplers
from components.minority_augmenter.rows import Rows

# What Borderline- and SVM-SMOTE look at to tell whether a row is in danger; imbalanced-learn's default.
_DANGER_NEIGHBOURS = 10
# By name, as most runs need none of imbalanced-learn, which takes its time to be imported.
_CLEANERS = {"smote_tomek": "TomekLinks", "smote_enn": "EditedNearestNeighbours"}
CLEANING = tuple(_CLEANERS)


@dataclass(frozen=True)
class Resampled:
    """What resampling made and kept.

    Attributes:
        rows: The new rows.
        labels: int64 `(new rows,)`, index of the class.
        parents: int64 `(new rows, most parents)`, positions of the rows each was made of, the one it is
            nearest to in kind first; -1 fills up.
        methods: str `(new rows,)`, what made each.
        kept: bool `(given rows,)`, False for given rows that cleaning takes out.
        notes: Pairs of a class's index and what a person should know of it.
    """

    rows: Rows
    labels: np.ndarray
    parents: np.ndarray
    methods: np.ndarray
    kept: np.ndarray
    notes: tuple[tuple[int, str], ...] = ()


@dataclass
class _Made:
    """New rows of one call, in the making."""

    rows: Rows
    labels: np.ndarray
    parents: np.ndarray
    method: str
    notes: list[tuple[int, str]] = field(default_factory=list)


def resample(
    rows: Rows, labels: np.ndarray, make: Mapping[int, int], strategy: str, neighbours: int, seed: int
) -> Resampled:
    """Makes new rows of the classes in `make`.

    The rows are those of imbalanced-learn's `fit_resample`, given the same arrays and seed: RandomOverSampler,
    SMOTE (SMOTE-NC where flags or categories vary, SMOTE-N where there are no numbers), Borderline-SMOTE 1,
    SVM-SMOTE, ADASYN, SMOTE then Tomek links, SMOTE then edited nearest neighbours. Where these measure
    distance and know no categories, flags and categories count as in SMOTE-NC, and a new row has those of
    its first parent. `copy` repeats every row equally often, to within one.

    A class with too few rows gets fewer neighbours; a single row is copied; where a strategy makes fewer rows
    than asked by other than its definition, SMOTE makes the rest. Each is noted.

    Args:
        rows: Rows of the classes to grow, and of the others where the strategy looks at them.
        labels: int64 `(rows,)`, index of the class.
        make: Class to number of new rows wanted.
        strategy: `copy`, or one of `settings.TABULAR` that makes rows.
        neighbours: At least 1.
        seed: In [0, 2**32).

    Reference:
        Chawla et al. 2002 (SMOTE, -NC, -N), Han et al. 2005 (Borderline), Nguyen et al. 2009 (SVM), He et al.
        2008 (ADASYN), Batista et al. 2004 (Tomek, ENN).
    """
    if strategy in ("copy", "oversample"):
        made = [_copies(rows, labels, make, strategy, seed)]
    else:
        made = _by_neighbours(rows, labels, make, strategy, neighbours, seed)
    new, new_labels = (
        Rows.concatenate([one.rows for one in made]),
        np.concatenate([one.labels for one in made]),
    )
    methods = np.concatenate([np.full(len(one.labels), one.method, object) for one in made])
    notes = [note for one in made for note in one.notes]
    parents = _stacked([one.parents for one in made])
    kept = np.ones(len(rows), bool)
    if strategy in _CLEANERS:
        kept_all, removal_notes = _cleaned(
            Rows.concatenate([rows, new]), np.concatenate([labels, new_labels]), strategy
        )
        kept, made_kept = kept_all[: len(rows)], kept_all[len(rows) :]
        new, new_labels = new.take(made_kept), new_labels[made_kept]
        parents, methods = parents[made_kept], methods[made_kept]
        notes += removal_notes
    return Resampled(new, new_labels, parents, methods, kept, tuple(notes))


def _copies(rows: Rows, labels: np.ndarray, make: Mapping[int, int], strategy: str, seed: int) -> _Made:
    if strategy == "copy":
        random = np.random.default_rng(seed)
        drawn = [
            _in_turn(np.flatnonzero(labels == label), size, random) for label, size in sorted(make.items())
        ]
        parents = np.concatenate([np.empty(0, np.int64), *drawn])
    else:
        sampler = imblearn.over_sampling.RandomOverSampler(
            sampling_strategy=_totals(labels, make), random_state=seed
        )
        sampler.fit_resample(*_two_classes(np.arange(len(labels))[:, np.newaxis], labels))
        parents = sampler.sample_indices_[-sum(make.values()) :]
    return _Made(rows.take(parents), labels[parents], parents[:, np.newaxis], strategy)


def _in_turn(members: np.ndarray, size: int, random: np.random.Generator) -> np.ndarray:
    """Draws members, each again only after all others."""
    rounds = [random.permutation(members) for _ in range(-(-size // len(members)))]
    return np.concatenate(rounds)[:size]


def _by_neighbours(
    rows: Rows, labels: np.ndarray, make: Mapping[int, int], strategy: str, neighbours: int, seed: int
) -> list[_Made]:
    by_number: dict[int, dict[int, int]] = {}
    notes = []
    for label, size in sorted(make.items()):
        count = int(np.sum(labels == label))
        number = min(neighbours, count - 1)
        by_number.setdefault(number, {})[label] = size
        if number == 0:
            notes.append((label, "one example has no neighbours, so it is copied"))
        elif number < neighbours:
            notes.append((label, f"{count} examples, neighbours lowered to {number}"))
    made = [_copies(rows, labels, {}, "copy", seed)]
    for number, part in sorted(by_number.items(), reverse=True):
        if number == 0:
            made.append(_copies(rows, labels, part, "oversample", seed))
        else:
            made += _grown(rows, labels, part, strategy, number, seed)
    made[0].notes += notes
    return made


def _grown(
    rows: Rows, labels: np.ndarray, make: Mapping[int, int], strategy: str, neighbours: int, seed: int
) -> list[_Made]:
    if strategy not in _ON_DISTANCES:
        return [_smote(rows, labels, make, neighbours, seed)]
    try:
        made = _on_distances(rows, labels, make, strategy, neighbours, seed)
    except (RuntimeError, ValueError) as err:
        # So imbalanced-learn says that a class has no border: one of several must not hold up the others.
        if len(make) > 1:
            alone = [
                _grown(rows, labels, {one: size}, strategy, neighbours, seed) for one, size in make.items()
            ]
            return [one for part in alone for one in part]
        rest = _smote(rows, labels, make, neighbours, seed)
        rest.notes += [(label, f"made by smote, for {strategy} cannot: {err}") for label in make]
        return [rest]
    # ADASYN rounds the rows of each parent by definition; the others fall short only where nothing is in danger.
    missing = {label: size - int(np.sum(made.labels == label)) for label, size in make.items()}
    missing = {label: size for label, size in missing.items() if size > 0}
    if strategy == "adasyn" or not missing:
        return [made]
    rest = _smote(rows, labels, missing, neighbours, seed)
    rest.notes += [
        (label, f"{size} examples made by smote, for {strategy} found too few in danger")
        for label, size in missing.items()
    ]
    return [made, rest]


def _smote(rows: Rows, labels: np.ndarray, make: Mapping[int, int], neighbours: int, seed: int) -> _Made:
    options = {"random_state": seed, "sampling_strategy": _totals(labels, make)}
    discrete = rows.discrete()
    varying = np.flatnonzero((discrete != discrete[:1]).any(axis=0))
    num_numeric = rows.numeric.shape[1]
    if num_numeric and not len(varying):
        made = _fit(
            samplers.NotingSMOTE(k_neighbors=neighbours, **options), rows.numeric.astype(np.float64), labels
        )
    elif num_numeric:
        columns = np.hstack([rows.numeric.astype(np.float64), discrete[:, varying]])
        places = list(range(num_numeric, columns.shape[1]))
        # The row itself is among those found.
        nearest = samplers.DenseNeighbors(n_neighbors=neighbours + 1)
        made = _fit(
            samplers.NotingSMOTENC(categorical_features=places, k_neighbors=nearest, **options),
            columns,
            labels,
        )
    else:
        made = _fit(
            samplers.NotingSMOTEN(k_neighbors=neighbours, **options),
            discrete[:, varying] if len(varying) else discrete,
            labels,
        )
    columns, new_labels, parents = made
    new_discrete = np.repeat(discrete[:1], len(columns), axis=0)
    new_discrete[:, varying] = columns[:, num_numeric:][:, : len(varying)]
    new = Rows.joined(columns[:, :num_numeric], new_discrete, rows.flags.shape[1])
    return _Made(new, new_labels, parents, "smote")


def _borderline(total: dict[int, int], neighbours: int, danger: int, seed: int) -> Any:
    return samplers.NotingBorderlineSMOTE(
        sampling_strategy=total, k_neighbors=neighbours, m_neighbors=danger, random_state=seed
    )


def _svm(total: dict[int, int], neighbours: int, danger: int, seed: int) -> Any:
    return samplers.NotingSVMSMOTE(
        sampling_strategy=total, k_neighbors=neighbours, m_neighbors=danger, random_state=seed
    )


def _adasyn(total: dict[int, int], neighbours: int, danger: int, seed: int) -> Any:
    return samplers.NotingADASYN(sampling_strategy=total, n_neighbors=neighbours, random_state=seed)


_ON_DISTANCES: dict[str, Callable[[dict[int, int], int, int, int], Any]] = {
    "borderline_smote": _borderline,
    "svm_smote": _svm,
    "adasyn": _adasyn,
}


def _on_distances(
    rows: Rows, labels: np.ndarray, make: Mapping[int, int], strategy: str, neighbours: int, seed: int
) -> _Made:
    danger = min(_DANGER_NEIGHBOURS, len(rows) - 1)
    sampler = _ON_DISTANCES[strategy](_totals(labels, make), neighbours, danger, seed)
    columns, new_labels, parents = _fit(sampler, as_measured(rows), labels)
    of_first = rows.take(parents[:, 0])
    new = Rows(columns[:, : rows.numeric.shape[1]].astype(np.float32), of_first.flags, of_first.categories)
    return _Made(new, new_labels, parents, strategy)


def _cleaned(rows: Rows, labels: np.ndarray, strategy: str) -> tuple[np.ndarray, list[tuple[int, str]]]:
    """Returns which rows stay, bool `(rows,)`; a class that would vanish stays."""
    cleaner = getattr(imblearn.under_sampling, _CLEANERS[strategy])(sampling_strategy="all")
    cleaner.fit_resample(as_measured(rows), labels)
    kept = np.zeros(len(rows), bool)
    kept[cleaner.sample_indices_] = True
    vanished = np.setdiff1d(labels, labels[kept])
    kept |= np.isin(labels, vanished)
    return kept, [(int(label), f"{strategy} would remove all examples, so all stay") for label in vanished]


def as_measured(rows: Rows) -> np.ndarray:
    """Returns rows as SMOTE-NC measures them, float64 `(rows, columns)`.

    Numbers as they are; then each flag or category that varies as one column a value, scaled so that two
    rows that differ in it are as far apart as the median standard deviation of the numbers (1 without any).
    """
    numeric, discrete = rows.numeric.astype(np.float64), rows.discrete()
    varying = np.flatnonzero((discrete != discrete[:1]).any(axis=0))
    if not len(varying):
        return numeric
    apart = float(np.median(numeric.std(axis=0))) if numeric.shape[1] else 1.0
    values = OneHotEncoder(sparse_output=False).fit_transform(discrete[:, varying])
    return np.hstack([numeric, values * apart / np.sqrt(2)])


def _fit(sampler: Any, columns: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Returns the new rows' columns, labels, and parents."""
    given, given_labels = _two_classes(columns, labels)
    all_columns, all_labels = sampler.fit_resample(given, given_labels)
    return all_columns[len(given) :], all_labels[len(given) :], _stacked(sampler.parents_)


def _two_classes(columns: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Adds a row of another class to a class alone, which imbalanced-learn refuses and most samplers ignore."""
    if (labels != labels[0]).any():
        return columns, labels
    return np.vstack([columns, columns[:1]]), np.append(labels, labels[0] + 1)


def _totals(labels: np.ndarray, make: Mapping[int, int]) -> dict[int, int]:
    return {label: int(np.sum(labels == label)) + size for label, size in make.items()}


def _stacked(parts: list[np.ndarray]) -> np.ndarray:
    """Stacks arrays of parents; -1 fills up the narrower."""
    width = max((part.shape[1] for part in parts), default=1)
    parts = [np.pad(part, ((0, 0), (0, width - part.shape[1])), constant_values=-1) for part in parts]
    return np.concatenate([np.empty((0, width), np.int64), *parts])
