"""Patterns changed, copied and judged at the API's door."""

from typing import Any

import pytest

from dragops.cluster.client import PATTERNS
from support.api_door import Door
from support.product import LOGGER, graph

APPLIED: dict[str, Any] = {
    "title": "By hand",
    "nodes": [{"id": "hook", "type": "OnWebhook", "position": {"x": 3, "y": 4}}],
    "wires": [],
}


BOTH = graph(
    {
        "hook": ("OnWebhook", {"webhookAlias": "main"}),
        "tick": ("OnSchedule", {"schedule": "*/5 * * * *"}),
        "log": ("Log", {"message": "hi"}),
    },
    *("hook.exec -> log.exec", "tick.exec -> log.exec"),
)


async def _created(door: Door, **fields: Any) -> tuple[str, dict[str, Any]]:
    body = {"name": "P", "graphData": LOGGER} | fields
    created: dict[str, Any] = await door.data("POST", "/api/patterns", body)
    return f"/api/patterns/{created['id']}", created


async def _applied(door: Door, name: str = "by-hand") -> str:
    """Write a pattern as kubectl does: only what its manifest names."""
    body = {"metadata": {"name": name}, "spec": APPLIED}
    await door.cluster.create(PATTERNS, "team-a", body)
    return f"/api/patterns/{name}"


async def _read(door: Door, path: str) -> Any:
    return (await door.call("GET", path)).json()


async def test_a_patch_changes_what_it_names_and_keeps_the_rest(door: Door) -> None:
    """The name too; null takes a field back to its default. Read at once."""
    path, _ = await _created(door, description="d", tags=["a", "b"], isPublic=True)

    named = await door.data("PATCH", path, {"description": "other"})
    assert (named["name"], named["description"], named["tags"]) == ("P", "other", ["a", "b"])
    assert await _read(door, path) == named

    emptied = await door.data("PATCH", path, {"description": None, "tags": None, "isPublic": None})
    assert (emptied["description"], emptied["tags"], emptied["isPublic"]) == ("", [], False)
    assert emptied["graphData"]["nodes"] == named["graphData"]["nodes"]
    assert await _read(door, path) == emptied


async def test_a_patch_merges_the_graph_key_by_key(door: Door) -> None:
    """RFC 7396: lists are replaced as wholes, other keys of the graph stay."""
    path, created = await _created(door, graphData=LOGGER | {"viewport": {"zoom": 1, "x": 5}})

    zoomed = await door.data("PATCH", path, {"graphData": {"viewport": {"zoom": 2}}})
    assert zoomed["graphData"]["viewport"] == {"zoom": 2, "x": 5}
    assert zoomed["graphData"]["nodes"] == created["graphData"]["nodes"]

    without = await door.data("PATCH", path, {"graphData": {"viewport": None, "edges": []}})
    assert without["graphData"].keys() == {"nodes", "edges", "variables"}
    assert without["graphData"]["edges"] == []
    assert await _read(door, path) == without


async def test_a_merge_patch_says_so_in_its_type(door: Door) -> None:
    """application/merge-patch+json is taken as application/json is."""
    path, _ = await _created(door)
    headers = {"Content-Type": "application/merge-patch+json"}

    answer = await door.call("PATCH", path, content=b'{"name": "N"}', headers=headers)

    assert answer.json()["data"]["name"] == "N"


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({"name": ""}, "body.name"),
        ({"name": None}, "body.name"),
        ({"name": 1}, "body.name"),
        ({"tags": "a"}, "body.tags"),
        ({"isPublic": "yes"}, "body.isPublic"),
        ({"colour": 1}, "body.colour"),
        ({"graphData": []}, "body.graphData"),
        ({"graphData": {"nodes": [{"id": "a b", "type": "Log"}]}}, "body.graphData.nodes.0.id"),
        ({"graphData": {"edges": [{"source": "a"}]}}, "body.graphData.edges.0.sourceHandle"),
        ([], "body"),
    ],
)
async def test_a_bad_patch_is_400_with_its_path_and_changes_nothing(
    door: Door, body: Any, place: str
) -> None:
    """Also deep inside what is merged."""
    path, created = await _created(door)

    answer = await door.call("PATCH", path, body)

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "VALIDATION")
    assert place in {detail["path"] for detail in answer.json()["error"]["details"]}
    assert await _read(door, path) == created


@pytest.mark.parametrize(("method", "body"), [("PUT", {"name": "N"}), ("PATCH", {"name": "N"})])
async def test_one_becomes_true(door: Door, method: str, body: dict[str, Any]) -> None:
    """In Python they are equal, in JSON they are not."""
    node = {"id": "n", "type": "Log", "data": {"values": {"message": 1}}}
    path, _ = await _created(door, name="N", graphData={"nodes": [node]})
    node["data"] = {"values": {"message": True}}

    await door.data(method, path, body | {"graphData": {"nodes": [node]}})

    read = await _read(door, path)
    assert read["graphData"]["nodes"][0]["data"]["values"]["message"] is True


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
async def test_a_change_leaves_alone_what_it_does_not_change(door: Door, method: str) -> None:
    """Word for word: what is rewritten is taken from the manager that applied it."""
    path = await _applied(door)

    await door.data(method, path, {"name": "By hand", "description": "d"})
    await door.data(method, path, {"name": "By hand", "description": "d"})

    stored = await door.cluster.get(PATTERNS, "team-a", "by-hand")
    assert stored["spec"] == APPLIED | {"description": "d"}
    assert stored["metadata"]["generation"] == 2


async def test_a_patch_gives_no_title_to_who_has_none(door: Door) -> None:
    """The resource's name was only shown for it."""
    spec = {"nodes": APPLIED["nodes"]}
    body = {"metadata": {"name": "untitled"}, "spec": spec}
    await door.cluster.create(PATTERNS, "team-a", body)

    patched = await door.data("PATCH", "/api/patterns/untitled", {"tags": ["x"]})

    stored = await door.cluster.get(PATTERNS, "team-a", "untitled")
    assert patched["name"] == "untitled"
    assert stored["spec"] == spec | {"tags": ["x"]}


async def test_a_clone_is_a_new_pattern_with_the_same_graph(door: Door) -> None:
    """Under a new id, neither public nor a template, undeployed; the editor's keys come along."""
    path, created = await _created(
        door, isPublic=True, tags=["a"], graphData=LOGGER | {"viewport": {"zoom": 2}}
    )
    await door.data("POST", f"{path}/deploy", {"nodeDefinitions": {}})

    answer = await door.call("POST", f"{path}/clone")
    named = await door.data("POST", f"{path}/clone", {"name": "Mine"})

    clone = answer.json()["data"]
    assert answer.status_code == 201
    assert (clone["name"], named["name"]) == ("Copy of P", "Mine")
    assert len({created["id"], clone["id"], named["id"]}) == 3
    assert clone["graphData"] == created["graphData"]
    assert (clone["tags"], clone["isPublic"], clone["versionNumber"]) == (["a"], False, None)
    assert (await door.call("GET", f"/api/patterns/{clone['id']}")).json() == clone
    assert answer.headers["ETag"]


async def test_a_clone_of_a_long_name_still_has_a_name_that_fits(door: Door) -> None:
    """256 characters at most; a blank one is refused."""
    path, _ = await _created(door, name="x" * 256)

    clone = await door.data("POST", f"{path}/clone")
    blank = await door.call("POST", f"{path}/clone", {"name": "  "})

    assert (len(clone["name"]), blank.status_code) == (256, 400)


async def test_what_is_stored_is_judged_with_every_fault_and_warning(door: Door) -> None:
    """200 also when nothing compiles; a warning stands in nobody's way."""
    lonely = graph(
        {"start": ("OnStart", {}), "log": ("Log", {"message": "a"}), "far": ("Log", {})},
        "start.exec -> log.exec",
    )
    path, _ = await _created(door, graphData=lonely)
    broken, _ = await _created(door, graphData={"nodes": [{"id": "x", "type": "Lgo"}]})

    good = await door.data("POST", f"{path}/validate")
    bad = await door.data("POST", f"{broken}/validate", {})

    assert good["valid"] is True
    assert good["faults"] == []
    assert [(w["code"], w["nodeId"]) for w in good["warnings"]] == [("UNREACHED", "far")]
    assert good["triggers"] == [{"type": "OnStart", "nodeId": "start"}]
    assert (bad["valid"], bad["triggers"]) == (False, [])
    assert {fault["code"] for fault in bad["faults"]} == {"UNKNOWN_NODE", "NO_TRIGGER"}
    deployed = await door.call("POST", f"{broken}/deploy", {"nodeDefinitions": {}})
    assert deployed.json()["error"]["details"] == bad["faults"]


async def test_a_graph_is_judged_that_is_not_stored(door: Door) -> None:
    """And stays unstored; an editor's stale list of nodes is judged too."""
    path, created = await _created(door)
    views = {"Log": {"inputs": [{"name": "message", "type": "exec"}]}}

    bad = await door.data("POST", f"{path}/validate", {"graphData": {"nodes": []}})
    stale = await door.data("POST", f"{path}/validate", {"nodeDefinitions": views})
    shapeless = await door.call("POST", f"{path}/validate", {"graphData": {"nodes": 5}})

    assert [fault["code"] for fault in bad["faults"]] == ["NO_TRIGGER"]
    assert [fault["code"] for fault in stale["faults"]] == ["DEFINITION_MISMATCH"]
    assert shapeless.json()["error"]["details"][0]["path"] == "body.graphData.nodes"
    assert await _read(door, path) == created


@pytest.mark.parametrize(
    ("method", "ending", "body"),
    [
        ("PUT", "", {"name": "N"}),
        ("PATCH", "", {"name": "N"}),
        ("DELETE", "", None),
        ("POST", "/deploy", {"nodeDefinitions": {}}),
        ("DELETE", "/deploy", None),
    ],
)
async def test_a_stale_if_match_changes_nothing_of_a_pattern(
    door: Door, method: str, ending: str, body: Any
) -> None:
    """409 CONFLICT; the present ETag, a list with it, and a star let it pass."""
    path, _ = await _created(door)
    await door.data("POST", f"{path}/deploy", {"nodeDefinitions": {}})
    source = f"{path}/deployment" if (method, ending) == ("DELETE", "/deploy") else path
    etag = (await door.call("GET", source)).headers["ETag"]
    before = len(door.cluster.writes)

    stale = await door.call(method, path + ending, body, headers={"If-Match": '"00000000"'})
    assert (stale.status_code, stale.json()["error"]["code"]) == (409, "CONFLICT")
    assert len(door.cluster.writes) == before

    headers = {"If-Match": f'"00000000", {etag}'}
    assert (await door.call(method, path + ending, body, headers=headers)).is_success


@pytest.mark.parametrize(
    ("method", "ending", "body"),
    [
        ("POST", "/pause", None),
        ("POST", "/redeploy", None),
        ("POST", "/rollback", {"version": 1}),
        ("POST", "/webhook/regenerate", {"endpointId": "wep_hook"}),
        ("PUT", "/schedule", {"cronExpression": "0 9 * * *"}),
        ("DELETE", "", None),
    ],
)
async def test_a_stale_if_match_changes_nothing_of_a_deployment(
    door: Door, method: str, ending: str, body: Any
) -> None:
    """Each write answers the ETag for the next one."""
    _, deployment = await door.deployed(BOTH)
    path = f"/api/deployments/{deployment}"
    first = (await door.call("GET", path)).headers["ETag"]
    paused = await door.call("POST", f"{path}/pause", headers={"If-Match": first})
    resumed = await door.call(
        "POST", f"{path}/resume", headers={"If-Match": paused.headers["ETag"]}
    )
    before = len(door.cluster.writes)

    stale = await door.call(method, path + ending, body, headers={"If-Match": first})
    assert (stale.status_code, stale.json()["error"]["code"]) == (409, "CONFLICT")
    assert len(door.cluster.writes) == before

    etag = {"If-Match": resumed.headers["ETag"]}
    assert (await door.call(method, path + ending, body, headers=etag)).is_success


async def test_an_if_match_delete_of_a_pattern_that_changes_meanwhile_is_refused(
    door: Door,
) -> None:
    """What is deleted is what was looked at."""
    path, created = await _created(door)
    name = created["id"].replace("_", "-", 1)
    etag = (await door.call("GET", path)).headers["ETag"]
    turns = 0

    def change(verb: str, plural: str) -> None:
        nonlocal turns
        if (verb, plural) == ("delete", "patterns") and not turns:
            turns += 1
            stored = door.cluster.objects["patterns", "team-a", name]
            stored["spec"] = stored["spec"] | {"title": "Other"}
            stored["metadata"] |= {"generation": 2, "resourceVersion": "999"}

    door.cluster.fail = change

    answer = await door.call("DELETE", path, headers={"If-Match": etag})

    assert answer.status_code == 409
    assert ("patterns", "team-a", name) in door.cluster.objects


async def test_two_patches_of_different_fields_both_stay(door: Door) -> None:
    """Who was second reads again and merges into what the first has left."""
    path, created = await _created(door)
    name = created["id"].replace("_", "-", 1)
    turns = 0

    def change(verb: str, plural: str) -> None:
        nonlocal turns
        if (verb, plural) == ("replace", "patterns") and not turns:
            turns += 1
            stored = door.cluster.objects["patterns", "team-a", name]
            stored["spec"] = stored["spec"] | {"description": "theirs"}
            stored["metadata"] |= {"generation": 2, "resourceVersion": "999"}

    door.cluster.fail = change

    patched = await door.data("PATCH", path, {"tags": ["mine"]})

    assert (patched["description"], patched["tags"]) == ("theirs", ["mine"])


CALLED = graph({"call": ("OnPatternCall", {"inputs": ["quantity"]})})


@pytest.mark.parametrize("named", ["id", "name", "title"])
async def test_a_call_that_does_not_fit_is_refused_at_deploy(door: Door, named: str) -> None:
    """The called pattern is known by its id, its name or its title; nothing is deployed."""
    price, _ = await _created(door, name="Price", graphData=CALLED)
    id_ = price.rpartition("/")[2]
    words = {"id": id_, "name": id_.replace("_", "-", 1), "title": "Price"}
    asking = {"pattern": words[named], "inputs": ["size"]}
    wrong = graph({"s": ("OnStart", {}), "ask": ("CallPattern", asking)}, "s.exec -> ask.exec")
    path, _ = await _created(door, graphData=wrong)

    judged = await door.data("POST", f"{path}/validate")
    refused = await door.call("POST", f"{path}/deploy", {"nodeDefinitions": {}})

    (fault,) = judged["faults"]
    assert (fault["code"], fault["nodeId"], fault["pin"]) == (
        "DEFINITION_MISMATCH",
        "ask",
        "pattern",
    )
    assert fault["message"].endswith("it has no parameter size: it has quantity")
    assert (refused.status_code, refused.json()["error"]["details"]) == (422, [fault])


async def test_a_call_of_what_is_not_known_is_told_in_the_run(door: Door) -> None:
    """The pattern may come later; of two of one title it is not known which is meant."""
    for _ in range(2):
        await _created(door, name="Twice", graphData=CALLED)
    calls = {name: ("CallPattern", {"pattern": name}) for name in ("Twice", "later")}
    path, _ = await _created(door, graphData=graph({"s": ("OnStart", {}), **calls}))

    assert (await door.data("POST", f"{path}/validate"))["faults"] == []
