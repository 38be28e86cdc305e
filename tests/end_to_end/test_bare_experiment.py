"""An experiment of four lines, by the command."""

import numpy as np
import pytest

from tests.conftest import counterpoise, metrics_of


@pytest.mark.slow
def test_four_lines_are_run_with_the_recipe_that_the_data_ask_for(tmp_path):
    random = np.random.default_rng(0)
    rows = ["width,line,defect"]
    for name, size, mean in (("good", 240, 0.0), ("crack", 40, 3.0)):
        lines = random.choice(["north", "south"], size)
        rows += [f"{random.normal(mean):.3f},{line},{name}" for line in lines]
    (tmp_path / "parts.csv").write_text("\n".join(rows) + "\n")
    experiment = tmp_path / "parts.yaml"
    experiment.write_text("data:\n  format: csv\n  path: parts.csv\n  label: defect\n")
    output = tmp_path / "run"
    done = counterpoise("run", experiment, "--output", output, "--fast")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "recipe: tabular" in done.stdout and "chosen by the data" in done.stdout
    assert metrics_of(output)["summary"]["macro_average_precision"] > 0.8
    page = (output / "report.html").read_text()
    assert "recipe: tabular" in page and "quality: fast" in page
