"""Names of files that one stage or command writes and another reads, and that hold no JSON."""

# Answers of two trials of a search to the eval records: of the first, which has the experiment's own settings, and of
# the best.
OWN_ANSWERS, BEST_ANSWERS = "answers_own.npz", "answers_best.npz"
TRIALS_TABLE = "tuning.csv"
PREDICTIONS_TABLE = "predictions.csv"
TEST_RECORDS = "test_records.npz"
OUT_OF_FOLD_ANSWERS = "out_of_fold.parquet"
SPLITS_TABLE = "splits.csv"
REPORT_PAGE = "report.html"
STRATEGIES_TABLE = "strategies.csv"
BEST_EXPERIMENT = "best.yaml"
# Variable of the environment with when a command began, in seconds since 1970; it is inherited, so that all processes of
# a search reckon with the same end.
BEGAN_VARIABLE = "COUNTERPOISE_BEGAN"
