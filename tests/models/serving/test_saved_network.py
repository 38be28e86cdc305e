"""Networks that were saved when their classes were defined elsewhere."""

import json
import subprocess
import sys
import zipfile

import numpy as np

from models.network.classifier import InputShape, build_classifier
from models.serving.python_model import KERAS_MODEL
from models.settings import ModelSettings

PROGRAM = """
import sys
import numpy as np
from models.serving.saved_network import load_network
model = load_network(sys.argv[1])
numeric = np.linspace(-1, 1, 8, dtype=np.float32).reshape(4, 2)
np.save(sys.argv[2], model({"numeric": numeric, "missing": 0 * numeric}, training=False))
"""


def moved(content):
    """Returns a saved network's configuration as if all of the project's modules had been elsewhere."""
    if isinstance(content, dict):
        return {
            key: "models.before.they_moved"
            if key == "module" and str(value).startswith("models.")
            else moved(value)
            for key, value in content.items()
        }
    return [moved(one) for one in content] if isinstance(content, list) else content


def test_classes_are_found_whatever_module_they_were_defined_in(tmp_path):
    settings = ModelSettings(tabular={"encoder": "ensemble_mlp", "hidden_units": [8]}, embedding_units=None)
    model = build_classifier(InputShape(None, 2, ()), settings, np.array([6, 3, 1]), seed=3)
    numeric = np.linspace(-1, 1, 8, dtype=np.float32).reshape(4, 2)
    model.save(tmp_path / KERAS_MODEL)
    with zipfile.ZipFile(tmp_path / KERAS_MODEL) as saved:
        parts = {name: saved.read(name) for name in saved.namelist()}
    config = json.loads(parts["config.json"])
    assert moved(config) != config
    with zipfile.ZipFile(tmp_path / "old.keras", "w") as old:
        for name, part in parts.items():
            old.writestr(name, json.dumps(moved(config)) if name == "config.json" else part)
    # In a process of its own, where no other test has registered anything.
    command = [sys.executable, "-c", PROGRAM, tmp_path / "old.keras", tmp_path / "answers.npy"]
    subprocess.run(command, check=True, capture_output=True)
    expected = model({"numeric": numeric, "missing": 0 * numeric}, training=False)
    np.testing.assert_allclose(np.load(tmp_path / "answers.npy"), expected, atol=1e-6)
