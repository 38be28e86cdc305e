"""Trees of several fits in one model: what each says is the same to the last bit."""

import dataclasses

import numpy as np
import pytest

from models.network.classifier import InputShape
from models.network.trees.joined_trees import joined_trees
from models.network.trees.trees_model import trees_model
from models.settings.trees import TreesSettings
from models.training.trees.fit_trees import fit_trees
from tests.models.training.trees.made_records import SIZES, made_records

SHAPE = InputShape(None, 2, SIZES)


def fits(num_classes):
    """Fits of different depths, flags and statistics, and one without any tree."""
    found = []
    for seed, depth in enumerate([2, 4, 3]):
        # Where a column holds one category alone, CatBoost gives it no flags.
        records = made_records(seed, num_classes=num_classes)
        if seed == 1:
            records.categorical[:, 0] = 0
        settings = TreesSettings(iterations=5 + seed, depth=depth)
        found.append(fit_trees(records, None, num_classes, SIZES, settings, seed))
    alike = made_records(3, num_classes=num_classes).taken(np.zeros(20, int))
    return [*found, fit_trees(alike, None, num_classes, SIZES, TreesSettings(iterations=5), 0)]


@pytest.mark.parametrize("num_classes", [2, 3])
def test_each_fit_answers_among_others_as_on_its_own(num_classes):
    alone = fits(num_classes)
    assert len({fit.splits.shape[1] for fit in alone}) > 1 and len({tuple(fit.one_hot) for fit in alone}) > 1
    assert alone[-1].num_trees == 0 and all(len(fit.offsets) for fit in alone[:2])
    joined = joined_trees(alone)
    records = made_records(9, num_records=50)
    given = {name: getattr(records, name) for name in ("numeric", "missing", "categorical")}
    found = trees_model(SHAPE, joined.trees, joined.group_sizes)(given).numpy()
    assert found.shape == (50, 4, num_classes)
    for place, fit in enumerate(alone):
        np.testing.assert_array_equal(found[:, place], trees_model(SHAPE, fit)(given))


def test_fits_of_shares_alone_are_joined_too():
    alone = fits(2)[-1]
    joined = joined_trees([alone, dataclasses.replace(alone, bias=alone.bias + 1)])
    records = made_records(9, num_records=3)
    given = {name: getattr(records, name) for name in ("numeric", "missing", "categorical")}
    found = trees_model(SHAPE, joined.trees, joined.group_sizes)(given).numpy()[..., 1]
    np.testing.assert_allclose(found, np.tile([alone.bias[0], alone.bias[0] + 1], (3, 1)))


def test_fits_on_other_columns_are_refused():
    alone = fits(2)[-1]
    with pytest.raises(ValueError, match="Only fits on the same columns"):
        joined_trees([alone, dataclasses.replace(alone, num_numeric=3)])
