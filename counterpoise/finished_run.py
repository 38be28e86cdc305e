"""Finished run: what it measured, its report, and the answers of its model."""

import html
import io
import json
import os
import tempfile
import warnings
import webbrowser
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from core.documents.metrics import Metrics
from core.errors import InputError
from core.spreadsheet_csv import read_spreadsheet
from counterpoise.frames import Records, as_frame, write_table
from pipeline.finished_run import find_finished_run
from pipeline.path_errors import paths_as_input_errors
from pipeline.pushed_model import PushedModel, find_pushed_model

_FRAME_HEIGHT = 720
# No file of a user's is called so.
_FRAME_FILE = "counterpoise data frame.parquet"
_TEXTS = ("decision", "prediction_set")


def load(folder: str | os.PathLike[str]) -> "Run":
    """Returns a run that is finished, pushed or not.

    Args:
        folder: Output folder of `counterpoise run` or `counterpoise.run`.

    Raises:
        InputError: It holds no finished run.
    """
    with paths_as_input_errors():
        return Run(Path(folder), find_finished_run(os.fspath(folder))[0])


class Report:
    """Report of a run; the last value of a notebook's cell, it is shown there.

    Attributes:
        path: Of the page, one file that needs no network.
    """

    def __init__(self, path: Path):
        self.path = path

    def open(self) -> None:
        """Opens the page in the browser."""
        webbrowser.open(self.path.resolve().as_uri())

    def _repr_html_(self) -> str:
        page = html.escape(self.path.read_text(encoding="utf-8"), quote=True)
        # In a frame of its own origin, so that neither page nor notebook reaches into the other.
        return (
            f'<iframe sandbox="allow-scripts" title="Counterpoise report" srcdoc="{page}" '
            f'style="width:100%;height:{_FRAME_HEIGHT}px;border:0"></iframe>'
        )

    def __repr__(self) -> str:
        return f"Report({str(self.path)!r})"


class Run:
    """Finished run; see `load`.

    Attributes:
        folder: Its output folder.
        metrics: What it measured on test, as in `metrics.summary.macro_f1` or `metrics.per_class["9"].recall`; the document
            that `metrics.json` holds.
    """

    def __init__(self, folder: Path, metrics: Metrics):
        self.folder, self.metrics = folder, metrics

    @property
    def blessed(self) -> bool:
        """Whether the model passed the gate, and so was pushed."""
        return self.metrics.blessed

    @property
    def not_blessed_because(self) -> tuple[str, ...]:
        """Why not, in sentences; empty where it was."""
        return self.metrics.not_blessed_because

    def report(self) -> Report:
        """Returns the report.

        Raises:
            InputError: It is no longer there.
        """
        return Report(find_finished_run(str(self.folder))[1])

    def predict(
        self,
        data: str | os.PathLike[str] | Records,
        *,
        on_bad_record: Literal["fail", "skip"] = "fail",
        version: int | None = None,
    ) -> pd.DataFrame:
        """Scores records with the pushed model, as `counterpoise predict` does; the class may be absent.

        What was left out, how a table was read, and columns whose values the model does not know are told as warnings.

        Args:
            data: A table or a folder of images, as a path; or a data frame, a mapping of columns, or an array, as of
                `counterpoise.run`. An image stands in memory as the bytes of its file, or as the file's path.
            on_bad_record: `skip` leaves the answer missing where a record cannot be read, and warns.
            version: Of the model; default is the highest.

        Returns:
            A row for each record: `decision`, its class's name; `score`, its probability; `p_<class>`, each class's; and
            what else the model answers, such as `doubt` and `prediction_set`, a list. Numbers have the six digits of the
            command's table. The index is that of the data frame, or the records' keys where data are a path.

        Raises:
            InputError: Nothing was pushed, or the data cannot be read.
        """
        if on_bad_record not in ("fail", "skip"):
            raise InputError(f"on_bad_record: expected fail or skip. Received: {on_bad_record!r}.")
        with paths_as_input_errors(), tempfile.TemporaryDirectory() as work:
            model = find_pushed_model(str(self.folder), version)
            if isinstance(data, str | os.PathLike):
                return _answers(model, os.fspath(data), work, on_bad_record == "skip")
            frame = _with_images(as_frame(data), model)
            table = os.path.join(work, _FRAME_FILE)
            write_table(frame, Path(table))
            try:
                found = _answers(model, table, work, on_bad_record == "skip")
            except InputError as err:
                raise InputError(_of_frame(str(err), work)) from err
        rows = [int(key.rpartition(" ")[2]) - 1 for key in found.index]
        return found.set_axis(rows).reindex(range(len(frame))).set_axis(frame.index)

    def __repr__(self) -> str:
        verdict = "blessed" if self.blessed else "not blessed"
        return f"Run({str(self.folder)!r}: {verdict}, macro-F1 {self.metrics.summary.macro_f1:.3f})"

    def __str__(self) -> str:
        from rich.console import Console

        from components.html_report.terminal import per_class_table

        text = io.StringIO()
        Console(file=text, width=100, force_jupyter=False).print(per_class_table(self.metrics))
        return text.getvalue().rstrip()


def _with_images(frame: pd.DataFrame, model: PushedModel) -> pd.DataFrame:
    """Returns a data frame with the bytes of image files in place of their paths."""

    def content(cell: Any) -> Any:
        return Path(cell).read_bytes() if isinstance(cell, str | os.PathLike) else cell

    names = [one.name for one in model.features() if one.kind == "image" and one.name in frame.columns]
    return frame.assign(**{name: frame[name].map(content) for name in names})


def _of_frame(sentence: str, work: str) -> str:
    """Has a sentence speak of the data frame, and not of the file that it is written to."""
    return sentence.replace(os.path.join(work, _FRAME_FILE), "the data frame").replace(
        _FRAME_FILE, "the data frame"
    )


def _answers(model: PushedModel, data: str, work: str, skip: bool) -> pd.DataFrame:
    """Has the command's own function write its table, and reads it."""
    from components.prediction_table.rows import AnswerTable
    from core.documents.served_as import ServedAs, allowed_pixels
    from pipeline.commands.quiet import quieten_libraries

    # Damage to these files is found before TensorFlow is imported.
    model.features()
    model.classes()
    quieten_libraries()
    from pipeline.score_records import predict

    output = os.path.join(work, "answers.csv")
    most_pixels = allowed_pixels(None, ServedAs.of_model(model.folder).max_image_pixels)
    done = predict(model, data, output, skip, most_pixels, [])
    left_out = [f"Left out: {key} {why}" for key, why in (*done.left_out, *done.files_left_out)]
    for sentence in (*done.notes, *left_out, *done.mostly_unknown):
        warnings.warn(_of_frame(sentence, work), stacklevel=3)
    with open(output, newline="", encoding="utf-8") as handle:
        rows = list(read_spreadsheet(handle))
    frame = pd.DataFrame(rows, columns=AnswerTable.of(model.decision()).header()).set_index("key")
    numbers = [name for name in frame.columns if name not in _TEXTS]
    frame[numbers] = frame[numbers].astype(float)
    if "prediction_set" in frame.columns:
        frame["prediction_set"] = frame["prediction_set"].map(json.loads)
    return frame
