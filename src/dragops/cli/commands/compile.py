"""``dragops compile``: the program of a file's pattern; needs no API."""

from typing import Annotated

import typer

from dragops.cli.command import commands, document_command
from dragops.cli.documents import PatternFile, local_pattern, spec_of_file
from dragops.cli.packs import PackFiles, known_to
from dragops.cli.placing import Placer
from dragops.cli.verdicts import compiled
from dragops.cli.writing import PatternPath, To, write_document
from dragops.errors import Fault
from dragops.model.program import Program

app = commands()
LineMap = Annotated[
    bool,
    typer.Option("--line-map", help="Before each line, its number, its node and the node's place."),
]


@document_command(app)
def compile_(
    file: PatternPath, line_map: LineMap = False, to: To = None, pack: PackFiles = None
) -> None:
    """Show the program that the pattern of a file compiles to.

    It is the text that the engine runs, the same bytes each time.
    """
    found = local_pattern(file)
    program = compiled(found, known_to(found, pack))
    write_document(_mapped(found, program) if line_map else program.text, to)


def _mapped(file: PatternFile, program: Program) -> str:
    spec = spec_of_file(file)
    placer, lines = Placer(file, spec), program.text.splitlines()
    nodes = [program.manifest.node_at(number) for number in range(1, len(lines) + 1)]
    marks = {node: placer.place_of(Fault(node, "", "")) for node in nodes if node}
    named = [f"{node} {marks[node].line}:{marks[node].column}" if node else "" for node in nodes]
    width, digits = max(map(len, named)), len(str(len(lines)))
    shown = zip(named, lines, strict=True)
    rows = [f"{n:>{digits}}  {name:<{width}}  {text}" for n, (name, text) in enumerate(shown, 1)]
    return "".join(f"{row.rstrip()}\n" for row in rows)
