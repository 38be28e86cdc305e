import pytest
from tfx.types import standard_artifacts

from pipeline.last_blessed import BLESSING, CURRENT, MODEL, LastBlessedStrategy


def resolve(folder, current, models, blessings):
    """`blessings`: model to whether it was blessed, in the order they were given."""

    def model(number):
        artifact = standard_artifacts.Model()
        artifact.id, artifact.uri = number, str(folder / str(number))
        return artifact

    def blessing(number, of, blessed):
        artifact = standard_artifacts.ModelBlessing()
        artifact.id = number
        artifact.set_int_custom_property("current_model_id", of)
        artifact.set_int_custom_property("blessed", blessed)
        return artifact

    inputs = {
        CURRENT: [model(current)],
        MODEL: [model(number) for number in models],
        BLESSING: [blessing(100 + place, *one) for place, one in enumerate(blessings)],
    }
    resolved = LastBlessedStrategy().resolve_artifacts(None, inputs)
    assert [artifact.id for artifact in resolved[CURRENT]] == [current]
    assert [artifact.get_int_custom_property("current_model_id") for artifact in resolved[BLESSING]] == [
        artifact.id for artifact in resolved[MODEL]
    ]
    return [artifact.id for artifact in resolved[MODEL]]


@pytest.mark.parametrize(
    ("current", "models", "blessings", "found"),
    [
        (1, [1], [], []),  # the first run
        (1, [1], [(1, 1)], []),  # the same run again
        (5, [1, 5], [(1, 1)], [1]),
        (5, [1, 3, 5], [(1, 1), (3, 0)], [1]),  # the one between was refused
        (5, [1, 3, 5], [(3, 1), (1, 1)], [1]),  # blessed again, later
        (5, [5, 7], [(7, 1)], []),  # cleared away by somebody
    ],
)
def test_the_latest_other_model_that_was_blessed_is_taken(tmp_path, current, models, blessings, found):
    for number in (1, 3, 5):
        (tmp_path / str(number)).mkdir()
    assert resolve(tmp_path, current, models, blessings) == found
