"""Names of the features of a record before and after Transform."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

RECORD_KEY = "record_key"  # Carries a record's key through the pipeline; no input of the model.
# Number that the records have in common that must not be told apart by a split: those of a group, and equal ones.
# Records on their own have none, and neither have data in which all are.
RECORD_SET = "record_set"
# Microseconds since 1970, int64, of which float32 holds no four hundred years; data without `data.time` have none.
RECORD_TIME = "record_time"
BOOKKEEPING = (RECORD_KEY, RECORD_SET, RECORD_TIME)


def transformed_name(key: str) -> str:
    """Names a feature after Transform."""
    return f"{key}_xf"


# Transform joins the columns of a kind into one feature: parsing one long feature is many times faster
# than parsing a feature for each column, and augmentation works on such arrays.
LABEL = transformed_name("label")  # int64 (), index of the class
IMAGE = transformed_name("image")  # string (), the encoded image
NUMERIC = transformed_name("numeric")  # float32 (columns,), normal scores
MISSING = transformed_name("missing")  # float32 (columns,), 1 where the value was imputed
CATEGORICAL = transformed_name("categorical")  # int64 (columns,), index of the category
KEY = transformed_name(RECORD_KEY)  # string (), for people and for augmentation; no input of the network
SET = transformed_name(RECORD_SET)  # int64 (), above 0, or 0 for a record on its own; no input of the network
# What only records have that augmentation made: how, and the keys of the train records that each was made of.
METHOD, PARENTS = "augmentation_method", "augmentation_parents"
CLASSES_VOCABULARY = "classes"
# Stands for a missing cell in a categorical column: being missing is a category of its own.
MISSING_CATEGORY = "__missing__"


def categories_vocabulary(position: int) -> str:
    """Names the vocabulary of the categorical column at `position`; column names may not be file names."""
    return f"categories_{position}"


@dataclass(frozen=True)
class FeatureSpec:
    """The raw features by what the model does with them.

    Attributes:
        label: Feature of the class's name.
        image: Feature of the encoded image, or None.
        numeric: Features that are numbers, sorted by name.
        categorical: Features that are text, sorted by name.
    """

    label: str
    image: str | None
    numeric: tuple[str, ...]
    categorical: tuple[str, ...]

    @classmethod
    def from_dtypes(cls, dtypes: Mapping[str, Any], label: str, image: str | None) -> "FeatureSpec":
        """Tells the features apart by their types.

        Args:
            dtypes: Raw feature to tf.DType; numbers are numeric, strings categorical.
            label: The label's feature.
            image: The image's feature, or None.
        """
        columns = sorted(set(dtypes) - {label, image, *BOOKKEEPING})
        return cls(
            label,
            image,
            tuple(name for name in columns if dtypes[name].is_floating or dtypes[name].is_integer),
            tuple(name for name in columns if not (dtypes[name].is_floating or dtypes[name].is_integer)),
        )
