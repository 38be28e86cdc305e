"""Answers requests, whichever protocol they come in."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from models.serving.server import classification_outputs
from models.serving.server.metrics import Metrics
from models.serving.server.served_model import ServedModel
from models.serving.server.signature import DEFAULT_SIGNATURE, Signature, Tensors
from models.serving.server.status import RequestError, StatusCode, invalid_argument
from models.serving.server.versions import Versions, VersionState


@dataclass(frozen=True)
class Target:
    """Which model a request means.

    Attributes:
        name: The model's name.
        version: Its number; None for the one served.
        label: A name given to a version; there are none.
    """

    name: str
    version: int | None = None
    label: str | None = None


class Service:
    """Answers requests from any thread.

    Args:
        name: The model's name.
        versions: Its versions.
        metrics: Where requests are counted.
    """

    def __init__(self, name: str, versions: Versions, metrics: Metrics):
        self.name = name
        self._versions = versions
        self._metrics = metrics

    def model(self, target: Target) -> ServedModel:
        """Returns the loaded model a request means.

        Raises:
            RequestError: It is not served.
        """
        if not target.name:
            raise invalid_argument("ModelSpec has no name specified.")
        if target.label is not None:
            raise invalid_argument(f"Unrecognized servable version label: {target.label}")
        if target.name != self.name:
            wanted = (
                f"Latest({target.name})"
                if target.version is None
                else f"Specific({target.name}, {target.version})"
            )
            raise RequestError(StatusCode.NOT_FOUND, f"Servable not found for request: {wanted}")
        return self._versions.get(target.version)

    def states(self, target: Target) -> dict[int, VersionState]:
        """Returns the states of a model's versions, or of the one asked for.

        Raises:
            RequestError: There is no such model or version.
        """
        states = self._versions.states() if target.name == self.name else {}
        if target.version is not None:
            if target.version not in states:
                raise RequestError(
                    StatusCode.NOT_FOUND, f"Could not find version {target.version} of model {target.name}"
                )
            return {target.version: states[target.version]}
        if not states:
            raise RequestError(StatusCode.NOT_FOUND, f"Could not find any versions of model {target.name}")
        return states

    def predict(
        self, model: ServedModel, signature_name: str, read: Callable[[Signature], Tensors]
    ) -> Tensors:
        """Runs a signature.

        Args:
            model: The model.
            signature_name: Empty for the default.
            read: Makes the tensors of the request, given what the signature takes.

        Raises:
            RequestError: There is no such signature, or the request does not fit it.
        """
        signature = model.find(signature_name)
        if signature is None:
            wanted = signature_name or DEFAULT_SIGNATURE
            raise invalid_argument(f'Serving signature name: "{wanted}" not found in signature def')
        return model.run(signature, read(signature))

    def classify(
        self, model: ServedModel, signature_name: str, examples: list[bytes]
    ) -> classification_outputs.Classes:
        """Returns the classes of serialised tf.Examples with their scores; see `classification_outputs`.

        Raises:
            RequestError: The signature does not classify, or cannot compute the examples.
        """
        outputs = self._score(model, signature_name, examples, classification_outputs.check_classifies)
        return classification_outputs.read_classes(outputs, len(examples))

    def regress(self, model: ServedModel, signature_name: str, examples: list[bytes]) -> np.ndarray:
        """Returns the values of serialised tf.Examples, float32 `(batch,)`; see `classification_outputs`.

        Raises:
            RequestError: The signature does not regress, or cannot compute the examples.
        """
        outputs = self._score(model, signature_name, examples, classification_outputs.check_regresses)
        return classification_outputs.read_regressions(outputs, len(examples))

    def metrics_text(self) -> bytes:
        """Returns everything counted in the text format of Prometheus."""
        model = self._versions.get()
        sizes = {name: batched.batch_sizes() for name, batched in model.signatures.items()}
        return self._metrics.text(sizes, self.name, model.version)

    @contextmanager
    def counted(self, api: str, method: str, name: str) -> Iterator[None]:
        """Counts what is done inside as one request; any exception but a RequestError as INTERNAL."""
        started, code = time.perf_counter(), StatusCode.INTERNAL
        try:
            yield
            code = StatusCode.OK
        except RequestError as error:
            code = error.code
            raise
        finally:
            # A client's invention as a label would let it fill the memory.
            known = self.name if name == self.name else ""
            self._metrics.record(known, api, method, code.name, time.perf_counter() - started)

    def _score(
        self,
        model: ServedModel,
        signature_name: str,
        examples: list[bytes],
        check: Callable[[Signature], None],
    ) -> Tensors:
        signature = model.find(signature_name)
        if signature is None:
            raise invalid_argument(
                f"No signature was found with the name: {signature_name or DEFAULT_SIGNATURE}"
            )
        if not examples:
            raise invalid_argument("Input is empty.")
        check(signature)
        serialized = np.empty(len(examples), object)
        serialized[:] = examples
        return model.run(signature, {classification_outputs.input_of_examples(signature): serialized})
