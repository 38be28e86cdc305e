"""The examples of the page on decisions, run as they stand there."""

import re
import shlex
import shutil
from pathlib import Path

import pytest

from pipeline.config import load_experiment
from pipeline.configuration.check_with_data import check_with_data
from pipeline.experiments.make_digits import write_digits
from pipeline.experiments.make_payments import write_payments
from tests.conftest import counterpoise, metrics_of

ROOT = Path(__file__).parents[2]


def documented_runs() -> list[list[str]]:
    """The words of every `counterpoise run` on the page, without the command itself."""
    page = (ROOT / "docs" / "decisions.md").read_text()
    lines = [line for block in re.findall(r"```sh\n(.*?)```", page, re.DOTALL) for line in block.splitlines()]
    return [shlex.split(line)[1:] for line in lines if line.startswith(".venv/bin/counterpoise run")]


@pytest.fixture
def demo(tmp_path):
    """A folder with the demos' experiments, digits and payments where the page has them."""
    experiments = tmp_path / "pipeline" / "experiments"
    experiments.mkdir(parents=True)
    for name in ("digits.yaml", "letters.weights.h5", "payments.yaml"):
        shutil.copy(ROOT / "pipeline" / "experiments" / name, experiments)
    write_digits(tmp_path / "data" / "digits")
    write_payments(tmp_path / "data" / "payments")
    return tmp_path


def test_every_example_of_the_page_goes_with_its_data(demo):
    asked = []
    for _, experiment, *overrides in documented_runs():
        settings = [word for word in overrides if word != "--set"]
        checked, _ = check_with_data(load_experiment(str(demo / experiment), settings))
        decision = checked.decision
        is_asked = (
            decision.rule != "argmax",
            *(decision.abstain, decision.coverage, decision.unknown, decision.costs),
        )
        asked.append([place for place, one in enumerate(is_asked) if one])
    assert asked == [[0], [1], [2], [3], [4]]


@pytest.mark.slow
def test_every_example_of_the_page_runs_and_is_worth_what_it_says(demo):
    found = []
    for words in documented_runs():
        output = demo / "runs" / Path(words[1]).stem
        done = counterpoise(*words, "--output", output, "--set", "training.epochs=8", cwd=demo)
        assert done.returncode in (0, 3), done.stdout + done.stderr
        found.append(metrics_of(output))
    desk, reader, naturalist, camera, bank = found
    # Of 500 even test digits; two standard errors of the share besides those of the threshold on 300 others.
    assert desk["queue"]["size"]["share"]["value"] == pytest.approx(0.05, abs=2 * (0.0097 + 0.0126))
    assert desk["queue"]["size"]["lift"]["low"] > 1
    assert reader["abstention"]["abstained"]["value"] == pytest.approx(0.1, abs=2 * (0.0134 + 0.0173))
    assert reader["abstention"]["error"]["value"] < reader["abstention"]["error_without"]["value"]
    assert naturalist["coverage"]["covered"]["high"] > 0.9
    assert all(weight == 1 for weight in naturalist["decision"]["coverage"]["own_weight"].values())
    assert camera["unknown"]["held_out"] == 300
    assert camera["unknown"]["unknown"]["value"] == pytest.approx(0.01, abs=2 * (0.0044 + 0.0057))
    money = bank["money"]
    assert money["rule"]["mean"]["value"] < min(
        money[name]["mean"]["value"] for name in ("argmax", "always_no", "always_yes")
    )
    assert money["savings"]["low"] > 0 and money["always_no"]["dearer"]["low"] > 0
    asked = ("queue", "abstention", "coverage", "unknown", "money")
    assert [set(one) & set(asked) for one in found] == [{name} for name in asked]
