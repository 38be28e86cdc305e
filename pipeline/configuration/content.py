"""Content: what an experiment says before its settings have been checked."""

from typing import Any, TypeAlias

# As YAML has it: nested dicts with text as keys, lists and plain values.
Content: TypeAlias = dict[str, Any]
