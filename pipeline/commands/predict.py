"""counterpoise predict: score a table or a folder of images with the pushed model; the class may be unknown."""

from enum import Enum
from typing import Annotated

import typer
from rich.console import Console

from pipeline.commands.errors import clear_errors
from pipeline.commands.options import BeamArgs, MaxImagePixels, PushedFolder, PushedVersion
from pipeline.commands.quiet import quieten_libraries


class BadRecords(str, Enum):
    """What to do with records that cannot be read."""

    fail = "fail"
    skip = "skip"


def predict(
    directory: PushedFolder,
    data: Annotated[
        str,
        typer.Argument(
            metavar="INPUT", help="Table (CSV, Parquet, TFRecord), several by a pattern, or folder of images."
        ),
    ],
    output: Annotated[
        str, typer.Option("-o", "--output", metavar="FILE.csv", help="The answers, one row a record.")
    ] = "predictions.csv",
    version: PushedVersion = None,
    on_bad_record: Annotated[
        BadRecords, typer.Option(help="skip leaves out records that cannot be read.")
    ] = BadRecords.fail,
    explain: Annotated[
        int,
        typer.Option(
            metavar="N",
            min=0,
            help="Writes the N columns that moved each decision most, as reason_1 to reason_N; see docs/explain.md.",
        ),
    ] = 0,
    max_image_pixels: MaxImagePixels = None,
    beam_arg: BeamArgs = None,
) -> None:
    """Score a table or a folder of images with the pushed model; the class may be unknown."""
    with clear_errors():
        from core.documents.served_as import ServedAs, allowed_pixels
        from core.printable import printable
        from pipeline.output.write_access import check_output_file
        from pipeline.pushed_model import find_pushed_model

        model = find_pushed_model(directory, version)
        check_output_file(output, "--output")
        # Damage to these files is found before TensorFlow is imported.
        model.features()
        model.classes()
        if explain:
            from pipeline.reason_cells import check_explains_columns

            check_explains_columns(model)
        quieten_libraries()
        from pipeline.score_records import predict

        skip = on_bad_record is BadRecords.skip
        most_pixels = allowed_pixels(max_image_pixels, ServedAs.of_model(model.folder).max_image_pixels)
        done = predict(model, data, output, skip, most_pixels, beam_arg or [], explain)
    errors = Console(stderr=True, soft_wrap=True)
    for note in done.notes:
        errors.print(f"Note: {printable(note)}", markup=False, highlight=False)
    for key, why in (*done.left_out, *done.files_left_out):
        errors.print(f"Left out: {printable(key)} {printable(why)}", markup=False, highlight=False)
    for sentence in done.mostly_unknown:
        errors.print(sentence, markup=False, highlight=False)
    print(f"{output}: {done.records} records, answered by {model.name}, version {model.version}")
