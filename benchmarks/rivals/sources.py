"""Tables with a rare class, made alike: features, and a column `class` of `common` and `rare`."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

LABEL, RARE, COMMON = "class", "rare", "common"


@dataclass(frozen=True)
class Source:
    """Where a table comes from.

    Attributes:
        read: Takes the data folder, None where there is none, to the features and whether each row is rare.
        splits: Shares of train, eval and test; more for test where the rare class would have a handful of records.
        is_packaged: Whether a package brings it, so that no data folder is needed.
    """

    read: Callable[[Path | None], tuple[pd.DataFrame, np.ndarray]]
    splits: tuple[float, float, float] = (0.7, 0.15, 0.15)
    is_packaged: bool = False


def load_table(name: str, data: Path | None) -> pd.DataFrame:
    """Reads a table; rows in their order, which is what tells them apart from here on."""
    features, is_rare = SOURCES[name].read(data)
    return features.reset_index(drop=True).assign(**{LABEL: np.where(is_rare, RARE, COMMON)})


def write_table(table: pd.DataFrame, path: Path) -> None:
    """Writes a table as a CSV file with a header, numbers to all their digits."""
    path.parent.mkdir(parents=True, exist_ok=True)
    table.to_csv(path, index=False)


def thinned(features: pd.DataFrame, is_rare: np.ndarray, keep: int) -> tuple[pd.DataFrame, np.ndarray]:
    """Keeps some rows of the rare class, drawn at random once and for all, and every other row."""
    rare = np.random.default_rng(0).permutation(np.flatnonzero(is_rare))[:keep]
    rows = np.sort(np.concatenate([np.flatnonzero(~is_rare), rare]))
    return features.iloc[rows], is_rare[rows]


def _from_csv(
    path: str, label: str, rare: str, drop: tuple[str, ...] = ()
) -> Callable[[Path | None], tuple[pd.DataFrame, np.ndarray]]:
    def read(data: Path | None) -> tuple[pd.DataFrame, np.ndarray]:
        if data is None:
            raise SystemExit(f"{path} is read from a folder: say which with --data.")
        frame = pd.read_csv(data / path)
        is_rare = (frame.pop(label).astype(str) == rare).to_numpy()
        return frame.drop(columns=[name for name in drop if name in frame]), is_rare

    return read


def _breast_cancer(_: Path | None) -> tuple[pd.DataFrame, np.ndarray]:
    from sklearn.datasets import load_breast_cancer

    found = load_breast_cancer(as_frame=True)
    return thinned(found.data, (found.target == 0).to_numpy(), 40)


def _digits(_: Path | None) -> tuple[pd.DataFrame, np.ndarray]:
    from sklearn.datasets import load_digits

    found = load_digits(as_frame=True)
    return thinned(found.data, (found.target == 8).to_numpy(), 60)


def _diabetes(_: Path | None) -> tuple[pd.DataFrame, np.ndarray]:
    from sklearn.datasets import load_diabetes

    found = load_diabetes(as_frame=True, scaled=False)
    return found.data, (found.target >= np.quantile(found.target, 0.9)).to_numpy()


_HALVES = (0.5, 0.15, 0.35)
SOURCES = {
    "mammography": Source(_from_csv("mammography/mammography.csv", "target", "1")),
    "bank_marketing": Source(_from_csv("bank_marketing/bank.csv", "deposit", "yes", ("duration",))),
    "give_me_some_credit": Source(
        _from_csv("give_me_some_credit/cs-training.csv", "SeriousDlqin2yrs", "1", ("Unnamed: 0",))
    ),
    # Malignant ones, thinned to 40 of 397.
    "breast_cancer": Source(_breast_cancer, _HALVES, is_packaged=True),
    # Eights, thinned to 60 of 1,683.
    "digits_eight": Source(_digits, _HALVES, is_packaged=True),
    # The tenth of the patients whose disease progressed most.
    "diabetes_top": Source(_diabetes, _HALVES, is_packaged=True),
}
