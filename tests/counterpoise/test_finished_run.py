"""A finished run from Python: its figures, its report, and answers equal to those of `counterpoise predict`."""

import csv
import json
import shutil
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import counterpoise
from tests.conftest import CLASS_SIZES, counterpoise_here, states_of_last_run


@pytest.fixture(scope="module")
def run(finished_run):
    return counterpoise.load(finished_run)


@pytest.fixture(scope="module")
def rows(parts):
    """The first parts of the table as text, with the path of their picture."""
    frame = pd.read_csv(parts.parent / "parts.csv", sep=";", dtype=str, keep_default_na=False, nrows=60)
    frame["picture"] = [str(parts.parent / path) for path in frame["picture"]]
    return frame.set_axis([f"part {number}" for number in range(60)])


@pytest.fixture(scope="module")
def commands_answers(finished_run, parts, tmp_path_factory):
    """The same parts' answers by the command, as it writes them."""
    folder = tmp_path_factory.mktemp("predicted")
    lines = (parts.parent / "parts.csv").read_text().splitlines()
    shutil.copytree(parts.parent / "images", folder / "images")
    (folder / "new.csv").write_text("\n".join(lines[:61]) + "\n")
    done = counterpoise_here("predict", finished_run, folder / "new.csv", "-o", folder / "answers.csv")
    assert done.returncode == 0, done.stdout + done.stderr
    with (folder / "answers.csv").open(newline="") as handle:
        return folder / "new.csv", list(csv.DictReader(handle))


def in_the_commands_words(answers):
    """Writes answers as the command's table has them, without keys."""
    return [
        {name: value if isinstance(value, str) else f"{value:.6g}" for name, value in row.items()}
        for row in answers.to_dict("records")
    ]


def without_keys(rows):
    return [{name: cell for name, cell in row.items() if name != "key"} for row in rows]


def test_answers_to_a_data_frame_are_those_of_the_command(run, rows, commands_answers):
    answers = run.predict(rows.drop(columns="defect"))
    assert list(answers.index) == list(rows.index)
    assert ["key", *answers.columns] == list(commands_answers[1][0])
    assert in_the_commands_words(answers) == without_keys(commands_answers[1])


def test_numbers_and_bytes_are_taken_for_text_and_paths(run, rows, commands_answers):
    typed = rows.assign(
        width=pd.to_numeric(rows["width"].replace({"None": "", "inf": ""})),
        weight=rows["weight"].astype(float),
    )
    typed["picture"] = [Path(path).read_bytes() for path in rows["picture"]]
    assert in_the_commands_words(run.predict(typed)) == without_keys(commands_answers[1])


def test_answers_to_a_file_are_called_by_its_keys(run, commands_answers):
    path, expected = commands_answers
    with pytest.warns(UserWarning, match="set apart by ';'"):
        answers = run.predict(path)
    assert list(answers.index) == [row["key"] for row in expected]
    assert in_the_commands_words(answers) == without_keys(expected)


def test_a_record_that_cannot_be_read_keeps_its_row_or_is_refused(run, rows):
    bad = rows.iloc[:4].copy()
    bad.loc["part 2", "weight"] = "wide"
    with pytest.raises(
        counterpoise.InputError, match=r"^the data frame, row 3 holds 'wide' in column 'weight'"
    ):
        run.predict(bad)
    with pytest.warns(UserWarning, match="Left out: the data frame, row 3"):
        answers = run.predict(bad, on_bad_record="skip")
    assert list(answers["score"].isna()) == [False, False, True, False]
    assert answers.drop("part 2").equals(run.predict(bad.drop("part 2")))


def test_a_column_that_the_model_takes_must_be_there(run, rows):
    with pytest.raises(counterpoise.InputError, match=r"^the data frame: the model takes the column 'width'"):
        run.predict(rows.rename(columns={"width": "widht"}))
    with pytest.raises(counterpoise.InputError, match="Received: 'ignore'"):
        run.predict(rows, on_bad_record="ignore")


def test_figures_are_those_of_metrics_json(run, finished_run):
    metrics = json.loads((finished_run / "metrics.json").read_text())
    assert run.blessed and run.not_blessed_because == ()
    assert run.metrics.summary.macro_f1 == metrics["summary"]["macro_f1"]
    assert run.metrics.per_class["crack"].recall == metrics["per_class"]["crack"]["recall"]
    assert "blessed" in repr(run) and all(name in str(run) for name in CLASS_SIZES)


class Frames(HTMLParser):
    """Gathers the pages in frames, as a browser takes them from the attribute."""

    def __init__(self):
        super().__init__()
        self.pages = []

    def handle_starttag(self, tag, attrs):
        self.pages.append((tag, dict(attrs)))


def test_a_notebook_shows_the_report_as_it_is(run, finished_run):
    shown = Frames()
    shown.feed(run.report()._repr_html_())
    [(tag, attributes)] = shown.pages
    assert tag == "iframe" and attributes["sandbox"] == "allow-scripts"
    assert attributes["srcdoc"] == (finished_run / "report.html").read_text()


def test_a_run_that_was_not_blessed_is_a_run_without_a_model(finished_run, tmp_path, rows):
    folder = shutil.copytree(
        finished_run, tmp_path / "run", ignore=shutil.ignore_patterns("serving", "artifacts")
    )
    content = json.loads((folder / "metrics.json").read_text())
    content |= {"blessed": False, "not_blessed_because": ["The recall of crack is too low."]}
    (folder / "metrics.json").write_text(json.dumps(content))
    run = counterpoise.load(folder)
    assert not run.blessed and run.not_blessed_because == ("The recall of crack is too low.",)
    said = counterpoise_here("predict", folder, "new.csv")
    with pytest.raises(counterpoise.InputError) as refused:
        run.predict(rows)
    assert said.returncode == 2 and said.stderr == f"Error: {refused.value}\n"


def test_a_failure_has_the_words_of_the_command(parts, tmp_path):
    (tmp_path / "metadata.sqlite").write_bytes(b"garbage" * 1000)
    said = counterpoise_here("run", parts, "--output", tmp_path)
    with pytest.raises(counterpoise.RunFailed) as failed:
        counterpoise.run(parts, output=tmp_path, quiet=True)
    assert said.returncode == 1 and said.stdout == f"Failed: {failed.value}\n"


@pytest.mark.slow
def test_a_data_frame_becomes_a_model_that_answers_and_then_comes_from_cache(tmp_path, capsys):
    random = np.random.default_rng(0)
    is_rare = random.random(600) < 0.1
    frame = pd.DataFrame(
        {
            "width": random.normal(3 * is_rare, 1),
            "line": random.choice(["north", "south"], 600),
            "defect": np.where(is_rare, "crack", "good"),
        }
    )
    options = {"label": "defect", "output": tmp_path / "run", "quality": "fast"}
    options["settings"] = {"training.epochs": 3, "training.folds": 1, "model.tabular.trees.enabled": False}
    run = counterpoise.run(frame, **options)
    assert run.folder == tmp_path / "run" and "Pushed: " in capsys.readouterr().out
    answers = run.predict(frame[["width", "line"]].iloc[::-1])
    assert list(answers.index) == list(frame.index[::-1])
    np.testing.assert_allclose(answers["p_crack"] + answers["p_good"], 1, atol=2e-6)
    # Three standard deviations lie between the classes: a model that learnt them ranks nearly all pairs right.
    rare = answers.loc[frame.index[is_rare], "p_crack"].to_numpy()
    others = answers.loc[frame.index[~is_rare], "p_crack"].to_numpy()
    assert np.mean(rare[:, None] > others[None]) > 0.95
    counterpoise.run(frame, quiet=True, **options)
    states = states_of_last_run(tmp_path / "run")
    assert states["Trainer"] == states["StratifiedExampleGen"] == "CACHED" and capsys.readouterr().out == ""
