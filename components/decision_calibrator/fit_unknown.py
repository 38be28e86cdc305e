"""Fit of the decision `unknown`: class distances on what each network learnt, the threshold on what it did not."""

import numpy as np

from components.decision_calibrator.class_distance import fit_class_distance
from components.decision_calibrator.embedded_records import EmbeddedRecords
from components.decision_calibrator.ensemble_distances import held_out_distances
from components.decision_calibrator.share_threshold import last_of_level, threshold_spread
from components.decision_calibrator.unknown import Unknown
from components.decision_calibrator.unknown_check import check_held_out
from components.decision_calibrator.unknown_settings import UnknownSettings
from components.decision_calibrator.unlikeness import Unlikeness

# Rounding of sums of weights must not turn down a record that just fits.
_SLACK = 1e-9
# Of a threshold: the held-out record that it is the unlikeness of must not come to lie above it in float32.
_ROUNDING = 1e-4
# Held out from no network: all were trained on it.
TRAINED_ON = -1


def fit_unknown(
    settings: UnknownSettings,
    records: EmbeddedRecords,
    held_out_of: np.ndarray,
    networks: int,
    prior: np.ndarray,
    seed: int,
) -> Unknown:
    """Measures where the classes lie, and finds the threshold of the unlikeness by records held out.

    Args:
        settings: What is asked for.
        records: All records, in the embeddings of all networks.
        held_out_of: Which network was not trained on the record, int `(n,)`; `TRAINED_ON` where all were.
        networks: Number of networks, whose embeddings are equally long.
        prior: Class shares where the model is used, `(classes,)`: a held-out record stands for as many as there are of its
            class there.
        seed: Decides the resamples.

    Raises:
        InputError: There are too few held-out records for the share.
    """
    is_held_out = held_out_of != TRAINED_ON
    held_labels = records.labels[is_held_out]
    check_held_out(settings, len(held_labels))
    measures, usual, distances = [], [], []
    for network, vectors in enumerate(np.split(records.vectors, networks, axis=1)):
        is_own = held_out_of == network
        measure = fit_class_distance(vectors[~is_own], records.labels[~is_own], seed)
        mine = measure.of(vectors)
        # Where all records are alike there is no distance to measure by.
        usual.append((float(np.median(mine[is_own])) if is_own.any() else 0.0) or 1.0)
        measures.append(measure)
        distances.append(mine / usual[-1])
    held_out = held_out_distances(np.stack(distances), held_out_of)
    weights = _weights(held_labels, prior)
    share = settings.max_false_alarm

    def find(counted: np.ndarray) -> float:
        return false_alarm_threshold(held_out, counted, share)[0] * (1 + _ROUNDING)

    return Unknown(
        share,
        Unlikeness(measures, np.array(usual)),
        find(weights),
        threshold_spread(find, weights, held_labels, seed),
        false_alarm_threshold(held_out, weights, share)[1],
        held_out,
        np.bincount(records.labels[(held_out_of != 0) | (networks > 1)], minlength=len(prior)),
    )


def false_alarm_threshold(scores: np.ndarray, weights: np.ndarray, share: float) -> tuple[float, float]:
    """Returns the score above which no more than a share of new records lies, in the mean, and what share that is.

    Of n held-out records and one new that is drawn alike, the new one comes to lie above the k-th largest score with
    probability k / (n + 1), itself counted: the threshold is the lowest score for which that is no more than the share.
    Where held-out records stand for others, so does the new one, for `sum(w^2) / sum(w)` of them in the mean. Where that
    alone is more than the share of all, the threshold is the highest score.

    References:
        Vovk et al. (2005), "Algorithmic learning in a random world", chapter 2, https://doi.org/10.1007/b106715;
        Tibshirani et al. (2019), "Conformal prediction under covariate shift", https://arxiv.org/abs/1904.06019

    Args:
        scores: Float `(n,)`.
        weights: How many records each stands for where the threshold is used, float `(n,)`; some above 0.
        share: In (0, 1).
    """
    order = np.argsort(-scores, kind="stable")
    order = order[weights[order] > 0]
    falling, counted = scores[order], weights[order]
    of_new = np.square(counted).sum() / counted.sum()
    last = last_of_level(falling)
    above = np.concatenate([[0.0], np.cumsum(counted)[last][:-1]])
    shares = (above + of_new) / (counted.sum() + of_new)
    place = max(int((shares <= share + _SLACK).sum()) - 1, 0)
    return float(falling[last][place]), float(shares[place])


def _weights(labels: np.ndarray, prior: np.ndarray) -> np.ndarray:
    shares = np.bincount(labels, minlength=len(prior)) / len(labels)
    return np.asarray(prior[labels] / shares[labels])
