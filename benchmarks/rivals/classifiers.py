"""Classifiers that users of tables would take instead, each with its defaults."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.rivals.answers import Answers
from benchmarks.rivals.sources import LABEL, RARE

# Takes the rows to learn from, the rows of test, both with their class, and a seed.
Fit = Callable[[pd.DataFrame, pd.DataFrame, int], Answers]


def hist_gradient_boosting(learn: pd.DataFrame, test: pd.DataFrame, seed: int) -> Answers:
    return _hist(learn, test, seed, None)


def hist_gradient_boosting_balanced(learn: pd.DataFrame, test: pd.DataFrame, seed: int) -> Answers:
    return _hist(learn, test, seed, "balanced")


def _hist(learn: pd.DataFrame, test: pd.DataFrame, seed: int, weights: str | None) -> Answers:
    from sklearn.ensemble import HistGradientBoostingClassifier

    columns, test_columns = _coded(learn, test)
    places = [place for place, name in enumerate(_categories(learn)) if name]
    model = HistGradientBoostingClassifier(
        categorical_features=places or None, class_weight=weights, random_state=seed
    )
    return _answers(model.fit(columns, _is_rare(learn)), test_columns)


def balanced_random_forest(learn: pd.DataFrame, test: pd.DataFrame, seed: int) -> Answers:
    from imblearn.ensemble import BalancedRandomForestClassifier

    columns, test_columns = _coded(learn, test)
    medians = np.nanmedian(columns, axis=0)
    model = BalancedRandomForestClassifier(
        sampling_strategy="all", replacement=True, bootstrap=False, random_state=seed, n_jobs=-1
    )
    model.fit(np.where(np.isnan(columns), medians, columns), _is_rare(learn))
    return _answers(model, np.where(np.isnan(test_columns), medians, test_columns))


def lightgbm(learn: pd.DataFrame, test: pd.DataFrame, seed: int) -> Answers:
    from lightgbm import LGBMClassifier

    columns, test_columns = _typed(learn, test)
    model = LGBMClassifier(random_state=seed, verbose=-1)
    return _answers(model.fit(columns, _is_rare(learn)), test_columns)


def xgboost(learn: pd.DataFrame, test: pd.DataFrame, seed: int) -> Answers:
    from xgboost import XGBClassifier

    columns, test_columns = _typed(learn, test)
    model = XGBClassifier(enable_categorical=True, random_state=seed)
    return _answers(model.fit(columns, _is_rare(learn)), test_columns)


def catboost(learn: pd.DataFrame, test: pd.DataFrame, seed: int) -> Answers:
    from catboost import CatBoostClassifier

    texts = list(learn.drop(columns=LABEL).select_dtypes(exclude="number"))
    columns, test_columns = (
        one.drop(columns=LABEL).fillna(dict.fromkeys(texts, "")) for one in (learn, test)
    )
    model = CatBoostClassifier(random_seed=seed, verbose=0, cat_features=texts, allow_writing_files=False)
    return _answers(model.fit(columns, _is_rare(learn)), test_columns)


CLASSIFIERS: dict[str, Fit] = {
    "HistGradientBoosting": hist_gradient_boosting,
    "HistGradientBoosting, balanced": hist_gradient_boosting_balanced,
    "BalancedRandomForest": balanced_random_forest,
    "LightGBM": lightgbm,
    "XGBoost": xgboost,
    "CatBoost": catboost,
}


def _is_rare(table: pd.DataFrame) -> np.ndarray:
    return (table[LABEL] == RARE).to_numpy(np.int64)


def _answers(model: Any, columns: Any) -> Answers:
    # With defaults the more probable class is decided for.
    return Answers(model.predict_proba(columns)[:, 1].astype(np.float64), model.predict(columns) == 1)


def _categories(table: pd.DataFrame) -> list[bool]:
    features = table.drop(columns=LABEL)
    return [not pd.api.types.is_numeric_dtype(features[name]) for name in features]


def _typed(learn: pd.DataFrame, test: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Returns the features with texts as pandas' categories, those of the rows to learn from."""
    columns, test_columns = learn.drop(columns=LABEL), test.drop(columns=LABEL)
    for name, is_text in zip(columns, _categories(learn), strict=True):
        if is_text:
            known = pd.CategoricalDtype(sorted(columns[name].dropna().unique()))
            columns[name], test_columns[name] = columns[name].astype(known), test_columns[name].astype(known)
    return columns, test_columns


def _coded(learn: pd.DataFrame, test: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Returns the features as float64 `(rows, columns)`, texts as their number, NaN where missing or new."""
    both = []
    for table in _typed(learn, test):
        codes = {
            name: table[name].cat.codes.replace(-1, np.nan)
            if table[name].dtype == "category"
            else table[name]
            for name in table
        }
        both.append(pd.DataFrame(codes).to_numpy(np.float64))
    return both[0], both[1]
