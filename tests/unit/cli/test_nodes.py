"""``dragops nodes``: the catalogue at a terminal."""

from itertools import pairwise
from typing import Any

from dragops.nodes.catalogue import all_definitions, as_json
from support.command import Command


def test_all_nodes_are_listed_by_category(alone: Command) -> None:
    """One line a node; the nodes of one category stand together."""
    head, *rows = alone.good("nodes").rows

    assert head == ["ID", "CATEGORY", "KIND", "DESCRIPTION"]
    assert {row[0] for row in rows} == {each.type for each in all_definitions()}
    categories = [row[1] for row in rows]
    assert len(set(categories)) == 1 + sum(one != other for one, other in pairwise(categories))
    kinds = {row[0]: row[2] for row in rows}
    assert (kinds["OnStart"], kinds["Log"], kinds["Add"]) == ("event", "action", "value")


def test_a_category_is_chosen_in_any_case(alone: Command) -> None:
    """A wrong one is answered with those that there are."""
    rows = alone.good("nodes", "--category", "object/map", "-o", "name").out.split()
    wrong = alone("nodes", "-c", "Maths")

    assert "GetProperty" in rows
    assert "Add" not in rows
    assert (wrong.code, "there are: Events, Flow Control" in wrong.err) == (2, True)


def test_a_node_is_shown_with_its_pins_and_settings(alone: Command) -> None:
    """What is required, what is used without it, and which words are allowed."""
    rows = alone.good("nodes", "HttpRequest").rows

    assert ["Label", "HTTP Request"] in rows
    assert ["in", "url", "string", "required"] in rows
    assert ["in", "method", "enum", '"GET"', "GET, POST, PUT, PATCH, DELETE, HEAD, OPTIONS"] in rows
    assert ["setting", "failOnError", "boolean", "false"] in rows
    assert ["out", "status", "integer"] in rows
    assert ["out", "...case", "exec"] in alone.good("nodes", "Switch").rows


def test_scripts_get_the_shape_of_the_api(alone: Command) -> None:
    """The list, or one definition; an older name of a node means that node."""
    listed = alone.good("nodes", "-o", "json").json
    assert sorted(listed, key=_id) == sorted(as_json()["nodes"], key=_id)
    one = alone.good("nodes", "ParseJson", "-o", "json").json
    assert one == next(node for node in as_json()["nodes"] if node["id"] == "JsonParse")


def test_a_category_and_one_node_are_too_much(alone: Command) -> None:
    """What would not be heeded is refused."""
    ran = alone("nodes", "Log", "--category", "Math")

    assert (ran.code, ran.out) == (2, "")
    assert "leave it out, or leave Log out" in ran.err


def _id(node: dict[str, Any]) -> str:
    return str(node["id"])


def test_an_unknown_node_is_answered_with_those_of_like_names(alone: Command) -> None:
    """Exit code 3: it is not there."""
    near = alone("nodes", "httpreqest")
    far = alone("nodes", "Xylophone")

    assert (near.code, far.code) == (3, 3)
    assert "do: did you mean HttpRequest?" in near.err
    assert "do: see which there are: dragops nodes" in far.err
