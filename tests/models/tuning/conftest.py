"""A search whose trials are not trained but computed."""

from typing import Any

import pytest


@pytest.fixture
def search_of(tmp_path):
    """Makes a search over a space, in one folder, so that another one goes on with it."""
    from models.settings import TunerSettings
    from models.tuning.dimension import Dimension
    from models.tuning.hyperparameters import hyperparameters_of
    from models.tuning.oracles import Rules, make_oracle
    from models.tuning.search import Search

    def make(
        measure, space: dict[str, Any], name: str = "search", rules: Rules | None = None, **settings: Any
    ):
        tuner = TunerSettings(**{"algorithm": "random", "max_trials": 8, **settings})
        dimensions = {key: Dimension(**content) for key, content in space.items()}
        first = {key: dimension.first for key, dimension in dimensions.items()}
        objective = tuner.objective or "val_macro_f1"
        oracle = make_oracle(
            tuner, objective, hyperparameters_of(dimensions, first), tuner.epochs or 9, 0, rules or Rules()
        )
        return Search(oracle, lambda values, folder: measure(values), str(tmp_path / name))

    return make
