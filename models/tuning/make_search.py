"""Search put together out of the experiment's settings, its space and the data."""

import hashlib
import json
import os
import sys
from collections.abc import Mapping
from typing import Any

import tensorflow_transform as tft
from tfx.dsl.io import fileio

from models.settings import TrainingSections, TunerSettings
from models.trainer import training_job
from models.training.job import TrainingJob
from models.tuning.chief import is_worker
from models.tuning.data_digest import data_digest
from models.tuning.default_space import default_space
from models.tuning.dimension import Dimension
from models.tuning.hyperparameters import hyperparameters_of
from models.tuning.job import DATA_DIGEST, JOB_FILE, STARTED_BY_CHIEF, job_of
from models.tuning.measure import Measure
from models.tuning.median_stopping import MedianStopping
from models.tuning.oracles import Rules, make_oracle
from models.tuning.search import Search
from models.tuning.space import first_values
from models.tuning.trial_progress import TrialProgress
from models.tuning.trial_settings import Values, trial_settings

# How a search is run does not decide what it finds.
_OF_THE_RUN = ("enabled", "parallel", "max_minutes")


def make_search(fn_args: Any) -> Search:
    """Makes a search, or takes up the one that the same settings and data have begun.

    Args:
        fn_args: What `models.tuner.tuner_fn` takes; a worker has as much of it as `job_of` says.
    """
    config = fn_args.custom_config
    own, tuner = TrainingSections.from_config(config), TunerSettings.model_validate(config["tuner"])
    transform = tft.TFTransformOutput(fn_args.transform_graph_path)

    def trial_job(sections: TrainingSections) -> TrainingJob:
        return training_job(fn_args, transform, sections)

    own_job = trial_job(own)
    has_image = own_job.inputs.image is not None
    has_table = own_job.inputs.num_numeric + len(own_job.inputs.categorical_sizes) > 0
    objective = tuner.objective or default_objective(len(own_job.classes))
    space = tuner.space or default_space(own, has_image, has_table, objective)
    epochs = tuner.epochs or own_job.training.epochs
    # A worker is told, as reading all data takes a while.
    data = getattr(fn_args, DATA_DIGEST, None) or data_digest(
        [*fn_args.train_files, *fn_args.eval_files], fn_args.transform_graph_path
    )
    folder = os.path.join(config["tuning_dir"], digest(config, data, tuner, space))
    progress = TrialProgress(objective, tuner.max_trials, folder)
    oracle = make_oracle(
        tuner,
        objective,
        hyperparameters_of(space, first_values(space, own)),
        epochs,
        own.seed,
        Rules(
            lambda values: _are_compatible(own, values, has_image),
            tuner.max_minutes,
            progress.begin,
            progress.end,
        ),
    )
    medians = os.path.join(folder, "medians")
    prunes = tuner.pruning and tuner.algorithm != "hyperband"
    measure = Measure(
        trial_job,
        own,
        epochs,
        has_image,
        lambda trial: [MedianStopping(objective, medians, os.path.basename(trial))] if prunes else [],
        tuner.by_folds,
    )
    command = [sys.executable, "-m", "models.tuning.worker", os.path.join(folder, JOB_FILE), STARTED_BY_CHIEF]
    search = Search(oracle, measure, folder, tuner.parallel, command)
    if not is_worker():
        for trial in oracle.trials.values():
            progress.take_in(trial)
        with fileio.open(os.path.join(folder, JOB_FILE), "w") as handle:
            handle.write(json.dumps(job_of(fn_args, data)))
    return search


def default_objective(num_classes: int) -> str:
    """Names the figure that ranks trials where none is named: of two classes that of the rarer one."""
    return "val_average_precision" if num_classes == 2 else "val_macro_f1"


def digest(
    custom_config: Mapping[str, Any], data: str, tuner: TunerSettings, space: dict[str, Dimension]
) -> str:
    """Names a search by all that decides what it finds: the settings, the data's own digest, the space.

    A search with a larger `max_trials` goes on with the trials of the smaller one, but for hyperband, which
    plans its trials by their number.
    """
    left_out = {*_OF_THE_RUN, *(() if tuner.algorithm == "hyperband" else ("max_trials",))}
    own = {key: value for key, value in custom_config.items() if key not in ("tuner", "tuning_dir")}
    content = {
        **own,
        "tuner": tuner.model_dump(mode="json", exclude={*left_out, "space"}),
        "space": {key: dimension.model_dump(mode="json") for key, dimension in space.items()},
        "data": data,
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]


def _are_compatible(own: TrainingSections, values: Values, has_image: bool) -> bool:
    try:
        trial_settings(own, values, has_image)
    except ValueError:
        return False
    return True
