"""Features that alone give the label away, or more of it than a feature should."""

import numpy as np
from scipy.stats import rankdata

from components.imbalance_validator.facts import Column, DataFacts, Sample
from components.imbalance_validator.settings import ValidationSettings
from core.documents.imbalance_report import Finding

# With fewer examples of a class, or of all others, chance ranks some feature of many perfectly.
_FEWEST_EXAMPLES = 5
_MOST_BINS = 4096
_VALUES_AS_THEY_ARE = 256
_QUANTILES = 64
_OUTSTANDING_AUC = 0.75
_OUTSTANDING_RATIO = 1.75
# Below this, the second best feature says about nothing, and every ratio to it is large.
_LEAST_EXCESS = 0.02


def feature_aucs(sample: Sample, num_classes: int) -> dict[str, np.ndarray]:
    """Measures how well each feature alone tells each class from all others.

    The AUC of a class is the chance that a record of it ranks above one of another class; here never below
    the 0.5 of guessing, for a feature may count downwards as well. Numbers are ranked as they are, missing ones first
    or last, whichever tells more. As a class may lie between others, numbers are also cut into bins, and
    bins, like the categories of text, ranked by the class's share in them: shares counted on one half of
    the sample and ranked on the other, both ways round, so that an id, whose every value is seen once,
    gets no credit. The larger figure counts.

    Args:
        sample: Records of train.
        num_classes: Number of classes.

    Returns:
        Feature to float64 `(classes,)`; NaN for a class with fewer than 5 records, or fewer than 5 others.
    """
    halves = _halves(sample)
    counts = np.bincount(sample.labels, minlength=num_classes)
    judged = (counts >= _FEWEST_EXAMPLES) & (len(sample.labels) - counts >= _FEWEST_EXAMPLES)
    aucs = {}
    for name, column in sample.columns.items():
        figures = [_binned_auc(_bins(column), sample.labels, halves, num_classes)]
        if column.numeric:
            figures += [
                _rank_auc(np.where(column.missing, place, column.values), sample.labels, num_classes)
                for place in ([-np.inf, np.inf] if column.missing.any() else [0.0])
            ]
        aucs[name] = np.where(judged, np.maximum(np.fmax.reduce(figures), 0.5), np.nan)
    return aucs


def _rank_auc(values: np.ndarray, labels: np.ndarray, num_classes: int) -> np.ndarray:
    """Returns each class's AUC by the sum of its ranks (Mann and Whitney), equal values sharing theirs."""
    positive = np.bincount(labels, minlength=num_classes).astype(float)
    rank_sums = np.bincount(labels, weights=rankdata(values), minlength=num_classes)
    pairs = positive * (len(labels) - positive)
    with np.errstate(divide="ignore", invalid="ignore"):
        auc = (rank_sums - positive * (positive + 1) / 2) / pairs
    return np.maximum(auc, 1 - auc)


def _halves(sample: Sample) -> np.ndarray:
    """Returns 0 or 1 for each record: two halves of every class, by the records' pseudo-random order."""
    rows = np.lexsort((sample.order, sample.labels))
    halves = np.empty(len(rows), np.int64)
    halves[rows] = np.arange(len(rows)) % 2
    return halves


def _bins(column: Column) -> np.ndarray:
    """Returns int64 `(records,)`: the bin of each value, missing ones in a bin of their own."""
    missing = column.missing
    if not column.numeric:
        # The commonest categories; what is rarer shares a bin.
        counts = np.bincount(column.values[~missing], minlength=1)
        rank = np.empty(len(counts), np.int64)
        rank[np.argsort(-counts, kind="stable")] = np.arange(len(counts))
        return np.where(missing, 0, 1 + np.minimum(rank[np.maximum(column.values, 0)], _MOST_BINS))
    different = np.unique(column.values[~missing])
    if len(different) > _VALUES_AS_THEY_ARE:
        different = np.unique(np.quantile(column.values[~missing], np.linspace(0, 1, _QUANTILES + 1)[1:]))
    return np.where(missing, 0, 1 + np.searchsorted(different, column.values))


def _binned_auc(bins: np.ndarray, labels: np.ndarray, halves: np.ndarray, num_classes: int) -> np.ndarray:
    """Returns each class's mean AUC of two halves, each ranked by the shares of the other."""
    counts = np.zeros((2, int(bins.max(initial=0)) + 1, num_classes))
    np.add.at(counts, (halves, bins, labels), 1)
    aucs = np.stack([_auc_by_shares(counts[0], counts[1]), _auc_by_shares(counts[1], counts[0])])
    return np.where(np.isnan(aucs), aucs[::-1], aucs).mean(axis=0)


def _auc_by_shares(learnt: np.ndarray, ranked: np.ndarray) -> np.ndarray:
    """Ranks the bins by each class's share in `learnt`, and scores that on `ranked`, both `(bins, classes)`."""
    totals = learnt.sum(axis=1)
    # One record of the average kind in every bin: a bin never learnt lies in the middle.
    shares = (learnt + learnt.sum(axis=0) / max(totals.sum(), 1)) / (totals + 1)[:, np.newaxis]
    others = ranked.sum(axis=1)[:, np.newaxis] - ranked
    aucs = np.full(ranked.shape[1], np.nan)
    for number in range(ranked.shape[1]):
        # Shares that differ in their last digit alone are equal.
        _, place = np.unique(np.round(shares[:, number], 12), return_inverse=True)
        hits = np.bincount(place, weights=ranked[:, number])
        misses = np.bincount(place, weights=others[:, number])
        pairs = hits.sum() * misses.sum()
        if pairs:
            below = np.cumsum(misses) - misses
            aucs[number] = (hits * (below + misses / 2)).sum() / pairs
    return aucs


def check_given_away(facts: DataFacts, settings: ValidationSettings) -> list[Finding]:
    """A feature whose AUC reaches `max_feature_auc`: hard for every class that can be judged, soft for one.

    Of three classes or more, one may well lie apart from the others by a single measurement; that all of
    them do is the mark of a column made from the label.
    """
    findings = []
    for name, aucs in facts.aucs.items():
        judged = np.flatnonzero(~np.isnan(aucs))
        perfect = judged[aucs[judged] >= settings.max_feature_auc]
        if not len(perfect):
            continue
        every = len(perfect) == len(judged)
        which = "the label" if every else " and ".join(repr(facts.classes[number]) for number in perfect[:5])
        lowest = float(aucs[perfect].min())
        findings.append(
            Finding(
                "label_given_away",
                "hard" if every else "soft",
                name,
                lowest,
                settings.max_feature_auc,
                f"Feature {name!r} alone gives {which} away: its AUC is {lowest:.4g}; validation.max_feature_auc is "
                f"{settings.max_feature_auc:g}.",
                f"If {name!r} is known only once the class is, name it in data.drop; if it is a fair measurement, "
                "no model is needed, or name the check in validation.skip.",
            )
        )
    return findings


def check_outstanding(facts: DataFacts, settings: ValidationSettings) -> list[Finding]:
    """One feature far above all others: soft.

    Honest features come in company: what drives the class shows in several of them. A column that is
    filled in with or after the outcome, as the length of the call that closed the deal, stands alone. So a
    feature is named where its AUC, as the mean over the classes, is at least 0.75, and exceeds the 0.5 of
    guessing by at least 1.75 times what the second best feature's does. Call lengths in the bank marketing
    data do (0.80 against 0.65, a ratio of 2.0); the strongest features of the mammography data (0.84
    against 0.83, 1.0) and of the credit data (0.78 against 0.69, 1.5) do not. Two leaking columns of one
    origin hide each other. With fewer than three features nothing is said.
    """
    means = {name: auc for name, auc in facts.mean_aucs().items() if auc is not None}
    if len(means) < 3:
        return []
    best, second = sorted(means, key=lambda name: -means[name])[:2]
    excess = means[best] - 0.5
    ratio = excess / max(means[second] - 0.5, _LEAST_EXCESS)
    given_away = means[best] >= settings.max_feature_auc
    if given_away or means[best] < _OUTSTANDING_AUC or ratio < _OUTSTANDING_RATIO:
        return []
    return [
        Finding(
            "outstanding_feature",
            "soft",
            best,
            means[best],
            0.5 + _OUTSTANDING_RATIO * max(means[second] - 0.5, _LEAST_EXCESS),
            f"Feature {best!r} is suspicious: alone it has an AUC of {means[best]:.3f}, and the next best, "
            f"{second!r}, only {means[second]:.3f}.",
            f"Ask whether {best!r} is known before the class is. If not, name it in data.drop.",
        )
    ]
