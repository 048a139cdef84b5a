"""Write the CustomResourceDefinitions from the models: crds/ and the chart's copies.

Pydantic's schemas are made structural: references filled in, null as ``nullable``, lists and maps
with the merge rules of server-side apply. ``--check`` only says which files are stale.
"""

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import made
import yaml

from dragops.model.deployment import DeploymentSpec, DeploymentStatus
from dragops.model.environment import (
    VALUES_MAX,
    VARIABLE_NAME_PATTERN,
    EnvironmentSpec,
    EnvironmentStatus,
)
from dragops.model.ids import NAME_MAX, NAME_PATTERN
from dragops.model.pattern import PatternSpec, PatternStatus
from dragops.model.schema import Shape

ROOT = Path(__file__).parents[1]
PLACES = (ROOT / "crds", ROOT / "helm" / "dragops" / "files" / "crds")

Schema = dict[str, Any]

_KEPT = (
    *("type", "description", "enum", "pattern", "minLength", "maxLength", "minimum", "maximum"),
    *("maxItems", "maxProperties", "default", "nullable", "x-kubernetes-preserve-unknown-fields"),
)
_MAPS = {"conditions": ["type"], "webhooks": ["nodeId"], "schedules": ["nodeId"]}
"""Lists whose items have an owner each; every other list belongs to one writer as a whole."""


@dataclass(frozen=True, slots=True)
class Crd:
    """What the models do not say of a kind."""

    kind: str
    plural: str
    short: str
    description: str
    spec: type[Shape]
    status: type[Shape]
    columns: tuple[tuple[str, str, str], ...]
    wide: tuple[tuple[str, str, str], ...] = ()
    selectable: tuple[str, ...] = ()
    rules: dict[str, list[dict[str, str]]] = field(default_factory=dict)


def _condition(type_: str, part: str = "status") -> str:
    return f'.status.conditions[?(@.type=="{type_}")].{part}'


CRDS = (
    Crd(
        "Pattern",
        "patterns",
        "pat",
        "A graph of nodes: what shall happen when a trigger fires. It runs once a "
        "PatternDeployment refers to it; status says whether it compiles.",
        PatternSpec,
        PatternStatus,
        columns=(
            ("Title", "string", ".spec.title"),
            ("Valid", "string", _condition("Valid")),
            ("Ready", "string", _condition("Ready")),
        ),
        wide=(("Why", "string", _condition("Valid", "reason")),),
    ),
    Crd(
        "PatternDeployment",
        "patterndeployments",
        "pdep",
        "Runs a Pattern in this namespace: its webhooks are open and its schedules tick while "
        "spec.state is Active. status says what the engines have obeyed.",
        DeploymentSpec,
        DeploymentStatus,
        columns=(
            ("State", "string", ".status.state"),
            ("Version", "integer", ".status.versionNumber"),
            ("Pattern", "string", ".spec.patternRef.name"),
            ("Ready", "string", _condition("Ready")),
        ),
        wide=(
            ("Environment", "string", ".status.environment.name"),
            ("Why", "string", _condition("Ready", "reason")),
            ("Confirmed", "string", ".status.confirmedAt"),
        ),
        selectable=(
            *(".spec.patternRef.name", ".spec.environmentRef.name"),
            *(".spec.state", ".status.state"),
        ),
        rules={
            "patternRef": [
                {
                    "rule": "self.name == oldSelf.name",
                    "message": "a deployment keeps its pattern: delete it, or make another one",
                    "fieldPath": ".name",
                    "reason": "FieldValueInvalid",
                }
            ],
            "schedules": [
                {
                    "rule": "self.all(s, !has(s.cronExpression) || s.cronExpression.matches("
                    "'^\\\\s*(@[a-z]+|([^\\\\s]+\\\\s+){4,5}[^\\\\s]+)\\\\s*$'))",
                    "message": "cronExpression: write 5 fields (minute, hour, day, month, "
                    "weekday), 6 with the second before them, or a macro such as @daily",
                    "reason": "FieldValueInvalid",
                },
                {
                    "rule": "self.all(s, s.missedRuns != 'None' || !has(s.missedWindowSeconds))",
                    "message": "missedRuns None makes up for nothing: leave missedWindowSeconds "
                    "out",
                    "reason": "FieldValueInvalid",
                },
            ],
            "signature": [
                {
                    "rule": "self.scheme == 'dragops' || !self.requireTimestamp",
                    "message": "only the scheme dragops has a timestamp: set requireTimestamp "
                    "to false",
                    "fieldPath": ".requireTimestamp",
                    "reason": "FieldValueInvalid",
                }
            ],
        },
    ),
    Crd(
        "Environment",
        "environments",
        "penv",
        "Variables and secrets for the deployments that name it: Get Environment and Get Secret "
        "find them. A change is in force within a minute, without a new version.",
        EnvironmentSpec,
        EnvironmentStatus,
        columns=(
            ("Title", "string", ".spec.title"),
            ("Secret", "string", ".spec.secretRef.name"),
            ("Ready", "string", _condition("Ready")),
        ),
        wide=(("Why", "string", _condition("Ready", "reason")),),
        rules={
            "variables": [
                {
                    "rule": f"self.all(name, name.matches('{VARIABLE_NAME_PATTERN}'))",
                    "message": "a name has at most 63 letters, digits, '_', '-' and '.', and does "
                    "not begin with '.'",
                    "reason": "FieldValueInvalid",
                },
                {
                    "rule": f"self.map(name, size(name) + size(self[name])).sum() <= {VALUES_MAX}",
                    "message": f"all variables together have at most {VALUES_MAX} characters",
                    "reason": "FieldValueInvalid",
                },
            ]
        },
    ),
)


def definition(crd: Crd) -> Schema:
    """Give the whole CustomResourceDefinition."""
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{crd.plural}.dragops.dev"},
        "spec": {
            "group": "dragops.dev",
            "scope": "Namespaced",
            "names": {
                "kind": crd.kind,
                "listKind": f"{crd.kind}List",
                "plural": crd.plural,
                "singular": crd.kind.lower(),
                "shortNames": [crd.short],
                "categories": ["dragops"],
            },
            "versions": [_version(crd)],
        },
    }


def _version(crd: Crd) -> Schema:
    version: Schema = {
        "name": "v1",
        "served": True,
        "storage": True,
        "subresources": {"status": {}},
        "additionalPrinterColumns": list(_columns(crd)),
    }
    if crd.selectable:
        version["selectableFields"] = [{"jsonPath": path} for path in crd.selectable]
    return version | {"schema": {"openAPIV3Schema": _root(crd)}}


def _columns(crd: Crd) -> Iterator[Schema]:
    for name, type_, path in crd.columns:
        yield {"name": name, "type": type_, "jsonPath": path}
    yield {"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp"}
    for name, type_, path in crd.wide:
        yield {"name": name, "type": type_, "jsonPath": path, "priority": 1}


def _root(crd: Crd) -> Schema:
    name_rule = {
        "rule": f"self.metadata.name.matches('{NAME_PATTERN}') "
        f"&& size(self.metadata.name) <= {NAME_MAX}",
        "message": f"metadata.name: at most {NAME_MAX} lower-case letters, digits and dashes, "
        "beginning with a letter and not ending with a dash, so that every child's name fits",
    }
    return {
        "type": "object",
        "description": crd.description,
        "required": ["spec"],
        "x-kubernetes-validations": [name_rule],
        "properties": {
            "apiVersion": {"type": "string", "description": "dragops.dev/v1"},
            "kind": {"type": "string", "description": crd.kind},
            "metadata": {"type": "object"},
            "spec": structural(crd.spec.model_json_schema(), crd.rules),
            "status": structural(crd.status.model_json_schema(), {}),
        },
    }


def structural(schema: Schema, rules: dict[str, list[dict[str, str]]]) -> Schema:
    """Turn pydantic's schema into a structural one; ``rules`` are CEL rules by property name."""
    definitions = schema.get("$defs", {})

    def turned(part: Schema, name: str) -> Schema:
        whole = _resolved(part, definitions)
        kept = {key: whole[key] for key in _KEPT if key in whole}
        if whole.get("type") == "array":
            kept |= {"items": turned(whole["items"], "")} | _list_rule(name)
        if "properties" in whole:
            kept["properties"] = {k: turned(v, k) for k, v in whole["properties"].items()}
            if whole.get("required"):
                kept["required"] = whole["required"]
        elif kept.get("type") == "object":
            kept["x-kubernetes-map-type"] = "atomic"
            values = {k: whole[k] for k in ("additionalProperties",) if "maxProperties" in whole}
            kept |= {key: turned(value, "") for key, value in values.items()}
        if kept.get("type") == "integer":
            kept["format"] = "int64"
        if name in rules:
            kept["x-kubernetes-validations"] = rules[name]
        return _with_default(kept)

    return turned(schema, "")


def _resolved(part: Schema, definitions: Schema) -> Schema:
    """Fill in the reference; ``X | None`` is X that may be left out."""
    options = [option for option in part.get("anyOf", ()) if option != {"type": "null"}]
    whole = dict(part)
    for inner in options or ([part] if "$ref" in part else []):
        reference = inner.get("$ref", "").removeprefix("#/$defs/")
        base = definitions[reference] if reference else inner
        # what is said where it is used says more than what is said of the type
        whole = base | {k: v for k, v in whole.items() if k not in {"$ref", "anyOf"}}
    return whole


def _list_rule(name: str) -> Schema:
    if name in _MAPS:
        return {"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": _MAPS[name]}
    return {"x-kubernetes-list-type": "atomic"}


def _with_default(kept: Schema) -> Schema:
    """Keep the defaults that tell a reader something."""
    default = kept.pop("default", None)
    if default is None or default in ("", [], ()):
        return kept
    return kept | {"default": default}


def main() -> int:
    """Write what is stale, or with --check only name it."""
    texts = {
        crd.plural: f"# Made by tools/crds.py from dragops.model.\n{_dumped(definition(crd))}"
        for crd in CRDS
    }
    return made.write(
        (place / f"{plural}.yaml", text) for plural, text in texts.items() for place in PLACES
    )


class _Dumper(yaml.SafeDumper):
    """Quotes y and n: kubectl reads YAML 1.1, where they are the words true and false."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "'" if text in ("y", "n") else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)


def _dumped(data: Schema) -> str:
    # a copy through JSON: the same list used twice would be written as an alias
    copied = json.loads(json.dumps(data))
    return yaml.dump(copied, Dumper=_Dumper, sort_keys=False, width=100)


if __name__ == "__main__":
    sys.exit(main())
