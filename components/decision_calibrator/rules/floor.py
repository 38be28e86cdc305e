"""Least rate wanted of a class."""

from typing import Annotated

from pydantic import Field

Floor = Annotated[float, Field(gt=0, le=1)]
