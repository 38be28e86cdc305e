"""What lies beside a SavedModel about its raw features."""

import json

from core.documents.raw_inputs import FEATURES_ASSET, by_input, read_raw_inputs


def test_inputs_are_found_by_their_names(tmp_path):
    feature = {"name": "Breite / mm", "input": "breite___mm", "kind": "number"}
    content = {"label": "Fehler", "image": None, "features": [feature]}
    (tmp_path / FEATURES_ASSET).parent.mkdir()
    (tmp_path / FEATURES_ASSET).write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    assert read_raw_inputs(str(tmp_path)) == content
    assert by_input(content) == {"breite___mm": feature}


def test_a_model_of_another_exporter_says_nothing(tmp_path):
    assert read_raw_inputs(str(tmp_path)) is None
    assert by_input(None) == {}
