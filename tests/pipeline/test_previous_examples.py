from typing import Any

import pytest
from tfx.types import standard_artifacts

from pipeline.previous_examples import CURRENT, PREVIOUS, PreviousExamplesStrategy


def resolve(current: list[int], every: list[int]) -> list[int]:
    def artifacts(ids: list[int]) -> list[Any]:
        made = []
        for number in ids:
            artifact = standard_artifacts.Examples()
            artifact.id = number
            made.append(artifact)
        return made

    inputs = {CURRENT: artifacts(current), PREVIOUS: artifacts(every)}
    resolved = PreviousExamplesStrategy().resolve_artifacts(None, inputs)
    assert [artifact.id for artifact in resolved[CURRENT]] == current
    return [artifact.id for artifact in resolved[PREVIOUS]]


@pytest.mark.parametrize(
    ("current", "every", "previous"),
    [
        ([1], [1], []),  # the first run, and the same run again
        ([9], [1, 9], [1]),  # other data, and the same run again
        ([1], [9, 1], [9]),  # back to the first data, whose examples come from cache
        ([12], [1, 12, 9], [9]),
        ([], [], []),
    ],
)
def test_the_latest_of_the_other_examples_is_taken(current, every, previous):
    assert resolve(current, every) == previous
