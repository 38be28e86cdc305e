import logging

import pytest

from core.progress_events import LOGGER_NAME, report_progress
from models.training.callbacks import epoch_progress
from models.training.callbacks.epoch_progress import EpochProgress


@pytest.fixture
def events(caplog):
    caplog.set_level(logging.INFO, logger=LOGGER_NAME)
    return lambda: [record.event for record in caplog.records if record.name == LOGGER_NAME]


@pytest.fixture
def clock(monkeypatch):
    """Stands in for the clock; returns how to set it."""
    now = [1000.0]
    monkeypatch.setattr(epoch_progress.time, "monotonic", lambda: now[0])
    return lambda seconds: now.__setitem__(0, 1000.0 + seconds)


def test_an_event_arrives_as_it_was_sent(events):
    report_progress(kind="epoch", epoch=3, figures={"loss": 0.5})
    assert events() == [{"kind": "epoch", "epoch": 3, "figures": {"loss": 0.5}}]


def test_without_a_listener_an_event_is_lost_in_silence(capsys):
    report_progress(kind="epoch")
    assert capsys.readouterr() == ("", "")


def test_the_end_of_every_epoch_is_reported_with_its_figures(events, clock):
    progress = EpochProgress(epochs=2, steps=7)
    for epoch in range(2):
        progress.on_epoch_begin(epoch)
        progress.on_epoch_end(epoch, {"loss": 0.5 - epoch / 4, "val_macro_f1": 0.25})
    expected = {"kind": "epoch", "epochs": 2, "step": 7, "steps": 7}
    assert events() == [
        {**expected, "epoch": 1, "figures": {"loss": 0.5, "val_macro_f1": 0.25}},
        {**expected, "epoch": 2, "figures": {"loss": 0.25, "val_macro_f1": 0.25}},
    ]


def test_steps_are_reported_a_few_times_a_second(events, clock):
    progress = EpochProgress(epochs=1, steps=100)
    progress.on_epoch_begin(0)
    for step in range(100):
        clock(step / 64)
        progress.on_train_batch_end(step)
    # The first step, and then every 13th: 13 / 64 is the first time above 0.2 seconds.
    assert [event["step"] for event in events()] == list(range(1, 101, 13))
    assert all(event["figures"] == {} and event["steps"] == 100 for event in events())


def test_slow_steps_are_reported_each(events, clock):
    progress = EpochProgress(epochs=5, steps=3)
    progress.on_epoch_begin(4)
    for step in range(3):
        clock(step)
        progress.on_train_batch_end(step, {"loss": 1.0})
    assert [(event["epoch"], event["epochs"], event["step"]) for event in events()] == [
        (5, 5, 1),
        (5, 5, 2),
        (5, 5, 3),
    ]
