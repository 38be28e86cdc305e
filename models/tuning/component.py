"""TFX's Tuner, which also keeps the table of its trials."""

import json
import os
from typing import Any

from tfx import types
from tfx.components.tuner import component, executor
from tfx.dsl.components.base import executor_spec
from tfx.dsl.io import fileio
from tfx.types import artifact_utils, standard_component_specs

from models.tuning.leaderboard import CSV_FILE, JSON_FILE, as_csv, as_document, rows_of


class Executor(executor.Executor):
    """Searches as TFX does, and writes `tuning.csv` and `tuning.json` beside its results."""

    def Do(
        self,
        input_dict: dict[str, list[types.Artifact]],
        output_dict: dict[str, list[types.Artifact]],
        exec_properties: dict[str, Any],
    ) -> None:
        tuner = executor.search(input_dict, exec_properties, self._get_tmp_dir())
        executor.write_best_hyperparameters(tuner, output_dict)
        folder = artifact_utils.get_single_uri(output_dict[standard_component_specs.TUNER_RESULTS_KEY])
        document = json.dumps(as_document(tuner.oracle), indent=1, ensure_ascii=False, allow_nan=False)
        for name, text in ((CSV_FILE, as_csv(rows_of(tuner.oracle))), (JSON_FILE, document + "\n")):
            with fileio.open(os.path.join(folder, name), "w") as handle:
                handle.write(text)


class Tuner(component.Tuner):
    """Finds the settings that training is to use.

    Its outputs are those of TFX: `best_hyperparameters`, which the Trainer takes, and `tuner_results`, whose
    folder also holds `tuning.csv`, a line for each trial, and `tuning.json`, for the report.
    """

    EXECUTOR_SPEC = executor_spec.ExecutorClassSpec(Executor)
