"""What stands for a missing value in text, for the readers and in the served graph; TensorFlow-free."""

# In lower case. The graph of a model holds the words it was trained with.
MISSING = frozenset({"", "na", "n/a", "nan", "null", "?"})


def is_missing(cell: str) -> bool:
    """Tells whether a cell is one of the spellings of a missing value."""
    return cell.strip().lower() in MISSING
