"""Encoders of numeric and categorical columns."""

from models.network.tabular.column_inputs import column_inputs
from models.network.tabular.ensemble_mlp import ensemble_mlp
from models.network.tabular.feature_attention import feature_attention, feature_attention_model
from models.network.tabular.mlp import mlp
from models.network.tabular.table_encoder import table_encoder

__all__ = [
    "column_inputs",
    "ensemble_mlp",
    "feature_attention",
    "feature_attention_model",
    "mlp",
    "table_encoder",
]
