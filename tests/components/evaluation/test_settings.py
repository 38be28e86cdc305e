import subprocess
import sys

import pytest
from pydantic import ValidationError

from components.evaluation.settings import EvaluationSettings


def test_defaults_bless_any_model_and_slice_by_class_alone():
    settings = EvaluationSettings()
    assert settings.slices == settings.contenders == ()
    assert settings.min_worst_recall_lower_bound == 0


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"min_worst_recall_lower_bound": 1.5}, "less than or equal to 1"),
        ({"min_worst_recall_lower_bound": -0.1}, "greater than or equal to 0"),
        ({"max_drop": -0.1}, "greater than or equal to 0"),
        ({"drop_confidence": 1.0}, "less than 1"),
        ({"slices": ["site", "site"]}, "more than once: site"),
        ({"contenders": ["majority", "majority"]}, "more than once: majority"),
        ({"contenders": ["xgboost"]}, "Input should be"),
        ({"slice": ["site"]}, "Extra inputs"),
    ],
)
def test_settings_out_of_bounds_are_refused(given, message):
    with pytest.raises(ValidationError, match=message):
        EvaluationSettings(**given)


def test_settings_import_without_tensorflow():
    code = "import sys, components.evaluation.settings; sys.exit('tensorflow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
