"""TFX's Tuner, which also keeps the table of its trials."""

import os
from collections.abc import Mapping
from typing import Any

from tfx import types
from tfx.components.tuner import component, executor
from tfx.dsl.components.base import executor_spec
from tfx.dsl.io import fileio
from tfx.types import artifact_utils, standard_component_specs

from core.file_names import BEST_ANSWERS, OWN_ANSWERS, TRIALS_TABLE
from models.tuning.answers import ANSWERS_FILE
from models.tuning.leaderboard import as_csv, as_document, rows_of


class Executor(executor.Executor):
    """Searches as TFX does, and writes the table of the trials and what two of them answered."""

    def Do(
        self,
        input_dict: dict[str, list[types.Artifact]],
        output_dict: dict[str, list[types.Artifact]],
        exec_properties: Mapping[str, Any],
    ) -> None:
        tuner = executor.search(input_dict, exec_properties, self._get_tmp_dir())
        executor.write_best_hyperparameters(tuner, output_dict)
        folder = artifact_utils.get_single_uri(output_dict[standard_component_specs.TUNER_RESULTS_KEY])
        document = as_document(tuner.oracle)
        document.write(folder, fileio)
        with fileio.open(os.path.join(folder, TRIALS_TABLE), "w") as handle:
            handle.write(as_csv(rows_of(tuner.oracle)))
        trials = list(tuner.oracle.trials)
        for number, name in ((1, OWN_ANSWERS), (document.best_trial, BEST_ANSWERS)):
            answers = os.path.join(tuner.get_trial_dir(trials[number - 1]), ANSWERS_FILE)
            # A trial that failed has answered nothing.
            if fileio.exists(answers):
                fileio.copy(answers, os.path.join(folder, name), overwrite=True)


class Tuner(component.Tuner):
    """Finds the settings that training is to use.

    Its outputs are those of TFX: `best_hyperparameters`, which the Trainer takes, and `tuner_results`, whose
    folder also holds `tuning.csv`, a line for each trial, and, for the report, `tuning.json` and the answers of
    the first and the best trial to the eval records: `labels` and `probabilities`, as NumPy writes arrays.
    """

    EXECUTOR_SPEC = executor_spec.ExecutorClassSpec(Executor)
