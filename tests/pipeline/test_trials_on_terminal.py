"""The trials of a search in the table of the stages."""

import io

from rich.console import Console

from pipeline.stage_table import StageTable


def shown(events, terminal):
    stream = io.StringIO()
    console = Console(file=stream, force_terminal=terminal, width=120, color_system=None)
    table = StageTable(console)
    with table:
        table.show({"kind": "plan", "stages": ["Tuner", "Trainer"]})
        table.show({"kind": "stage", "stage": "Tuner", "state": "running", "seconds": 0.0})
        for event in events:
            table.show(event)
        if terminal:
            table._live.refresh()
    return stream.getvalue()


def trial(number, state, **further):
    event = {"score": None, "best": None, "best_trial": None, "seconds": 1.5, "message": ""}
    return {
        "kind": "trial",
        "trial": number,
        "trials": 9,
        "state": state,
        "objective": "val_macro_f1",
        **event,
        **further,
    }


EVENTS = [
    trial(1, "running"),
    {"kind": "epoch", "epoch": 1, "epochs": 2, "step": 1, "steps": 1, "figures": {"loss": 0.123}},
    trial(1, "completed", score=0.75, best=0.75, best_trial=1),
    trial(2, "failed", best=0.75, best_trial=1, message="DivergedError: the loss is NaN"),
    trial(3, "running", best=0.75, best_trial=1),
]


def test_log_has_a_line_for_each_finished_trial_and_none_for_its_epochs():
    lines = shown(EVENTS, terminal=False)
    assert "trial 1/9  val_macro_f1 0.7500     1.5 s  best 0.7500 (trial 1)" in lines
    assert "trial 2/9  failed  DivergedError: the loss is NaN" in lines
    assert "trial 3/9" not in lines and "0.123" not in lines


def test_terminal_shows_the_last_trials_and_the_best_so_far():
    page = shown(EVENTS, terminal=True)
    assert "trial 3/9" in page and "running  best 0.7500 (trial 1)" in page


def test_trials_are_gone_with_the_stage():
    done = {"kind": "stage", "stage": "Tuner", "state": "done", "seconds": 9.0}
    epoch = {"kind": "epoch", "epoch": 1, "epochs": 2, "step": 1, "steps": 1, "figures": {"loss": 0.123}}
    assert "epoch 1/2  loss 0.1230" in shown([*EVENTS, done, epoch], terminal=False)
