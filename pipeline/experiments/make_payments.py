"""Writes the data of the demo on a table: card payments of eight weeks, one in a hundred of them fraud.

Nothing is real and nothing is downloaded; the same bytes at every call. A stolen card is used within hours of the
theft: at night, far from home, on the internet, for more than its owner spends. Towards the end thieves come oftener
and spend less, so that the share of fraud drifts. Some cells are missing, not by chance: a payment on the internet has
no distance, a card's first one no payment before it.

Usage: python -m pipeline.experiments.make_payments FOLDER
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd

NUM_PAYMENTS = 12_000
NUM_CARDS = 1_500
DAYS = 56
FRAUD_SHARE = 0.01
# Of fraud among the payments of the last day, to that of the first.
FRAUD_GROWTH = 3.0
_MERCHANTS = ("groceries", "fuel", "restaurant", "clothing", "electronics", "travel", "games", "jewellery")
_OWNERS_MERCHANTS = (0.36, 0.13, 0.19, 0.11, 0.06, 0.06, 0.06, 0.03)
_THIEFS_MERCHANTS = (0.10, 0.05, 0.05, 0.13, 0.25, 0.12, 0.20, 0.10)
_MEAN_LOG_AMOUNT = dict(zip(_MERCHANTS, (3.3, 3.9, 3.4, 4.1, 4.9, 5.5, 2.9, 5.2), strict=True))
_CHANNELS = ("chip", "contactless", "online")
_OWNERS_CHANNELS = (0.35, 0.40, 0.25)
_THIEFS_CHANNELS = (0.12, 0.23, 0.65)
_UNKNOWN_MERCHANT = 0.02
_SEED = 0


def make_payments() -> pd.DataFrame:
    """Draws the payments.

    Returns:
        In the order of their time, a row each: `card`, `day`, `hour`, `amount`, `merchant`, `channel`, `distance_km`,
        `minutes_since_last`, `card_age_days`, and `class`, `fraud` or `genuine`.
    """
    random = np.random.default_rng(_SEED)
    num_fraud = round(FRAUD_SHARE * NUM_PAYMENTS)
    spent_by = random.gamma(2, 0.5, NUM_CARDS)
    days = np.concatenate(
        [random.uniform(0, DAYS, NUM_PAYMENTS - num_fraud), _days_of_fraud(num_fraud, random)]
    )
    is_fraud = np.arange(NUM_PAYMENTS) >= NUM_PAYMENTS - num_fraud
    cards = random.choice(NUM_CARDS, NUM_PAYMENTS, p=spent_by / spent_by.sum())
    table = pd.DataFrame({"card": cards, "day": days.astype(int)})
    table["hour"] = _hours(is_fraud, random)
    merchants = _either(is_fraud, _MERCHANTS, _OWNERS_MERCHANTS, _THIEFS_MERCHANTS, random)
    means = np.array([_MEAN_LOG_AMOUNT[merchant] for merchant in merchants])
    of_card = random.normal(0, 0.35, NUM_CARDS)[cards]
    # Thieves learn to stay below what is looked at.
    means += of_card + np.where(is_fraud, 0.9 - 0.6 * days / DAYS, 0)
    table["amount"] = np.exp(random.normal(means, 0.6)).round(2)
    table["merchant"] = np.where(random.random(NUM_PAYMENTS) < _UNKNOWN_MERCHANT, "", merchants)
    table["channel"] = _either(is_fraud, _CHANNELS, _OWNERS_CHANNELS, _THIEFS_CHANNELS, random)
    distances = np.exp(random.normal(np.where(is_fraud, 4.0, 1.8), 1.2)).round(1)
    table["distance_km"] = np.where(table["channel"] == "online", np.nan, distances)
    minutes = np.exp(random.normal(np.where(is_fraud, 4.2, 7.2), 1.3)).round()
    order = np.lexsort([table["hour"], table["day"]])
    table["minutes_since_last"] = minutes
    table["card_age_days"] = random.integers(20, 1_800, NUM_CARDS)[cards]
    table["class"] = np.where(is_fraud, "fraud", "genuine")
    table = table.iloc[order].reset_index(drop=True)
    table.loc[~table["card"].duplicated(), "minutes_since_last"] = np.nan
    return table


def _days_of_fraud(num: int, random: np.random.Generator) -> np.ndarray:
    """Draws days whose density grows linearly, `FRAUD_GROWTH` times as dense at the end."""
    slope = FRAUD_GROWTH - 1
    # The inverse of the distribution function (x + slope x^2 / 2) / (1 + slope / 2).
    reached = random.random(num) * (1 + slope / 2)
    return DAYS * (np.sqrt(1 + 2 * slope * reached) - 1) / slope


def _hours(is_fraud: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Draws hours about two in the afternoon, those of thieves about two in the morning."""
    return (random.normal(np.where(is_fraud, 2, 14), np.where(is_fraud, 4, 4)) % 24).astype(int)


def _either(
    is_fraud: np.ndarray, words: tuple[str, ...], owners: tuple, thiefs: tuple, random: np.random.Generator
) -> np.ndarray:
    size = len(is_fraud)
    return np.where(is_fraud, random.choice(words, size, p=thiefs), random.choice(words, size, p=owners))


def write_payments(folder: Path) -> None:
    """Writes `payments.csv`; a file that is there already is left untouched."""
    path = folder / "payments.csv"
    if path.exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    make_payments().to_csv(path, index=False)


if __name__ == "__main__":
    write_payments(Path(sys.argv[1]))
