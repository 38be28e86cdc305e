"""The data of the demo on a table."""

import numpy as np

from pipeline.experiments.make_payments import (
    DAYS,
    FRAUD_SHARE,
    NUM_CARDS,
    NUM_PAYMENTS,
    make_payments,
    write_payments,
)


def test_one_payment_in_a_hundred_is_fraud_and_the_more_the_later():
    table = make_payments()
    is_fraud = table["class"] == "fraud"
    assert len(table) == NUM_PAYMENTS and is_fraud.sum() == FRAUD_SHARE * NUM_PAYMENTS
    assert table["day"].between(0, DAYS - 1).all() and table["day"].is_monotonic_increasing
    early, late = (is_fraud[half].mean() for half in (table["day"] < DAYS / 2, table["day"] >= DAYS / 2))
    assert late > 1.3 * early


def test_cells_are_missing_where_there_is_nothing_to_say():
    table = make_payments()
    assert (table["distance_km"].isna() == (table["channel"] == "online")).all()
    assert (table["minutes_since_last"].isna() == ~table["card"].duplicated()).all()
    assert 0.01 < (table["merchant"] == "").mean() < 0.03
    # Fraud is among the payments of all cards: none is told by its card.
    assert (
        table.loc[table["class"] == "fraud", "card"].nunique() > 50 and table["card"].nunique() <= NUM_CARDS
    )
    assert np.isfinite(table["amount"]).all() and (table["amount"] > 0).all()


def test_the_file_is_written_once_with_the_same_bytes(tmp_path):
    for name in ("one", "other"):
        write_payments(tmp_path / name)
    path = tmp_path / "one" / "payments.csv"
    assert path.read_bytes() == (tmp_path / "other" / "payments.csv").read_bytes()
    before = path.stat().st_mtime_ns
    write_payments(tmp_path / "one")
    assert path.stat().st_mtime_ns == before
