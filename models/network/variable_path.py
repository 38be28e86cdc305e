"""Names of variables, the same for Keras 2 and Keras 3."""

from typing import Any


def variable_path(variable: Any) -> str:
    """Returns where a variable of a Keras layer belongs, as `block_0_conv/kernel`.

    Keras 2 has it in `name`, with `:0` behind it; Keras 3 has it in `path`, and `name` is the last part alone.
    """
    return getattr(variable, "path", None) or variable.name.split(":")[0]
