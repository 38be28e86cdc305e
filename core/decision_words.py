"""Words that a served decision may be instead of a class's name."""

ABSTAIN = "abstain"
UNKNOWN = "unknown"
