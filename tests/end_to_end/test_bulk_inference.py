"""New data scored in the run, against `counterpoise predict` with the model that it pushed."""

import csv
import shutil

import pytest

from tests.conftest import counterpoise, states_of_last_run

# They share a run, which takes minutes.
pytestmark = pytest.mark.slow

BULK = ("UnlabelledExampleGen", "BulkInferrer", "PredictionTable")


def write_new_parts(folder, name, rows):
    """Writes new parts, some with a line that is new, or with missing cells."""
    lines = ["line,picture,weight,width"]
    pictures = ("good", "scratch", "crack")
    lines += [
        f"{('north', 'south', 'west', '')[row % 4]},images/{pictures[row % 3]}{row % 12}.png,{row / 50:.3f},"
        f"{'' if row % 5 else row / 60}"
        for row in rows
    ]
    (folder / name).write_text("\n".join(lines) + "\n")


def run(parts, output, *words):
    return counterpoise("run", parts, "--output", output, "--set", "bulk_inference.path=new-*.csv", *words)


@pytest.fixture(scope="module")
def scored(parts, finished_run, tmp_path_factory):
    """The output folder of a run that scores new data; the model of the finished run comes from cache."""
    output = tmp_path_factory.mktemp("scored") / "run"
    shutil.copytree(finished_run, output)
    write_new_parts(parts.parent, "new-1.csv", range(150))
    write_new_parts(parts.parent, "new-2.csv", range(150, 230))
    done = run(parts, output)
    assert done.returncode == 0, done.stdout + done.stderr + (output / "run.log").read_text()[-5000:]
    assert f"Predictions: {output / 'predictions.csv'}" in done.stdout
    assert all(f"{stage} " in done.stdout for stage in BULK)
    return output


def predicted(parts, output, folder):
    """Returns what the command writes for the same data and the pushed model."""
    table = folder / "answers.csv"
    done = counterpoise("predict", output, parts.parent / "new-*.csv", "-o", table)
    assert done.returncode == 0, done.stderr
    return table.read_bytes()


def test_the_run_s_table_is_that_of_the_command_to_the_byte(parts, scored, tmp_path):
    content = (scored / "predictions.csv").read_bytes()
    rows = list(csv.DictReader(content.decode().splitlines()))
    assert len(rows) == 230 and rows[150]["key"] == "new-2.csv, row 1"
    assert len({row["decision"] for row in rows}) > 1
    assert content == predicted(parts, scored, tmp_path)
    # Another serving folder is another push, and another experiment another report.
    assert executed(scored) == {*BULK, "Pusher", "HtmlReport"}


def executed(output):
    """Returns the stages that did not come from cache; nodes that look something up never do."""
    states = states_of_last_run(output)
    return {stage for stage, state in states.items() if state != "CACHED"} - {"Resolver"}


def test_unchanged_data_are_answered_from_cache_and_changed_data_again(parts, scored, tmp_path):
    before = (scored / "predictions.csv").read_bytes()
    (scored / "predictions.csv").unlink()
    assert run(parts, scored).returncode == 0
    assert executed(scored) == set()
    assert (scored / "predictions.csv").read_bytes() == before

    kept = (parts.parent / "new-2.csv").read_text()
    try:
        write_new_parts(parts.parent, "new-2.csv", range(300, 340))
        assert run(parts, scored).returncode == 0
        assert executed(scored) == set(BULK)
        content = (scored / "predictions.csv").read_bytes()
        assert content != before and content == predicted(parts, scored, tmp_path)
    finally:
        (parts.parent / "new-2.csv").write_text(kept)


def test_a_model_that_is_not_blessed_answers_nothing(parts, scored, tmp_path):
    output = tmp_path / "run"
    shutil.copytree(scored, output, ignore=shutil.ignore_patterns("serving"))
    done = run(parts, output, "--set", "evaluation.min_worst_recall_lower_bound=0.999")
    assert done.returncode == 3, done.stdout + done.stderr
    assert "Predictions" not in done.stdout
    # Nor do those of the last run pass for this one's.
    assert not (output / "predictions.csv").exists()


def test_bad_new_records_end_the_run_or_are_left_out(parts, scored, tmp_path):
    output = tmp_path / "run"
    shutil.copytree(scored, output)
    bad = parts.parent / "bad.csv"
    bad.write_text("line,picture,weight,width\nnorth,images/good1.png,heavy,1\nnorth,images/good1.png,1,1\n")
    where = ("--set", "bulk_inference.path=bad.csv")
    refused = counterpoise("run", parts, "--output", output, *where)
    assert refused.returncode == 2 and "Traceback" not in refused.stderr
    assert "bad.csv, row 1 holds 'heavy' in column 'weight'" in refused.stderr
    skipped = counterpoise(
        "run", parts, "--output", output, *where, "--set", "bulk_inference.on_bad_record=skip"
    )
    assert skipped.returncode == 0 and "Left out: bad.csv, row 1 holds" in skipped.stdout
    assert len((output / "predictions.csv").read_text().splitlines()) == 2
