"""Keras Tuner's service that an oracle answers workers by, out of the private part of the library.

Keras Tuner itself starts the service in a process that does nothing else and never ends; there is no public way to it.
"""

import grpc
import keras_tuner


def add_oracle_service(oracle: keras_tuner.Oracle, server: grpc.Server) -> None:
    """Has a gRPC server answer for an oracle, by the protocol that Keras Tuner's workers speak."""
    # Late: only a search in parallel needs it.
    from keras_tuner.src import protos
    from keras_tuner.src.distribute.oracle_chief import OracleServicer

    protos.get_service_grpc().add_OracleServicer_to_server(OracleServicer(oracle), server)
