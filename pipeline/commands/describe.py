"""counterpoise describe: show what the pushed model takes and answers, and how it decides."""

import json
from typing import Annotated

import typer

from pipeline.commands.errors import clear_errors
from pipeline.commands.options import PushedFolder, PushedVersion


def describe(
    directory: PushedFolder,
    version: PushedVersion = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, with all that is known.")] = False,
) -> None:
    """Show what the pushed model takes and answers, and how it decides."""
    with clear_errors():
        from core.errors import InputError
        from models.serving.describe import describe_model
        from models.serving.description_text import description_text
        from pipeline.pushed_model import find_pushed_model

        model = find_pushed_model(directory, version)
        try:
            description = describe_model(model.folder, model.name, model.version)
        except ValueError as error:
            raise InputError(str(error)) from error
        text = description_text(description)
    print(json.dumps(description.as_json(), indent=1, ensure_ascii=False) if as_json else text)
