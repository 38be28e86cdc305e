"""REST client of a served model, with Python's own library alone.

    python rest.py MODEL picture=@part.png width=1.5 line=north [--url http://127.0.0.1:8501]

Which fields there are, the model says itself; one that is left out is missing.
"""

import argparse
import base64
import json
import math
import urllib.request
from pathlib import Path
from typing import Any

SIGNATURE = "predict_raw"


def ask(url: str, model: str, given: dict[str, str]) -> dict[str, Any]:
    """Asks for the decision on one record.

    Args:
        url: Of the server.
        model: The model's name.
        given: Field to value; `@` begins the path of an image.

    Returns:
        Output to value: `decision`, `score`, `probabilities` and the others of the signature.
    """
    inputs = _call(f"{url}/v1/models/{model}/metadata")["metadata"]["signature_def"]["signature_def"][
        SIGNATURE
    ]
    row = make_row({name: one["dtype"] for name, one in inputs["inputs"].items()}, given)
    body = {"signature_name": SIGNATURE, "instances": [row]}
    [answer] = _call(f"{url}/v1/models/{model}:predict", body)["predictions"]
    return answer


def make_row(dtypes: dict[str, str], given: dict[str, str]) -> dict[str, Any]:
    """Puts the fields of a record into a row of a request.

    Args:
        dtypes: Every field's type, as the metadata call it.
        given: As in `ask`.

    Raises:
        ValueError: The model has no such field.
    """
    unknown = sorted(set(given) - set(dtypes))
    if unknown:
        raise ValueError(f"Fields: {', '.join(sorted(dtypes))}. Received: {', '.join(unknown)}")
    return {name: _value(dtype, given.get(name, "")) for name, dtype in dtypes.items()}


def _value(dtype: str, text: str) -> Any:
    if dtype != "DT_STRING":
        return float(text) if text else math.nan
    if text.startswith("@"):
        return {"b64": base64.b64encode(Path(text[1:]).read_bytes()).decode()}
    return text


def _call(url: str, body: Any = None) -> Any:
    # JSON has no NaN; TensorFlow Serving reads it as Python writes it.
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as response:
        return json.loads(response.read())


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("model")
    parser.add_argument("field", nargs="*", help="name=value, or name=@file of an image")
    parser.add_argument("--url", default="http://127.0.0.1:8501")
    arguments = parser.parse_args()
    fields = dict(field.split("=", 1) for field in arguments.field)
    print(json.dumps(ask(arguments.url, arguments.model, fields), ensure_ascii=False, indent=1))
