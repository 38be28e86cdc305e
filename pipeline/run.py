"""Runs an experiment in a process of its own, shows its progress, and reports its outcome."""

import json
import os

from rich.console import Console

from components.html_report.terminal import per_class_table
from core.documents.metrics import Metrics
from core.documents.split_summary import SplitSummary
from core.documents.strategies import Strategies
from core.errors import InputError
from core.strategy_plan import StrategyPlan
from pipeline.config import Experiment
from pipeline.configuration.auto_recipe import with_auto_recipe
from pipeline.configuration.check_with_data import check_with_data
from pipeline.data_account import append_losses, show_account
from pipeline.events import EndEvent, ResultEvent, StrategiesEvent
from pipeline.explain_failure import explain_failure
from pipeline.output.folder_watch import FolderWatch, explain_loss
from pipeline.output.output_error import OutputError
from pipeline.output.prepare_output import prepare_output
from pipeline.output.run_lock import run_lock
from pipeline.output.write_access import LOG_FILE, check_output_folder, make_output_folder
from pipeline.run_failed import RunFailed
from pipeline.run_process import RunProcess
from pipeline.stage_table import StageTable
from pipeline.strategies.show_strategies import show_strategies

PUSHED, FAILED, BAD_INPUT, NOT_BLESSED, INTERRUPTED = 0, 1, 2, 3, 130


def run_experiment(experiment: Experiment, output: str, beam_args: list[str], console: Console) -> int:
    """Runs the pipeline from raw data to a pushed model.

    Args:
        experiment: What to run.
        output: Folder of the results; made where it does not exist.
        beam_args: Arguments of Beam's runner, as in `--direct_num_workers=2`.
        console: Where progress and result are shown.

    Returns:
        Exit status: 0 pushed, 3 not blessed, 1 failed, 130 interrupted.

    Raises:
        InputError: Bad data, or an output folder that cannot be written to, or that another run is writing to.
    """
    try:
        return run_or_raise(experiment, output, beam_args, console)
    except RunFailed as failure:
        console.print(f"Failed: {failure}", markup=False, soft_wrap=True)
        return FAILED


def run_or_raise(experiment: Experiment, output: str, beam_args: list[str], console: Console) -> int:
    """Runs the pipeline as `run_experiment` does, for a caller that wants the cause of a failure.

    Returns:
        Exit status: 0 pushed, 3 not blessed, 130 interrupted.

    Raises:
        InputError: As of `run_experiment`.
        RunFailed: Anything else went wrong; nothing was printed of it.
    """
    check_output_folder(output)
    experiment, counts = check_with_data(experiment)
    experiment, chosen = with_auto_recipe(experiment, counts)
    if chosen is not None:
        console.print(chosen, markup=False, highlight=False, soft_wrap=True)
    return _in_process(experiment, output, beam_args, console, None, None)


def run_in_process(
    experiment: Experiment,
    output: str,
    beam_args: list[str],
    console: Console,
    plan: StrategyPlan | None = None,
    best: str | None = None,
) -> int:
    """Runs an experiment that is checked; see `run_experiment`.

    Args:
        experiment: What to run; where strategies are compared before, with plain cross entropy.
        output: Folder of the results; made where it does not exist.
        beam_args: Arguments of Beam's runner.
        console: Where progress and result are shown.
        plan: Strategies that are compared before; None is none.
        best: File that also gets the experiment of those that pay, or None.
    """
    try:
        return _in_process(experiment, output, beam_args, console, plan, best)
    except RunFailed as failure:
        console.print(f"Failed: {failure}", markup=False, soft_wrap=True)
        return FAILED


def _in_process(
    experiment: Experiment,
    output: str,
    beam_args: list[str],
    console: Console,
    plan: StrategyPlan | None,
    best: str | None,
) -> int:
    make_output_folder(output)
    log_path = os.path.join(output, LOG_FILE)
    with run_lock(output) as lock, open(log_path, "ab") as log:
        try:
            scratch = prepare_output(output, log)
        except (OutputError, OSError) as error:
            raise RunFailed(explain_failure(error, output)) from error
        job: dict[str, object] = {
            "experiment": experiment.model_dump(mode="json", by_alias=True),
            "output": output,
        }
        job |= {"beam_args": beam_args, "plan": plan and plan.model_dump(mode="json"), "best": best}
        process = RunProcess(json.dumps(job), log, lock, scratch)
        last: ResultEvent | EndEvent | None = None
        account: SplitSummary | None = None
        strategies: StrategiesEvent | None = None
        try:
            with FolderWatch(output, lock, process.kill) as watch, StageTable(console) as table:
                for event in process.events():
                    if (
                        event["kind"] == "result"
                        or event["kind"] == "input_error"
                        or event["kind"] == "failure"
                    ):
                        last = event
                    if event["kind"] == "account":
                        account = SplitSummary.from_json(event["summary"], SplitSummary.path(output))
                        show_account(account, console)
                    if event["kind"] == "strategies":
                        strategies = event
                    table.show(event)
        except KeyboardInterrupt:
            process.interrupt()
            console.print("Stopped. Finished stages are kept; the same command goes on from there.")
            return INTERRUPTED
        status = process.wait()
        if not watch.check():
            raise RunFailed(explain_loss(watch.lost or output))
    if strategies is not None:
        found = Strategies.from_json(strategies["found"], Strategies.path(output))
        show_strategies(found, strategies["best"], console)
    if last is not None and last["kind"] == "result":
        return _conclude(last, output, console)
    message = "" if last is None else append_losses(last["message"], account)
    if last is not None and last["kind"] == "input_error":
        raise InputError(message)
    why = message or f"the process ended with status {status}"
    raise RunFailed(f"{why}\nEverything that was logged: {log_path}")


def _conclude(last: ResultEvent, output: str, console: Console) -> int:
    metrics = Metrics.from_json(last["metrics"], Metrics.path(output))
    console.print(per_class_table(metrics))
    for sentence in metrics.contenders_ahead:
        console.print(sentence, markup=False, soft_wrap=True)
    for sentence in last["new_data_left_out"]:
        console.print(f"Left out: {sentence}", markup=False, soft_wrap=True)
    console.print(f"Report: {os.path.join(output, 'report.html')}", markup=False, soft_wrap=True)
    if last["pushed"] is None:
        console.print("Not blessed, nothing pushed:")
        for reason in metrics.not_blessed_because:
            console.print(f"  {reason}", markup=False, soft_wrap=True)
        return NOT_BLESSED
    console.print(f"Pushed: {last['pushed']}", markup=False, soft_wrap=True)
    if last["predictions"] is not None:
        console.print(f"Predictions: {last['predictions']}", markup=False, soft_wrap=True)
    return PUSHED
