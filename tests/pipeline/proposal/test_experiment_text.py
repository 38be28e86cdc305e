"""The YAML of a proposal."""

import yaml
from hypothesis import given
from hypothesis import strategies as st

from pipeline.proposal.choice import Choice, as_content
from pipeline.proposal.experiment_text import experiment_text

# What a UTF-8 file can name: anything but half a surrogate pair.
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@given(TEXT, TEXT, st.lists(TEXT, min_size=1, unique=True), st.integers())
def test_any_names_and_reasons_read_back_as_they_are(name, reason, columns, number):
    choices = [
        Choice("name", name, reason),
        Choice("data.label", name, reason),
        Choice("data.drop", columns, reason, dict.fromkeys(columns, reason)),
        Choice("model.image", {"size": [number, number], "weights": None, name: reason}),
    ]
    assert yaml.safe_load(experiment_text([reason, name], choices)) == as_content(choices)


def test_reasons_stand_above_what_they_explain():
    choices = [
        Choice("name", "parts"),
        Choice("data.path", "parts.csv", "Relative to this file"),
        Choice("data.drop", ["id"], "Left out", {"id": "counts the rows"}),
        Choice("loss", {"class_weights": "none"}, "Balanced"),
    ]
    assert experiment_text(["counterpoise run parts.yaml"], choices) == (
        "# counterpoise run parts.yaml\n"
        "name: parts\n"
        "data:\n"
        "  # Relative to this file.\n"
        "  path: parts.csv\n"
        "  # Left out.\n"
        "  drop:\n"
        "    - id  # counts the rows\n"
        "# Balanced.\n"
        "loss: {class_weights: none}\n"
    )
