"""``dragops graph``: a picture of a file's pattern; needs no API."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from dragops.cli.command import commands, document_command
from dragops.cli.documents import local_pattern, spec_of_file
from dragops.cli.drawing.mermaid import mermaid_of
from dragops.cli.drawing.scene import scene_of
from dragops.cli.drawing.svg import svg_of
from dragops.cli.packs import PackFiles, known_to
from dragops.cli.terminal import err_console, safe_line
from dragops.cli.writing import PatternPath, To, write_document

app = commands()


class Picture(StrEnum):
    """What a picture is written as."""

    MERMAID = "mermaid"
    SVG = "svg"


Format = Annotated[
    Picture | None,
    typer.Option("--format", help="As what; by the name of --output without it, else mermaid."),
]


@document_command(app)
def graph(file: PatternPath, kind: Format = None, to: To = None, pack: PackFiles = None) -> None:
    """Draw the pattern of a file: as Mermaid text, or as an SVG picture.

    A pattern with faults is drawn as far as it can be read; its faulty nodes have a red edge.
    """
    found = local_pattern(file)
    scene = scene_of(spec_of_file(found), known_to(found, pack), title=found.name)
    is_svg = kind is Picture.SVG or (kind is None and Path(to or "").suffix.lower() == ".svg")
    write_document(svg_of(scene) if is_svg else mermaid_of(scene), to)
    if any(box.faults for box in scene.boxes):
        told = f"{found.source} has faults: dragops check {file}"
        err_console().print(safe_line(told), style="yellow")
