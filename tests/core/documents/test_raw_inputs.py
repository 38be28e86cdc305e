"""What lies beside a SavedModel about its raw features."""

from core.documents.raw_inputs import RawFeature, features_by_input
from tests.made_documents import raw_inputs


def test_inputs_are_found_by_their_names(tmp_path):
    feature = {"name": "Breite / mm", "input": "breite___mm", "kind": "number"}
    raw_inputs(feature, label="Fehler").write(str(tmp_path))
    assert features_by_input(str(tmp_path)) == {"breite___mm": RawFeature(**feature)}


def test_a_model_of_another_exporter_says_nothing(tmp_path):
    assert features_by_input(str(tmp_path)) == {}
