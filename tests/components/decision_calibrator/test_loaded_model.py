import pytest

from components.decision_calibrator import loaded_model
from components.decision_calibrator.loaded_model import kept_model, load_model, take_model


@pytest.fixture(autouse=True)
def loads(monkeypatch) -> list[str]:
    """The folders that TensorFlow is asked to load, in order; what it loads is a list of the folder's name."""
    asked: list[str] = []

    def load(folder):
        asked.append(folder)
        return [folder]

    monkeypatch.setattr(loaded_model.tf.saved_model, "load", load)
    return asked


def test_a_model_is_loaded_once_for_both(loads):
    assert take_model("a") == ["a"]
    assert load_model("b") is kept_model("b") is take_model("b")
    assert loads == ["a", "b"]
    assert kept_model("b") is kept_model("b") is take_model("b")
    assert loads == ["a", "b", "b"]


def test_a_taken_one_and_one_of_another_folder_are_kept_no_longer(loads):
    first = load_model("a")
    assert take_model("b") == ["b"] and take_model("a") is not first
    load_model("a")
    take_model("a")
    assert take_model("a") == ["a"] and loads == ["a", "b", "a", "a", "a"]


def test_a_folder_is_read_anew_whenever_it_is_asked_for(loads):
    assert load_model("a") is not load_model("a") and loads == ["a", "a"]
