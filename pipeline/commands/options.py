"""Options and arguments that several commands share."""

from typing import Annotated

import typer

ExperimentFile = Annotated[str, typer.Argument(metavar="EXPERIMENT.yaml", help="The experiment file.")]
RunFolder = Annotated[str | None, typer.Option(metavar="DIR", help="Default: runs/<name>.")]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="a.b=VALUE", help="Replaces a setting of the file; repeatable."),
]
BeamArgs = Annotated[
    list[str] | None,
    typer.Option("--beam-arg", metavar="--ARG=VALUE", help="Passed to Beam's runner as it is; repeatable."),
]
Quality = Annotated[
    str | None,
    typer.Option(metavar="fast|balanced|best", help="How much time the recipe takes; default: balanced."),
]
Fast = Annotated[bool, typer.Option("--fast", help="An answer in a minute: --quality fast.")]
PushedFolder = Annotated[
    str, typer.Argument(metavar="DIR", help="Output folder of a run, or a folder of versions.")
]
PushedVersion = Annotated[int | None, typer.Option(min=1, help="The version; default: the highest.")]
MaxImagePixels = Annotated[
    int | None,
    typer.Option(
        min=1,
        help="Most pixels an encoded image may declare; default, and never more than: the experiment's "
        "data.max_image_pixels.",
    ),
]
