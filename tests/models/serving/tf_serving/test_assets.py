"""What TensorFlow Serving is started with, read by its own messages."""

from pathlib import Path

import pytest
import yaml
from google.protobuf import text_format
from tensorflow_serving.config import model_server_config_pb2

import models.serving.tf_serving
from core.serving_settings import ServingSettings

FOLDER = Path(models.serving.tf_serving.__file__).parent


def wrapped_numbers(name: str) -> dict[str, int]:
    """Reads lines of the form `field { value: number }`."""
    lines = (FOLDER / name).read_text().splitlines()
    fields = [line.split() for line in lines if line and not line.startswith("#")]
    assert all(words[1:3] == ["{", "value:"] and words[4:] == ["}"] for words in fields)
    return {words[0]: int(words[3]) for words in fields}


def test_batches_are_gathered_as_by_the_settings_defaults():
    parameters, settings = wrapped_numbers("batching_parameters.txt"), ServingSettings()
    assert parameters["max_batch_size"] == settings.max_batch
    assert parameters["batch_timeout_micros"] == settings.batch_timeout_ms * 1000


def test_the_model_is_found_where_the_folder_is_mounted():
    config = text_format.Parse(
        (FOLDER / "models.config").read_text(), model_server_config_pb2.ModelServerConfig()
    )
    [model] = config.model_config_list.config
    services = yaml.safe_load((FOLDER / "compose.yaml").read_text())["services"]
    for service in services.values():
        assert service["volumes"][0].endswith(f":{model.base_path}:ro")


@pytest.mark.parametrize("service", ["cpu", "gpu"])
def test_every_file_that_the_command_names_is_mounted(service):
    content = yaml.safe_load((FOLDER / "compose.yaml").read_text())["services"][service]
    named = {word.split("=")[1] for word in content["command"] if "/config/" in word}
    mounted = {}
    for volume in content["volumes"][1:]:
        source, target, _ = volume.split(":")
        mounted[target] = source
    assert named == set(mounted)
    assert all((FOLDER / source).is_file() for source in mounted.values())


def test_nothing_listens_beyond_this_machine():
    for service in yaml.safe_load((FOLDER / "compose.yaml").read_text())["services"].values():
        assert all(port.startswith("127.0.0.1:") for port in service["ports"])
