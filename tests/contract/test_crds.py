"""The CustomResourceDefinitions are the models', bounded and explained."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
CRDS = sorted((ROOT / "crds").glob("*.yaml"))

Schema = dict[str, Any]


def parts(schema: Schema, path: str = "") -> Iterator[tuple[str, Schema]]:
    yield path, schema
    for name, inner in schema.get("properties", {}).items():
        yield from parts(inner, f"{path}.{name}")
    if "additionalProperties" in schema:
        yield from parts(schema["additionalProperties"], f"{path}{{}}")
    if "items" in schema:
        yield from parts(schema["items"], f"{path}[]")


def ours(path: Path) -> list[tuple[str, Schema]]:
    version = yaml.safe_load(path.read_text())["spec"]["versions"][0]
    root = version["schema"]["openAPIV3Schema"]["properties"]
    return [*parts(root["spec"], "spec"), *parts(root["status"], "status")]


def test_the_files_are_what_the_models_say() -> None:
    """Stale files fail here and in make check."""
    command = [sys.executable, str(ROOT / "tools" / "crds.py"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout


DEFINITION = "spec.nodeDefinitions{}"


@pytest.mark.parametrize("path", CRDS, ids=lambda path: path.stem)
def test_every_field_is_explained(path: Path) -> None:
    """kubectl explain has a sentence for each field."""
    # what is in a list or a map is explained by it
    unexplained = {name for name, part in ours(path) if not part.get("description")}

    assert unexplained <= {
        *("spec.tags[]", "spec.variables{}", "status.secrets[]"),
        *(f"{DEFINITION}.{part}" for part in ("request.headers{}", "request.query{}")),
        *(f"{DEFINITION}.{side}[].members[]" for side in ("inputs", "outputs")),
        f"{DEFINITION}.response{{}}",
    }


@pytest.mark.parametrize("path", CRDS, ids=lambda path: path.stem)
def test_every_field_is_bounded(path: Path) -> None:
    """What a stranger writes has an end, and CEL costs can be estimated."""
    unbounded = [
        name
        for name, part in ours(path)
        if (part.get("type") == "string" and not {"maxLength", "enum"} & part.keys())
        or (part.get("type") == "array" and "maxItems" not in part)
        or ("additionalProperties" in part and "maxProperties" not in part)
    ]

    assert unbounded == []


@pytest.mark.parametrize("path", CRDS, ids=lambda path: path.stem)
def test_only_free_json_takes_unknown_fields(path: Path) -> None:
    """Anything else that is misspelt is refused by kubectl."""
    free = {
        name
        for name, part in ours(path)
        if part.get("x-kubernetes-preserve-unknown-fields") or "type" not in part
    }

    assert free <= {
        *("spec.editor", "spec.nodes[].values", "spec.variables[].default"),
        *(f"{DEFINITION}.{part}" for part in ("request.body", "request.query{}")),
        *(f"{DEFINITION}.{side}[].default" for side in ("inputs", "outputs")),
    }


def test_lists_say_who_owns_their_items() -> None:
    """Graphs belong to one writer; conditions, webhooks and schedules have an owner each."""
    kinds = {
        name: part["x-kubernetes-list-type"]
        for path in CRDS
        for name, part in ours(path)
        if part.get("type") == "array"
    }

    assert {name for name, kind in kinds.items() if kind == "map"} == {
        "spec.webhooks",
        "spec.schedules",
        "status.webhooks",
        "status.schedules",
        "status.conditions",
    }
    assert {kinds[name] for name in ("spec.nodes", "spec.wires", "spec.variables")} == {"atomic"}
