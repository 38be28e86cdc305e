"""Records of a class that was never trained on: how many are called unknown, beside the most probable class's word for it."""

import csv
import shutil

import numpy as np
import pytest
import yaml
from sklearn.metrics import roc_auc_score

from pipeline.experiments.make_digits import write_digits
from tests.conftest import counterpoise, metrics_of
from tests.end_to_end.test_documented_decisions import ROOT

HELD_OUT_DIGITS = (0, 3, 7)
FALSE_ALARMS = 0.01
# The first four are trained on, the others are not.
CLUSTERS, UNSEEN = "abcdefghijkl", "efghijkl"


def run(experiment, output, *settings):
    done = counterpoise("run", experiment, "--output", output, *(f"--set={one}" for one in settings))
    assert done.returncode == 0, done.stdout + done.stderr + (output / "run.log").read_text()[-5000:]


def rows_of(output, new, folder):
    """Scores new records by the command, and returns the rows of the table."""
    done = counterpoise("predict", output, new, "-o", folder / "answers.csv")
    assert done.returncode == 0, done.stderr
    with open(folder / "answers.csv", newline="") as handle:
        return list(csv.DictReader(handle))


def unlikeness(rows):
    return np.array([float(row["unlikeness"]) for row in rows])


def unsure(rows):
    """What is left to 1 of the highest probability."""
    return np.array([1 - max(float(row[name]) for name in row if name.startswith("p_")) for row in rows])


def rejected(rows, above=None):
    """The share of the records that are called unknown; or of those above a threshold of another score."""
    return (
        np.mean([row["decision"] == "unknown" for row in rows])
        if above is None
        else np.mean(unsure(rows) > above)
    )


def auroc(score, known, new):
    labels = np.repeat([0, 1], [len(known), len(new)])
    return roc_auc_score(labels, np.concatenate([score(known), score(new)]))


def figures(known, new):
    """AUROC of unlikeness and of the baseline, and the shares of the new class rejected at as many false alarms."""
    allowed = np.quantile(unsure(known), 1 - rejected(known), method="higher")
    return auroc(unlikeness, known, new), auroc(unsure, known, new), rejected(new), rejected(new, allowed)


@pytest.fixture
def digits(tmp_path):
    """The demo's experiment, and its digits."""
    for name in ("digits.yaml", "letters.weights.h5"):
        shutil.copy(ROOT / "pipeline" / "experiments" / name, tmp_path)
    write_digits(tmp_path / "all")
    return tmp_path


@pytest.mark.slow
def test_a_digit_that_was_never_shown_is_called_unknown_oftener_than_by_its_probabilities(digits):
    found = []
    for digit in HELD_OUT_DIGITS:
        seen = digits / f"without-{digit}"
        shutil.copytree(digits / "all", seen)
        unseen = digits / f"only-{digit}"
        for split in ("train", "eval", "test"):
            (unseen / split).parent.mkdir(exist_ok=True)
            shutil.move(seen / split / str(digit), unseen / split)
        output = digits / f"run-{digit}"
        run(
            digits / "digits.yaml",
            output,
            f"data.splits={{train: {seen}/train, eval: {seen}/eval, test: {seen}/test}}",
            "decision={prior: {" + ", ".join(f"'{one}': {1 / 9}" for one in range(10) if one != digit) + "}, "
            f"unknown: {{max_false_alarm: {FALSE_ALARMS}}}}}",
            "training.epochs=20",
        )
        unknown = metrics_of(output)["unknown"]
        assert unknown["held_out"] == 270 and unknown["unknown"]["low"] <= FALSE_ALARMS
        known = rows_of(output, seen / "test", digits)
        assert rejected(known) == pytest.approx(unknown["unknown"]["value"])
        found.append(figures(known, rows_of(output, unseen, digits)))
        print(digit, unknown["unknown"], found[-1])
    ours, baseline, mine, others = np.mean(found, axis=0)
    print("mean", ours, baseline, mine, others)
    assert ours >= baseline and ours > 0.9
    assert mine >= others


def write_clusters(path, names, sizes, seed):
    """Writes a table of eight columns in which each class is a cluster, the first class the commonest."""
    random = np.random.default_rng(seed)
    places = np.random.default_rng(0).normal(scale=2.0, size=(len(CLUSTERS), 6))
    with open(path, "w", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow([*(f"x{number}" for number in range(6)), "site", "kind"])
        for name, size in zip(names, sizes, strict=True):
            index = CLUSTERS.index(name)
            for values in places[index] + random.normal(size=(size, 6)):
                site = random.choice(["north", "south"], p=[0.3 + 0.05 * index, 0.7 - 0.05 * index])
                writer.writerow([*values.round(4), site, name])


@pytest.mark.slow
def test_clusters_of_a_table_that_were_never_shown_are_called_unknown_by_folds_and_trees(tmp_path):
    write_clusters(tmp_path / "seen.csv", "abcd", (900, 400, 150, 50), 1)
    write_clusters(tmp_path / "known.csv", "abcd", (1800, 800, 300, 100), 2)
    write_clusters(tmp_path / "new.csv", UNSEEN, [100] * len(UNSEEN), 3)
    experiment = {
        "name": "clusters",
        "recipe": "none",
        "data": {"format": "csv", "path": "seen.csv", "label": "kind"},
        "model": {"tabular": {"encoder": "mlp", "trees": {"enabled": True, "iterations": 50}}},
        "training": {"epochs": 8, "folds": 3},
        "decision": {"unknown": {"max_false_alarm": FALSE_ALARMS}},
    }
    (tmp_path / "clusters.yaml").write_text(yaml.safe_dump(experiment))
    run(tmp_path / "clusters.yaml", tmp_path / "run")
    decided = metrics_of(tmp_path / "run")["decision"]["unknown"]
    assert decided["networks"] == 3 and decided["held_out"] == sum(decided["trained_on"].values()) > 1200
    known, new = (rows_of(tmp_path / "run", tmp_path / f"{one}.csv", tmp_path) for one in ("known", "new"))
    found = [figures(known, new[start : start + 100]) for start in range(0, len(new), 100)]
    print(rejected(known), *found, sep="\n")
    # Of 3,000 records; three standard errors of their share besides that of the threshold on some 1,275 others.
    assert rejected(known) == pytest.approx(FALSE_ALARMS, abs=3 * (0.0018 + 0.0028))
    ours, baseline, mine, others = np.mean(found, axis=0)
    print("mean", ours, baseline, mine, others)
    assert ours >= baseline and mine >= others
