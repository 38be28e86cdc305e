"""Program of AutoGluon's environment: learns from a table and answers to another; imports nothing of this project.

Usage: python autogluon_program.py FOLDER LABEL RARE SECONDS
"""

import os
import sys

import numpy as np
import pandas as pd
from autogluon.tabular import TabularPredictor


def main() -> None:
    folder, label, rare, seconds = sys.argv[1:]
    learn = pd.read_parquet(os.path.join(folder, "learn.parquet"))
    test = pd.read_parquet(os.path.join(folder, "test.parquet"))
    predictor = TabularPredictor(
        label,
        eval_metric="average_precision",
        path=os.path.join(folder, "models"),
        verbosity=0,
        positive_class=rare,
    )
    predictor.fit(learn, presets="medium_quality", time_limit=int(seconds))
    shares = predictor.predict_proba(test)[rare].to_numpy(float)
    decided = (predictor.predict(test) == rare).to_numpy(float)
    np.save(os.path.join(folder, "answers.npy"), np.stack([shares, decided]))


if __name__ == "__main__":
    main()
