"""Number of records that a model is asked about at a time."""

# For BulkInferrer and `counterpoise predict` alike: float32 sums differ in their last digit with the size of a batch,
# and their tables are to be the same.
BATCH = 64
