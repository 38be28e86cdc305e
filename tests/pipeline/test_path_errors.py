"""What the system says of a path is one sentence; other faults stay what they are."""

import pytest

from core.errors import InputError
from pipeline.path_errors import paths_as_input_errors


def test_a_path_is_named_with_what_the_system_says_of_it(tmp_path):
    with pytest.raises(InputError) as refused, paths_as_input_errors():
        (tmp_path / "none.csv").read_bytes()
    assert str(refused.value) == f"{tmp_path}/none.csv: No such file or directory."


@pytest.mark.parametrize("fault", [OSError("broken"), ValueError("x"), InputError("as it is")])
def test_what_names_no_path_is_passed_on(fault):
    with pytest.raises(type(fault)) as raised, paths_as_input_errors():
        raise fault
    assert raised.value is fault
