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
    settings = {"loss.name": "focal", "training.optimizer.learning_rate": 0.00123}
    return {
        "kind": "trial",
        "trial": number,
        "trials": 9,
        "state": state,
        "objective": "val_macro_f1",
        "settings": settings,
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
    assert "val_macro_f1: best 0.7500 (trial 1)" in page
    rows = [line.split(maxsplit=3) for line in page.splitlines()]
    settings = "loss focal, learning_rate 0.00123"
    assert [row[:3] for row in rows if row[:1] == ["1/9"]][-1] == ["1/9", "0.7500", "1.5"]
    assert ["2/9", "failed", "1.5", "DivergedError: the loss is NaN"] in [
        [*row[:3], row[-1].strip()] for row in rows
    ]
    assert any(row[:2] == ["3/9", "running"] and " ".join(row[2:]).strip() == settings for row in rows)


def test_narrow_terminal_cuts_the_settings_and_keeps_the_score():
    table = StageTable(Console(file=io.StringIO(), force_terminal=True, width=60, color_system=None))
    console = Console(file=io.StringIO(), width=60, color_system=None)
    long = {"model.tabular.hidden_units": list(range(100))}
    table.show(trial(9, "completed", score=0.75, best=0.75, best_trial=9, settings=long))
    console.print(table._trial_table())
    [row] = [line for line in console.file.getvalue().splitlines() if "9/9" in line]
    assert row.split()[:3] == ["9/9", "0.7500", "1.5"] and len(row) <= 60


def test_trials_are_gone_with_the_stage():
    done = {"kind": "stage", "stage": "Tuner", "state": "done", "seconds": 9.0}
    epoch = {"kind": "epoch", "epoch": 1, "epochs": 2, "step": 1, "steps": 1, "figures": {"loss": 0.123}}
    assert "epoch 1/2  loss 0.1230" in shown([*EVENTS, done, epoch], terminal=False)
