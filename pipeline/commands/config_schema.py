"""counterpoise config-schema: print the JSON Schema of experiment files, for editors."""

import json
from typing import Any


def config_schema() -> None:
    """Print the JSON Schema of experiment files, for editors."""
    from pipeline.config import Experiment

    schema: dict[str, Any] = Experiment.model_json_schema(by_alias=True)
    # Left out, the name is that of the file.
    schema["required"] = [key for key in schema["required"] if key != "name"]
    print(json.dumps(schema, indent=2))
