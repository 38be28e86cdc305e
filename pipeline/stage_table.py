"""Live table of the stages on the terminal."""

import time
from dataclasses import dataclass
from types import TracebackType

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from pipeline.events import EpochEvent, Event, TrialEvent

_START = "Loading TensorFlow and TFX"
_STYLES = {"waiting": "dim", "running": "bold cyan", "done": "green", "cached": "blue", "failed": "bold red"}
_BAR_WIDTH = 30
_TRIALS_SHOWN = 8


@dataclass(frozen=True)
class _Stage:
    """State of a stage, when it began by the monotonic clock, and how long it took."""

    state: str
    since: float = 0.0
    seconds: float = 0.0


class StageTable:
    """Shows every stage's state; on a terminal live, elsewhere a line for each change."""

    def __init__(self, console: Console):
        self._console = console
        self._stages: dict[str, _Stage] = {}
        self._epoch: EpochEvent | None = None
        self._trials: list[TrialEvent] = []
        self._live = Live(get_renderable=self._render, console=console, refresh_per_second=5, transient=False)
        self._begin(_START)

    def __enter__(self) -> "StageTable":
        if self._console.is_terminal:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._console.is_terminal:
            self._live.stop()

    def show(self, event: Event) -> None:
        """Takes in an event of the working process."""
        if event["kind"] == "plan":
            # A second pipeline of the same process loads nothing any more.
            if self._stages[_START].state == "running":
                self._end(_START, "done", time.monotonic() - self._stages[_START].since)
            for stage in event["stages"]:
                self._stages[stage] = _Stage("waiting")
        elif event["kind"] == "stage" and event["state"] == "running":
            self._begin(event["stage"])
        elif event["kind"] == "stage":
            self._end(event["stage"], event["state"], event["seconds"])
        elif event["kind"] == "epoch":
            self._epoch = event
            # The epochs of a search are too many for a line each.
            if event["figures"] and not self._trials:
                self._line(f"  epoch {event['epoch']}/{event['epochs']}  {_figures(event)}")
        elif event["kind"] == "trial":
            self._show_trial(event)
        elif event["kind"] == "note":
            self._console.print(event["text"], markup=False, highlight=False, soft_wrap=True)

    def _show_trial(self, event: TrialEvent) -> None:
        self._trials = [trial for trial in self._trials if trial["trial"] != event["trial"]] + [event]
        if event["state"] != "running":
            self._line(f"  trial {event['trial']}/{event['trials']}  {_outcome(event)}")

    def _begin(self, stage: str) -> None:
        self._stages[stage] = _Stage("running", since=time.monotonic())

    def _end(self, stage: str, state: str, seconds: float) -> None:
        self._stages[stage] = _Stage(state, seconds=seconds)
        self._epoch = None
        self._trials = []
        self._line(f"{stage:<26}  {state:<7}  {seconds:6.1f} s")

    def _line(self, text: str) -> None:
        if not self._console.is_terminal:
            self._console.print(text, markup=False, highlight=False, soft_wrap=True)

    def _render(self) -> RenderableType:
        table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
        for stage, entry in self._stages.items():
            state = entry.state
            seconds = time.monotonic() - entry.since if state == "running" else entry.seconds
            shown = "" if state == "waiting" else f"{seconds:6.1f} s"
            table.add_row(Text(stage), Text(state, style=_STYLES[state]), Text(shown))
        parts: list[RenderableType] = [table]
        if self._trials:
            parts.append(self._trial_table())
        if self._epoch:
            parts.append(self._epoch_bar())
        return Group(*parts)

    def _trial_table(self) -> Table:
        """The last trials, those that run at the end, below the best so far."""
        last = self._trials[-1]
        table = Table(
            box=None, header_style="dim", padding=(0, 2, 0, 0), title_justify="left", title_style="bold"
        )
        table.title = f"{last['objective']}: {_best(last) or 'no trial is done yet'}"
        for name, width in (("Trial", 5), ("Score", 9), ("Seconds", 7)):
            table.add_column(name, justify="right", no_wrap=True, width=width)
        # Rich narrows columns that may wrap before all others; the texts in this one never do.
        table.add_column("Settings")
        for event in self._trials[-_TRIALS_SHOWN:]:
            is_best = event["trial"] == last["best_trial"]
            style = "bold green" if is_best else "red" if event["state"] == "failed" else ""
            has_failed, is_running = event["state"] == "failed", event["state"] == "running"
            table.add_row(
                Text(f"{event['trial']}/{event['trials']}"),
                Text(event["state"] if event["score"] is None else f"{event['score']:.4f}"),
                Text("" if is_running else f"{event['seconds']:.1f}"),
                Text(event["message"] if has_failed else _settings(event), overflow="ellipsis", no_wrap=True),
                style=style,
            )
        return table

    def _epoch_bar(self) -> Table:
        assert self._epoch is not None
        bar = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
        bar.add_row(
            Text(f"epoch {self._epoch['epoch']}/{self._epoch['epochs']}"),
            ProgressBar(total=self._epoch["steps"], completed=self._epoch["step"], width=_BAR_WIDTH),
            Text(_figures(self._epoch)),
        )
        return bar


def _outcome(event: TrialEvent) -> str:
    """Says what a trial came to, and which is the best so far."""
    if event["state"] == "failed":
        return f"failed  {event['message']}"
    return f"{event['objective']} {event['score']:.4f}  {event['seconds']:6.1f} s  {_best(event)}"


def _best(event: TrialEvent) -> str:
    return "" if event["best"] is None else f"best {event['best']:.4f} (trial {event['best_trial']})"


def _settings(event: TrialEvent) -> str:
    """Writes a trial's settings by the last part of their keys, as far as they fit."""
    return ", ".join(
        f"{key.removesuffix('.name').rpartition('.')[2]} {f'{value:.3g}' if isinstance(value, float) else value}"
        for key, value in event["settings"].items()
    )


def _figures(event: EpochEvent) -> str:
    shown = ("loss", "val_loss", "val_macro_f1")
    return "  ".join(f"{name} {event['figures'][name]:.4f}" for name in shown if name in event["figures"])
