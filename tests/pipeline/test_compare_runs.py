import numpy as np
import pytest
from rich.console import Console

from components.evaluation.answered_records import AnsweredRecords
from core.errors import InputError
from pipeline.compare_runs import compare_runs, show_comparison
from tests.components.html_report.made_up import class_scores, metrics_of


def write_run(folder, classes=("good", "crack"), wrong=(), keys=None, labels=None):
    """Writes a run over six records of two classes, wrong on those named."""
    folder.mkdir()
    keys = keys or [f"row {number}" for number in range(6)]
    names = labels or ["good", "good", "good", "good", "crack", "crack"]
    truth = np.array([classes.index(name) for name in names])
    decisions = np.array(
        [1 - index if key in wrong else index for key, index in zip(keys, truth, strict=True)]
    )
    probabilities = np.where(np.eye(2)[decisions] == 1, 0.9, 0.1).astype(np.float32)
    records = AnsweredRecords(
        tuple(classes), np.array(keys, object), truth, decisions, probabilities, probabilities
    )
    (folder / "test_records.npz").write_bytes(records.to_bytes())
    metrics_of({name: class_scores() for name in classes}, name=folder.name).write(str(folder))
    return str(folder)


def test_runs_are_compared_record_by_record_and_class_by_name(tmp_path):
    one = write_run(tmp_path / "one", wrong=["row 4"])
    other = write_run(
        tmp_path / "other",
        classes=("crack", "good"),
        keys=[f"row {number}" for number in (5, 4, 3, 2, 1, 0)],
        labels=["crack", "crack", "good", "good", "good", "good"],
    )
    count, [differences] = compare_runs([one, other])
    assert count == 6
    assert (differences["recall of crack"].first, differences["recall of crack"].second) == (0.5, 1.0)
    assert differences["accuracy"].second - differences["accuracy"].first == pytest.approx(1 / 6)


def test_only_records_of_both_count(tmp_path):
    one = write_run(tmp_path / "one")
    keys = ["row 0", "row 1", "row 4", "new 1", "new 2", "new 3"]
    labels = ["good", "good", "crack", "good", "good", "crack"]
    assert compare_runs([one, write_run(tmp_path / "other", keys=keys, labels=labels)])[0] == 3


def test_table_names_the_runs_and_marks_what_is_sure(tmp_path):
    one, other = write_run(tmp_path / "a", wrong=["row 4", "row 5"]), write_run(tmp_path / "b")
    console = Console(width=200, record=True)
    show_comparison([one, other], console)
    text = console.export_text()
    assert "6 test records in common" in text
    [line] = [line for line in text.splitlines() if "recall of crack" in line]
    assert "0.000" in line and "1.000" in line and "+1.000 [+1.000, +1.000] *" in line


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"keys": [f"other {number}" for number in range(6)]}, "share no test record"),
        ({"labels": ["good", "crack", "good", "good", "crack", "crack"]}, "disagree on the class .* 'row 1'"),
    ],
)
def test_runs_on_other_data_are_refused(tmp_path, changes, message):
    with pytest.raises(InputError, match=message):
        compare_runs([write_run(tmp_path / "one"), write_run(tmp_path / "other", **changes)])


def test_a_folder_without_a_run_and_a_run_alone_are_refused(tmp_path):
    one = write_run(tmp_path / "one")
    with pytest.raises(InputError, match="two runs or more"):
        compare_runs([one])
    with pytest.raises(InputError, match="holds no finished run"):
        compare_runs([one, str(tmp_path / "nothing")])
