"""Kinds of values in documents, none of which becomes another when it is read and written again."""

from typing import Annotated, Any, TypeAlias

from pydantic import StrictFloat, StrictInt, WithJsonSchema

Count: TypeAlias = StrictInt
# A whole number stays one: 1 is not written as 1.0, which would change a document's bytes.
Number: TypeAlias = Annotated[StrictInt | StrictFloat, WithJsonSchema({"type": "number"})]


def without_infinities(content: Any) -> Any:
    """Returns lists and dicts as JSON can say them: None in the place of a number that is not finite."""
    if isinstance(content, dict):
        return {key: without_infinities(value) for key, value in content.items()}
    if isinstance(content, list | tuple):
        return [without_infinities(value) for value in content]
    is_finite = not isinstance(content, float) or abs(content) < float("inf")
    return content if is_finite else None
