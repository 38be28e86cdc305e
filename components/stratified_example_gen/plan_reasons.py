"""Reasons for which a record that can be used is in no split, numbered for arrays."""

IN_A_SPLIT, DUPLICATE, IN_GAP, CONTINUES, REPEATED_LATER = range(5)
# As splits.csv has them.
WORDS = (
    "",
    "duplicate",
    "in the gap",
    "its group goes on in a later split",
    "an equal record stands in a later split",
)
