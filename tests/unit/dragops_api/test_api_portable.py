"""Export and import at the API's door."""

from typing import Any

import pytest

from dragops.cluster.client import PATTERNS
from dragops.model.yaml_text import json_of
from dragops_api.portable import export_of
from support.api_door import Door
from support.product import LOGGER


async def _created(door: Door, **fields: Any) -> dict[str, Any]:
    body = {"name": "Logger", "graphData": LOGGER, "tags": ["a"]} | fields
    created: dict[str, Any] = await door.data("POST", "/api/patterns", body)
    return created


def _but_for_identity(pattern: dict[str, Any]) -> dict[str, Any]:
    own = {"id", "createdAt", "updatedAt", "versionNumber"}
    return {key: value for key, value in pattern.items() if key not in own}


async def test_an_export_is_a_download_that_an_import_takes(door: Door) -> None:
    """Bare JSON with a format version; the import is a new pattern beside the old one."""
    created = await _created(door, isTemplate=True, description="d")

    export = await door.call("GET", f"/api/patterns/{created['id']}/export")
    answer = await door.call("POST", "/api/patterns/import", export.json())

    assert export.headers["Content-Type"] == "application/json"
    assert export.headers["Content-Disposition"].startswith(
        'attachment; filename="logger.dragops.json"'
    )
    assert (export.json()["format"], export.json()["formatVersion"]) == ("dragops-pattern", 1)
    imported = answer.json()["data"]
    assert answer.status_code == 201
    assert imported["id"] != created["id"]
    assert _but_for_identity(imported) == _but_for_identity(created)
    assert (await door.call("GET", f"/api/patterns/{created['id']}")).json() == created
    assert (await door.call("GET", f"/api/patterns/{imported['id']}")).json() == imported


async def test_a_manifest_is_what_kubectl_applies(door: Door) -> None:
    """YAML with the resource's own name, and nothing that is of this cluster only."""
    created = await _created(door, isPublic=True)
    name = created["id"].replace("_", "-", 1)

    export = await door.call("GET", f"/api/patterns/{created['id']}/export?format=manifest")

    stored = await door.cluster.get(PATTERNS, "team-a", name)
    assert export.headers["Content-Type"].startswith("application/yaml")
    assert 'filename="logger.yaml"' in export.headers["Content-Disposition"]
    assert json_of(export.content, levels=64) == {
        "apiVersion": "dragops.dev/v1",
        "kind": "Pattern",
        "metadata": {"name": name, "annotations": {"dragops.dev/is-public": "true"}},
        "spec": stored["spec"],
    }


@pytest.mark.parametrize("kind", ["application/yaml", "application/x-yaml; charset=utf-8"])
async def test_a_manifest_is_imported_as_yaml(door: Door, kind: str) -> None:
    """As new, whatever name it has; JSON is another spelling of the same."""
    created = await _created(door)
    text = (await door.call("GET", f"/api/patterns/{created['id']}/export?format=manifest")).content

    by_yaml = await door.call(
        "POST", "/api/patterns/import", content=text, headers={"Content-Type": kind}
    )
    by_json = await door.call("POST", "/api/patterns/import", json_of(text, levels=64))

    assert (by_yaml.status_code, by_json.status_code) == (201, 201)
    ids = {created["id"], *(a.json()["data"]["id"] for a in (by_yaml, by_json))}
    assert len(ids) == 3
    for answer in (by_yaml, by_json):
        assert _but_for_identity(answer.json()["data"]) == _but_for_identity(created)


async def test_what_does_not_compile_yet_travels_too(door: Door) -> None:
    """A draft is a pattern; validate says what is wrong with it."""
    created = await _created(door, graphData={"nodes": [{"id": "x", "type": "Mine"}]})
    export = await door.call("GET", f"/api/patterns/{created['id']}/export")

    imported = await door.data("POST", "/api/patterns/import", export.json())

    verdict = await door.data("POST", f"/api/patterns/{imported['id']}/validate")
    assert verdict["valid"] is False


@pytest.mark.parametrize(
    ("kind", "content", "status", "path"),
    [
        ("application/json", b"[]", 400, "body"),
        ("application/json", b"", 400, "body"),
        ("application/json", b"{", 400, "body"),
        ("application/json", b"{}", 400, "body.format"),
        ("application/yaml", b"", 400, "body"),
        ("application/yaml", b"- a", 400, "body"),
        ("application/yaml", b"just words", 400, "body"),
        ("application/yaml", b"a: [1", 400, "body"),
        ("application/yaml", b"a: &x 1\nb: *x", 400, "body"),
        ("application/yaml", b"kind: Pattern\n---\nkind: Pattern", 400, "body"),
        ("application/yaml", b"apiVersion: v1\nkind: Secret\nspec: {}", 400, "body.kind"),
        ("text/plain", b"kind: Pattern", 415, None),
    ],
)
async def test_what_is_no_document_is_refused_and_nothing_is_stored(
    door: Door, kind: str, content: bytes, status: int, path: str | None
) -> None:
    """With the place where that can be said."""
    answer = await door.call(
        "POST", "/api/patterns/import", content=content, headers={"Content-Type": kind}
    )

    assert answer.status_code == status, answer.text
    if path:
        assert path in {detail["path"] for detail in answer.json()["error"]["details"]}
    assert door.cluster.writes == []


async def test_yaml_is_for_imports_only(door: Door) -> None:
    """Elsewhere it is a media type that nobody takes."""
    answer = await door.call(
        "POST",
        "/api/patterns",
        content=b"name: N",
        headers={"Content-Type": "application/yaml"},
    )

    assert answer.status_code == 415


async def test_an_import_that_cannot_be_stored_is_too_large(door: Door) -> None:
    """413, as for any pattern."""
    export = {
        "format": "dragops-pattern",
        "formatVersion": 1,
        "name": "N",
        "graphData": {"viewport": "x" * 1_100_000},
    }

    answer = await door.call("POST", "/api/patterns/import", export)

    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "TOO_LARGE")


async def test_an_unknown_format_is_400(door: Door) -> None:
    """json and manifest are all there is."""
    created = await _created(door)

    answer = await door.call("GET", f"/api/patterns/{created['id']}/export?format=xml")

    assert answer.json()["error"]["details"][0]["path"] == "query.format"


def test_a_pattern_with_a_title_of_blanks_is_exported_by_its_own_name() -> None:
    """kubectl takes such a title; an export of it can be imported again."""
    pattern = {"metadata": {"name": "p"}, "spec": {"title": " \n", "nodes": []}}

    assert export_of(pattern).name == "p"
