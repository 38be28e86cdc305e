"""Check that a split is large enough for the decision, by files and shares, before TensorFlow is imported."""

import math

from components.decision_calibrator.unknown_check import check_held_out
from components.stratified_example_gen.check_data import class_counts
from components.stratified_example_gen.settings import DataSettings, SplitPaths, SplitShares
from components.stratified_example_gen.sources import split_paths
from pipeline.config import Experiment


def check_held_out_records(experiment: Experiment, num_records: int) -> None:
    """Checks that as many records are held out as `decision.unknown` takes.

    Of splits that only the data tell, as a column does, DecisionCalibrator counts what there is in the end.

    Args:
        experiment: All settings.
        num_records: Records of all splits.

    Raises:
        InputError: There are too few.
    """
    if experiment.decision.unknown is not None:
        held_out = _most_held_out(experiment.data, num_records, experiment.training.folds > 1)
        check_held_out(experiment.decision.unknown, held_out)


def _most_held_out(data: DataSettings, num_records: int, by_folds: bool) -> int:
    """Returns how many records the decision is fitted on, at most."""
    splits = data.splits
    if isinstance(splits, SplitShares):
        return math.ceil((splits.eval + (splits.train if by_folds else 0)) * num_records)
    if not isinstance(splits, SplitPaths):
        return num_records
    counted = {split: _count(data, path) for split, path in split_paths(data).items() if split != "test"}
    if by_folds:
        return sum(counted.values())
    return counted["eval"] if isinstance(splits.eval, str) else math.ceil(splits.eval * counted["train"])


def _count(data: DataSettings, path: str) -> int:
    """Counts the records of a split that has a path of its own."""
    alone = {"path": path, "splits": SplitShares()}
    return class_counts(data.model_copy(update=alone)).total()
