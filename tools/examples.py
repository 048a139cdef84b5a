"""Write beside each example's pattern what is made of it: the program, the picture, the deployment.

A deployment is made where a pack stands beside the pattern: it brings the pack's nodes along.
``--check`` only compares.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import made

from dragops.cli.documents import PatternFile, local_pattern, spec_of_file
from dragops.cli.drawing.scene import scene_of
from dragops.cli.drawing.svg import svg_of
from dragops.cli.packs import read_packs
from dragops.cli.verdicts import compiled
from dragops.model.declared import Declared
from dragops.model.yaml_text import yaml_of

ROOT = Path(__file__).parents[1]


def files() -> Iterator[tuple[Path, str]]:
    """Give each file that is made, with its text."""
    numbered = ROOT.glob("examples/[0-9]*/*pattern.yaml")
    for manifest in sorted([*numbered, *ROOT.glob("examples/packs/*/pattern.yaml")]):
        name = manifest.stem.removesuffix("pattern")
        found = local_pattern(str(manifest))
        packs = sorted(map(str, manifest.parent.glob("*.dragops-pack.json")))
        declared = read_packs(packs)
        module = name.replace("-", "_").replace(".", "_")  # a module's name is an identifier
        yield manifest.with_name(f"{module}program.py"), compiled(found, declared).text
        picture = svg_of(scene_of(spec_of_file(found), declared, title=found.name))
        yield manifest.with_name(f"{name}graph.svg"), picture
        if packs:
            yield manifest.with_name("deployment.yaml"), _deployment(found, declared)


def _deployment(found: PatternFile, declared: Declared) -> str:
    name, used = found.resource, compiled(found, declared).manifest.declared()
    spec: dict[str, Any] = {
        "patternRef": {"name": name},
        "environmentRef": {"name": "packs"},
        "nodeDefinitions": {
            type_: each.model_dump(mode="json", by_alias=True, exclude_defaults=True)
            for type_, each in used.items()
        },
    }
    deployment = {
        "apiVersion": "dragops.dev/v1",
        "kind": "PatternDeployment",
        "metadata": {"name": f"dep-{name}"},
        "spec": spec,
    }
    return f"# Made by tools/examples.py from the pack beside it.\n{yaml_of(deployment)}"


def main() -> int:
    """Rewrite what is made, or say what of it is stale."""
    return made.write(files())


if __name__ == "__main__":
    sys.exit(main())
