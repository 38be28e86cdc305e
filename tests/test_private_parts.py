"""Parts of libraries that are not theirs to promise, each behind one module, and the versions that they were tried with.

A new version of one of them is to be tried before it is added here: run the tests of the modules that are named.
"""

import re
from importlib.metadata import version
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# What the code looks like that touches the part, where alone it may stand, and with what it was tried.
PARTS = {
    r"\._flatten_layers\b|\._keras_history\b|\._inbound_nodes\b": (
        {"models/network/backbones/layer_graph.py"},
        ("keras", {"2.15.0", "3.15.1"}),
    ),
    r"\._train_counter\b|\._test_counter\b|\._steps_per_execution\b": (
        {"models/training/step_functions.py"},
        ("keras", {"2.15.0", "3.15.1"}),
    ),
    r"keras_tuner\.src\b": ({"models/tuning/oracle_service.py"}, ("keras-tuner", {"1.4.8"})),
    r"uvicorn\.protocols\b": ({"models/serving/server/http_protocol.py"}, ("uvicorn", {"0.54.0"})),
    r"\._saved_model_loader_tracked_dict\b": (
        {"models/serving/export.py"},
        ("tensorflow-transform", {"1.15.0", "1.21.0"}),
    ),
}


def sources() -> dict[str, str]:
    paths = [
        path for room in ("core", "models", "components", "pipeline") for path in (ROOT / room).rglob("*.py")
    ]
    return {path.relative_to(ROOT).as_posix(): path.read_text() for path in paths}


@pytest.mark.parametrize("part", PARTS)
def test_a_private_part_is_touched_in_one_module_and_was_tried_with_this_version(part):
    modules, (package, tried) = PARTS[part]
    touching = {name for name, source in sources().items() if re.search(part, source)}
    assert touching == modules
    assert version(package) in tried, f"{package} {version(package)} was not tried with {modules} yet"
