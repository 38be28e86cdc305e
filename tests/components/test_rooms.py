"""What holds for every stage's room."""

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = sorted(path.parent.name for path in (ROOT / "components").glob("*/component.py"))
SETTINGS = sorted(
    ".".join(path.relative_to(ROOT).with_suffix("").parts)
    for folder in ("core", "components", "models", "pipeline")
    for path in (ROOT / folder).rglob("*settings.py")
)


@pytest.mark.parametrize("room", ROOMS)
def test_room_holds_the_stage_it_is_named_after(room):
    module = importlib.import_module(f"components.{room}.component")
    stage = getattr(module, "".join(word.title() for word in room.split("_")))
    assert module.__doc__.startswith(f"{stage.__name__}:")


def test_settings_are_read_before_tensorflow_is_imported():
    program = f"import sys, {', '.join(SETTINGS)}, pipeline.config; print(*sys.modules)"
    imported = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout
    assert not {"tensorflow", "tfx", "apache_beam", "keras"} & set(imported.split())


@pytest.mark.parametrize("name", SETTINGS)
def test_every_setting_has_bounds_a_description_and_no_stray_keys(name):
    from pydantic import BaseModel

    for model in vars(importlib.import_module(name)).values():
        if not (isinstance(model, type) and issubclass(model, BaseModel)) or model.__name__.startswith("_"):
            continue
        if model is BaseModel:
            continue
        assert model.model_config["frozen"] and model.model_config["extra"] == "forbid", model
        for key, field in model.model_fields.items():
            assert field.description, f"{model.__name__}.{key} has no description"
