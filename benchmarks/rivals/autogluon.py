"""AutoGluon in an environment of its own, as its libraries do not go together with TFX's."""

import subprocess
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.rivals.answers import Answers
from benchmarks.rivals.classifiers import Fit
from benchmarks.rivals.sources import LABEL, RARE

_PROGRAM = Path(__file__).with_name("autogluon_program.py")


def version_of(python: str) -> str | None:
    """Returns the version of AutoGluon that a Python has; None where it has none or does not run."""
    code = "from importlib import metadata; print(metadata.version('autogluon.tabular'))"
    try:
        done = subprocess.run([python, "-c", code], capture_output=True, text=True, check=False)
    except OSError:
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def autogluon(python: str, time_limit: int) -> Fit:
    """Makes the classifier: the medium preset, which it is told to rank by average precision.

    Args:
        python: Of the environment that has it.
        time_limit: Seconds it may take for a table.
    """

    def fit(learn: pd.DataFrame, test: pd.DataFrame, seed: int) -> Answers:
        # It takes no seed; its models have fixed ones.
        with tempfile.TemporaryDirectory() as folder:
            learn.to_parquet(Path(folder, "learn.parquet"))
            test.drop(columns=LABEL).to_parquet(Path(folder, "test.parquet"))
            # Isolated: modules beside the program have names that libraries have too.
            words = [python, "-I", str(_PROGRAM), folder, LABEL, RARE, str(time_limit)]
            done = subprocess.run(words, capture_output=True, text=True, check=False)
            if done.returncode:
                raise RuntimeError(f"AutoGluon ended with status {done.returncode}: {done.stderr[-2000:]}")
            rare, decided = np.load(Path(folder, "answers.npy"))
        return Answers(rare, decided == 1)

    return fit
