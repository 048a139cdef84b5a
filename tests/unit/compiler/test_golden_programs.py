"""Golden programs: what a pattern compiles to, to be read by people."""

import json
from pathlib import Path

import pytest
import yaml

from dragops.compiler.compile import compile_pattern
from dragops.model.declared import DeclaredNode
from dragops.model.pattern import PatternSpec
from dragops.model.program import Program

PROGRAMS = sorted((Path(__file__).parents[2] / "data" / "programs").iterdir())


def compiled(folder: Path) -> Program:
    raw = yaml.safe_load((folder / "pattern.yaml").read_text())
    definitions = raw.pop("nodeDefinitions", {})
    declared = {type_: DeclaredNode.model_validate(each) for type_, each in definitions.items()}
    spec = PatternSpec.model_validate(raw)
    return compile_pattern(spec, name=folder.name.replace("_", "-"), declared=declared)


@pytest.mark.parametrize("folder", PROGRAMS, ids=lambda folder: folder.name)
def test_a_pattern_compiles_to_its_golden_program(
    folder: Path, pytestconfig: pytest.Config
) -> None:
    """Text and manifest are those on file."""
    program = compiled(folder)
    manifest = program.manifest.as_json() | {"lines": list(program.manifest.lines)}
    shown = json.dumps(manifest, indent=1, ensure_ascii=False) + "\n"
    if pytestconfig.getoption("--update-data"):
        (folder / "program.py").write_text(program.text)
        (folder / "manifest.json").write_text(shown)

    assert program.text == (folder / "program.py").read_text()
    assert shown == (folder / "manifest.json").read_text()


@pytest.mark.parametrize("folder", PROGRAMS, ids=lambda folder: folder.name)
def test_the_same_pattern_gives_the_same_bytes(folder: Path) -> None:
    """Nothing but the pattern goes into a program."""
    assert compiled(folder).digest == compiled(folder).digest


@pytest.mark.parametrize("folder", PROGRAMS, ids=lambda folder: folder.name)
def test_each_line_of_a_function_knows_its_node(folder: Path) -> None:
    """Every statement inside a trigger's function comes from a node of the pattern."""
    program = compiled(folder)
    nodes = {node["id"] for node in program.manifest.source["nodes"]}
    lines = program.text.splitlines()

    assert len(lines) == len(program.manifest.lines)
    first = next(n for n, line in enumerate(lines) if line.startswith("async def"))
    inside = [*zip(lines, program.manifest.lines, strict=True)][first:]
    for line, node in inside:
        if line.startswith("    ") and not line.endswith(("= None", ",")):
            assert node in nodes, line
