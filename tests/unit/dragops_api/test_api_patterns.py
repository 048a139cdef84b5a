"""Patterns at the API's door."""

import asyncio
from typing import Any

import pytest

from dragops.cluster.client import PATTERNS
from support.api_door import Door
from support.product import LOGGER

ITEM = {
    "id",
    "name",
    "description",
    "isPublic",
    "isTemplate",
    "tags",
    "createdAt",
    "updatedAt",
}


async def _create(door: Door, name: str, **fields: Any) -> dict[str, Any]:
    created: dict[str, Any] = await door.data("POST", "/api/patterns", {"name": name} | fields)
    return created


async def test_a_name_is_enough_and_makes_an_empty_graph(door: Door) -> None:
    """201, a made id, and a bare object on get."""
    answer = await door.call("POST", "/api/patterns", {"name": "My Pattern"})
    created = answer.json()["data"]

    read = await door.call("GET", f"/api/patterns/{created['id']}")

    assert answer.status_code == 201
    assert read.json().keys() == ITEM | {"graphData", "versionNumber"}
    assert read.json() == created
    assert created["graphData"] == {"nodes": [], "edges": [], "variables": []}
    assert created["versionNumber"] is None


async def test_a_graph_comes_back_as_it_was_sent(door: Door) -> None:
    """The editor's own keys too; the resource holds the manifest's spelling."""
    graph = {
        "nodes": [
            {
                "id": "n1",
                "type": "Log",
                "position": {"x": 1, "y": 2},
                "data": {"label": "Say", "values": {"message": None}, "hue": 7},
                "selected": True,
            }
        ],
        "edges": [],
        "variables": [{"name": "count", "type": "Integer", "default": 0}],
        "viewport": {"zoom": 2},
    }

    created = await _create(door, "G", graphData=graph, tags=["a"], isTemplate=True)
    stored = await door.cluster.get(PATTERNS, "team-a", created["id"].replace("_", "-", 1))

    assert created["graphData"] == graph
    assert (created["tags"], created["isTemplate"], created["isPublic"]) == (["a"], True, False)
    assert stored["spec"]["nodes"][0]["title"] == "Say"
    assert stored["spec"]["title"] == "G"


async def test_a_put_changes_what_it_names_and_keeps_the_rest(door: Door) -> None:
    """Read at once: the answer of a get is not older than that of the put."""
    created = await _create(door, "Old", graphData=LOGGER, tags=["a"], isPublic=True)
    path = f"/api/patterns/{created['id']}"

    changed = await door.data("PUT", path, {"name": "New", "description": "words"})
    read = (await door.call("GET", path)).json()

    assert read == changed
    assert (read["name"], read["description"], read["tags"]) == ("New", "words", ["a"])
    assert read["isPublic"] is True
    assert len(read["graphData"]["nodes"]) == len(LOGGER["nodes"])


async def test_if_match_holds_against_people_not_against_the_operator(door: Door) -> None:
    """A status write is no change of the pattern; another put is."""
    created = await door.call("POST", "/api/patterns", {"name": "E"})
    path, etag = f"/api/patterns/{created.json()['data']['id']}", created.headers["ETag"]
    name = created.json()["data"]["id"].replace("_", "-", 1)
    await door.cluster.patch_status(PATTERNS, "team-a", name, {"observedGeneration": 1})

    first = await door.call("PUT", path, {"name": "F"}, headers={"If-Match": etag})
    second = await door.call("PUT", path, {"name": "G"}, headers={"If-Match": etag})
    deleted = await door.call("DELETE", path, headers={"If-Match": etag})

    assert (first.status_code, second.status_code, deleted.status_code) == (200, 409, 409)
    assert second.json()["error"]["code"] == "CONFLICT"
    assert (await door.call("GET", path)).headers["ETag"] == first.headers["ETag"] != etag
    assert (await door.call("DELETE", path)).json()["data"]["status"] == "deleted"
    assert (await door.call("DELETE", path)).status_code == 404
    assert (await door.call("GET", path)).status_code == 404


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["c", "B", "a"]),
        ("?sortBy=name&sortOrder=asc", ["a", "B", "c"]),
        ("?sortBy=createdAt&sortOrder=asc", ["a", "B", "c"]),
        ("?search=B", ["B"]),
        ("?search=b", ["B"]),
        ("?isPublic=true", ["B"]),
        ("?isPublic=false", ["c", "a"]),
        ("?isTemplate=true", []),
        ("?tags=x", ["B", "a"]),
        ("?tags=x&tags=y", ["B"]),
        ("?limit=1", ["c"]),
        ("?limit=1&offset=2", ["a"]),
        ("?limit=2&page=2", ["a"]),
    ],
)
async def test_a_list_is_searched_sorted_and_cut(door: Door, query: str, names: list[str]) -> None:
    """The product's parameters; newest change first unless asked otherwise."""
    for name, fields in (
        ("a", {"tags": ["x"]}),
        ("B", {"tags": ["x", "y"], "isPublic": True}),
        ("c", {}),
    ):
        await _create(door, name, **fields)
        await asyncio.sleep(0.002)  # times have milliseconds

    answer = (await door.call("GET", f"/api/patterns{query}")).json()

    assert [item["name"] for item in answer["data"]] == names
    assert all(item.keys() == ITEM for item in answer["data"])
    by_page = {"page", "limit", "total", "totalPages"}
    assert answer["meta"].keys() == (by_page if "page=" in query else {"total", "limit", "offset"})


async def test_a_pattern_shows_the_version_that_is_deployed(door: Door) -> None:
    """Null before the first deploy."""
    pattern, _ = await door.deployed(LOGGER)

    assert (await door.call("GET", f"/api/patterns/{pattern}")).json()["versionNumber"] == 1


async def test_a_manifest_that_kubectl_applied_is_shown_too(door: Door) -> None:
    """Without a title its resource's name stands for it, and its id is its name."""
    spec = {"nodes": [{"id": "n", "type": "OnStart"}]}
    await door.cluster.create(PATTERNS, "team-a", {"metadata": {"name": "by-hand"}, "spec": spec})

    shown = (await door.call("GET", "/api/patterns/by-hand")).json()

    assert (shown["id"], shown["name"]) == ("by-hand", "by-hand")
    assert shown["graphData"]["nodes"] == [{"id": "n", "type": "OnStart", "data": {}}]


async def test_the_catalogue_is_bare_and_pin_types_are_lower_case(door: Door) -> None:
    """As the product shows Log."""
    nodes = (await door.call("GET", "/api/nodes")).json()["nodes"]
    log = (await door.call("GET", "/api/nodes/Log")).json()

    assert log in nodes
    assert (log["id"], log["isPure"]) == ("Log", False)
    assert {"name": "exec", "type": "exec", "label": ""}.items() <= log["inputs"][0].items()


async def test_a_node_has_all_that_an_editor_shows(door: Door) -> None:
    """Label, category, description, pins and properties; pins that settings make are marked."""
    csv = (await door.call("GET", "/api/nodes/CsvParse")).json()
    made = (await door.call("GET", "/api/nodes/MakeArray")).json()

    assert (csv["label"], csv["category"], csv["isPure"]) == ("Parse CSV", "Data Formats", True)
    assert csv["description"].startswith("Read a table")
    assert csv["inputs"] == [{"name": "text", "type": "string", "label": "Text", "required": True}]
    assert [pin["name"] for pin in csv["outputs"]] == ["rows", "columns"]
    assert {"name": "types", "type": "boolean", "label": "Types", "default": False} in csv[
        "properties"
    ]
    assert [pin["dynamic"] for pin in made["inputs"]] == [True]


async def test_a_node_is_found_by_the_names_it_had(door: Door) -> None:
    assert (await door.call("GET", "/api/nodes/ParseCSV")).json()["id"] == "CsvParse"


@pytest.mark.parametrize(
    ("asked", "hint"),
    [
        ("CsvPars", "did you mean CsvParse"),
        ("csvparse", "did you mean CsvParse"),
        ("Qqq", "see GET"),
    ],
)
async def test_an_unknown_node_has_near_ones(door: Door, asked: str, hint: str) -> None:
    answer = await door.call("GET", f"/api/nodes/{asked}")

    assert answer.status_code == 404
    error = answer.json()["error"]
    assert error["code"] == "NOT_FOUND"
    assert error["message"].startswith(f"Node {asked!r} does not exist: {hint}")
