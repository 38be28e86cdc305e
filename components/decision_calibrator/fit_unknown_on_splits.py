"""Records that the decision `unknown` is fitted on: those that the network learnt, and those held out from it."""

import numpy as np

from components.decision_calibrator.embed_split import embed_split
from components.decision_calibrator.embedded_records import EmbeddedRecords
from components.decision_calibrator.fit_unknown import TRAINED_ON, fit_unknown
from components.decision_calibrator.loaded_model import kept_model
from components.decision_calibrator.unknown import Unknown
from components.decision_calibrator.unknown_settings import UnknownSettings
from core.errors import InputError
from core.out_of_fold import OutOfFold


def fit_unknown_on_splits(
    settings: UnknownSettings,
    folder: str,
    split_uris: tuple[str, str],
    label: str,
    classes: list[str],
    out_of_fold: OutOfFold | None,
    prior: np.ndarray,
    seed: int,
) -> Unknown:
    """Fits the decision `unknown` on train and eval as they are, before any augmentation.

    Of one network means and covariance are those of train, and the threshold is found by eval. Of networks trained by
    folds each has its own, of all records but its fold's, and the threshold is found by all records, each in the embedding
    of the network that was not trained on it.

    Args:
        settings: What is asked for.
        folder: Of the SavedModel that the Trainer wrote.
        split_uris: Folders of the shards of train and eval, raw tf.Examples.
        label: Feature of the class's name.
        classes: Names in index order.
        out_of_fold: Which network was not trained on which record; None where there is one network.
        prior: Class shares where the model is used, `(classes,)`.
        seed: Decides the resamples.

    Raises:
        InputError: There are too few held-out records, or the model does not answer what it needs to.
    """
    if "embedding" not in kept_model(folder).signatures["serving_default"].structured_outputs:
        raise InputError(
            "decision.unknown is decided by the network's embedding, which the network that lies in the output folder, "
            "trained by an earlier release, does not answer beside its probabilities. Run into a new folder with --output."
        )
    train, evaluation = (embed_split(folder, uri, label, classes) for uri in split_uris)
    records = EmbeddedRecords(
        [*train.keys, *evaluation.keys],
        np.concatenate([train.labels, evaluation.labels]),
        np.concatenate([train.vectors, evaluation.vectors]),
    )
    if out_of_fold is None:
        held_out_of = np.repeat([TRAINED_ON, 0], [len(train.keys), len(evaluation.keys)])
        return fit_unknown(settings, records, held_out_of, 1, prior, seed)
    fold_of = dict(zip(out_of_fold.keys, out_of_fold.folds.tolist(), strict=True))
    held_out_of = np.array([fold_of.get(key, TRAINED_ON) for key in records.keys], np.int64)
    return fit_unknown(settings, records, held_out_of, len(out_of_fold.log_probabilities), prior, seed)
