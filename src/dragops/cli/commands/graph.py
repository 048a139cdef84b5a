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
from dragops.errors import BadInput

app = commands()
_IMAGES = {".png", ".jpg", ".jpeg", ".gif", ".webp", ".pdf", ".svgz"}


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
    picture = kind or _by_name(to or "")
    write_document(svg_of(scene) if picture is Picture.SVG else mermaid_of(scene), to)
    if any(box.faults for box in scene.boxes):
        told = f"{found.source} has faults: dragops check {file}"
        err_console().print(safe_line(told), style="yellow")


def _by_name(to: str) -> Picture:
    suffix = Path(to).suffix.lower()
    if suffix in _IMAGES:
        told = f"{to}: there are no such pictures: name it .svg, or choose a --format"
        raise BadInput("--output", told)
    return Picture.SVG if suffix == ".svg" else Picture.MERMAID
