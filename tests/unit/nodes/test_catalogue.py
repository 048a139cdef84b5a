"""The catalogue as others ask for it: by name, by alias, as JSON."""

import re
from collections import Counter
from pathlib import Path

import pytest

from dragops.nodes import catalogue, suggestions
from dragops.nodes.signature import read_signature


@pytest.mark.parametrize(
    ("alias", "type_"),
    [("ParseJson", "JsonParse"), ("JSONStringify", "JsonStringify"), ("MakeString", "String")],
)
def test_a_node_is_found_by_the_names_it_had(alias: str, type_: str) -> None:
    found = catalogue.definition(alias)
    assert found is not None
    assert found.type == type_


def test_an_unknown_type_has_no_definition() -> None:
    """Types are matched exactly."""
    assert catalogue.definition("log") is None


@pytest.mark.parametrize(
    ("typed", "near"),
    [
        ("log", "Log"),
        ("Zzz", None),
        ("Slack", None),
        ("ForEch", "ForEach"),
        ("ParseJsn", "JsonParse"),
        ("http request", "HttpRequest"),
        ("Webhook", "OnWebhook"),
        ("Regex", "RegexTest"),
        ("OnWebhookReceived", "OnWebhook"),
    ],
)
def test_a_misspelt_type_has_near_ones(typed: str, near: str | None) -> None:
    """Names that share a word come before names that share letters."""
    assert catalogue.nearest(typed)[:1] == ((near,) if near else ())


@pytest.mark.parametrize(
    ("word", "types"),
    [
        ("If", ("Branch", "Switch")),
        ("Loop", ("ForEach", "ForRange", "While")),
        ("Sleep", ("Delay",)),
        ("Cron", ("OnSchedule",)),
        ("print", ("Log",)),
    ],
)
def test_a_word_of_another_tool_leads_to_what_does_it(word: str, types: tuple[str, ...]) -> None:
    """Letters alone would lead from Wait to Switch, and from Print to Split."""
    assert catalogue.nearest(word) == types


def test_all_words_of_other_tools_lead_into_the_catalogue() -> None:
    """None of them is a node's own name, which says what it means."""
    names = {each.type.lower() for each in catalogue.all_definitions()}

    for word, types in suggestions.WORDS.items():
        assert word == word.lower()
        assert word not in names
        assert all(catalogue.definition(type_) for type_ in types), word


def test_the_catalogue_as_json_has_the_shape_of_the_api() -> None:
    """Types in lower case, labels of exec pins empty, dynamic pins marked."""
    by_id = {each["id"]: each for each in catalogue.as_json()["nodes"]}

    assert by_id["Log"] == {
        "id": "Log",
        "label": "Log",
        "category": "Utility",
        "description": "Write a message to the run's log.",
        "isPure": False,
        "inputs": [
            {"name": "exec", "type": "exec", "label": ""},
            {"name": "message", "type": "any", "label": "Message", "default": ""},
        ],
        "outputs": [{"name": "exec", "type": "exec", "label": ""}],
        "properties": [
            {
                "name": "level",
                "type": "enum",
                "label": "Level",
                "default": "info",
                "members": ["debug", "info", "warn", "error"],
            }
        ],
    }
    assert by_id["Add"]["inputs"][0]["required"] is True
    assert by_id["Switch"]["outputs"][0]["dynamic"] is True
    assert by_id["TryCatch"]["label"] == "Try / Catch"
    assert all(each["description"] for each in by_id.values())


@pytest.mark.parametrize("text", ["add pure () -> ()", "Add () -> ()", "Add pure (A: B) -> ()", ""])
def test_what_declares_nothing_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"declares|is not a valid"):
        read_signature(text)


NODES = {
    "Events": 7,
    "Flow Control": 20,
    "Literals": 8,
    "Variables": 7,
    "Math": 23,
    "Comparison": 10,
    "Logical": 5,
    "String": 19,
    "Array": 22,
    "Object/Map": 14,
    "Data Formats": 14,
    "Date/Time": 12,
    "HTTP": 6,
    "Utility": 12,
    "Encoding & Crypto": 12,
    "Network": 9,
}
"""How many nodes the pattern language has of each category."""


def test_each_category_has_all_its_nodes() -> None:
    """Two hundred in all."""
    assert Counter(each.category for each in catalogue.all_definitions()) == NODES
    assert sum(NODES.values()) == 200


def test_a_category_is_in_the_order_of_its_page() -> None:
    """Editors and readers find what belongs together side by side."""
    page = (Path(__file__).parents[2] / "data/nodes/data_formats.txt").read_text()
    formats = [d.type for d in catalogue.all_definitions() if d.category == "Data Formats"]

    assert formats == re.findall(r"^[A-Z][A-Za-z]+", page, re.MULTILINE)
