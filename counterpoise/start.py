"""Starts what the commands `init` and `run` do."""

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from core.errors import InputError
from counterpoise.finished_run import Run, load
from counterpoise.frames import Records, with_label, write_table
from pipeline.path_errors import paths_as_input_errors

_RUNS = "runs"


def init(
    data: str | os.PathLike[str],
    output: str | os.PathLike[str] | None = None,
    *,
    label: str | None = None,
    force: bool = False,
) -> Path:
    """Looks at data and writes a commented experiment that fits them, as `counterpoise init` does.

    Args:
        data: A folder of images by class, or a table.
        output: The file to write; None is the data's name with .yaml, in the working directory.
        label: The column of the class, or None to find it.
        force: Whether a file that is there may be replaced.

    Returns:
        The path of the file.

    Raises:
        InputError: The data cannot be used, it is unclear which column is the label, or the file is there.
    """
    with paths_as_input_errors():
        from pipeline.proposal.propose import propose

        written = None if output is None else os.fspath(output)
        return Path(propose(os.fspath(data), written, label, force).output)


def run(
    data: str | os.PathLike[str] | Records,
    *,
    label: Any = None,
    output: str | os.PathLike[str] | None = None,
    settings: Mapping[str, Any] | None = None,
    quality: str | None = None,
    beam_args: Sequence[str] = (),
    quiet: bool = False,
) -> Run:
    """Runs the whole pipeline, as `counterpoise run` does, and returns the finished run, pushed or not.

    Data that are no experiment file get one by `init` first, in the output folder; so does a data frame, whose records
    stand there as Parquet. The same call again takes every stage from cache.

    Args:
        data: An experiment file (.yaml, .yml); a folder of images or a table, as a path; or records in memory: a data
            frame, a mapping of columns, or an array `(records, columns)`.
        label: The column of the class; of records in memory it must be given, and may be the classes themselves, an array
            `(records,)`. None finds it in a file; an experiment says it itself.
        output: Folder of the results; default is `runs/<name>`, the name being that of the experiment, the data or the
            label.
        settings: Key to value, as in `{"loss.name": "focal"}`; they go over those of the experiment.
        quality: `fast`, `balanced` or `best`; default is what the experiment says.
        beam_args: Arguments of Beam's runner.
        quiet: Whether nothing is printed.

    Raises:
        InputError: Bad configuration or data; the command prints the same text and ends with status 2.
        RunFailed: Anything else went wrong (status 1).
        KeyboardInterrupt: It was interrupted. Finished stages are kept; the same call goes on from there.
    """
    with paths_as_input_errors():
        experiment, folder = _experiment_of(data, label, output)
        from pipeline.commands.quality import quality_settings
        from pipeline.config import load_experiment
        from pipeline.run import INTERRUPTED, run_or_raise

        overrides = [f"{key}={_as_yaml(key, value)}" for key, value in (settings or {}).items()]
        loaded = load_experiment(experiment, [*overrides, *quality_settings(quality, fast=False)])
        folder = os.path.abspath(folder or os.path.join(_RUNS, loaded.name))
        if run_or_raise(loaded, folder, list(beam_args), _console(quiet)) == INTERRUPTED:
            raise KeyboardInterrupt
    return load(folder)


def _experiment_of(data: Any, label: Any, output: Any) -> tuple[str, str | None]:
    """Returns an experiment file, written where the data are none, and the output folder, None for that of its name."""
    from pipeline.output.write_access import check_output_folder, make_output_folder
    from pipeline.proposal.propose import experiment_name, propose

    folder = None if output is None else os.fspath(output)
    if isinstance(data, str | os.PathLike):
        path = os.fspath(data)
        if path.endswith((".yaml", ".yml")):
            if label is not None:
                raise InputError(
                    f"label: the experiment {path} names it itself. Received: {label!r}. Leave it out, or set data.label."
                )
            return path, folder
        if label is not None and not isinstance(label, str):
            raise InputError(f"label: expected the name of a column of {path}. Received: {label!r}.")
        name = experiment_name(path)
    else:
        if label is None:
            raise InputError(
                "label: records in memory need it. Name the column of the class, or give the classes."
            )
        frame, label = with_label(data, label)
        name = experiment_name(label)
    folder = os.path.abspath(folder or os.path.join(_RUNS, name))
    check_output_folder(folder)
    make_output_folder(folder)
    if not isinstance(data, str | os.PathLike):
        path = os.path.join(folder, f"{name}.parquet")
        write_table(frame, Path(path))
    return propose(path, os.path.join(folder, f"{name}.yaml"), label, force=True).output, folder


def _as_yaml(key: str, value: Any) -> str:
    """Writes a value as JSON, which YAML reads.

    Raises:
        InputError: It holds what no setting is.
    """

    def plain(other: Any) -> Any:
        if isinstance(other, os.PathLike):
            return os.fspath(other)
        # Numbers and arrays of NumPy's.
        if hasattr(other, "tolist"):
            return other.tolist()
        raise InputError(
            f"settings: {key}: no setting is of the type {type(other).__name__}. Received: {other!r}."
        )

    return json.dumps(value, default=plain, ensure_ascii=False)


def _console(quiet: bool) -> Any:
    from rich.console import Console

    # In a notebook a table that moves would need a widget; lines do not.
    return Console(quiet=quiet, force_jupyter=False)
