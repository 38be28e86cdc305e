"""Table of the data checks, by the names that `validation.skip` takes."""

# Where each stands in this folder, as module and function: settings are read before NumPy, which the checks need.
CHECKS = {
    "schema_anomalies": "anomalies.check_anomalies",
    "class_in_every_split": "distribution.check_every_split",
    "class_count": "distribution.check_class_count",
    "class_balance": "distribution.check_balance",
    "drift_between_splits": "drift.check_splits",
    "drift_since_last_run": "drift.check_last_run",
    "drift_over_time": "over_time.check_trends",
    "later_records": "over_time.check_later_records",
    "records_in_one_split": "crossing.check_records",
    "given_copies": "crossing.check_given_copies",
    "groups_in_one_split": "crossing.check_groups",
    "label_given_away": "leakage.check_given_away",
    "outstanding_feature": "leakage.check_outstanding",
    "one_class_only": "one_class.check_one_class",
    "label_spelling": "spelling.check_spelling",
    "id_like_column": "ids.check_ids",
}
