"""The description is whole: its links lead somewhere, its examples are what it says."""

from typing import Any

import jsonschema_rs
import pytest

from dragops_api.app import create_api
from dragops_api.described import described

DOCUMENT = described(create_api())
OPERATIONS = [operation for path in DOCUMENT["paths"].values() for operation in path.values()]


def test_every_link_leads_to_an_operation_and_a_parameter_that_are_there() -> None:
    """From create to deploy, execute and the run."""
    operations = {operation["operationId"]: operation for operation in OPERATIONS}
    links = [
        (operation["operationId"], link)
        for operation in OPERATIONS
        for answer in operation["responses"].values()
        for link in answer.get("links", {}).values()
    ]

    for start, link in links:
        parameters = operations[link["operationId"]]["parameters"]
        assert link["parameters"].keys() == {p["name"] for p in parameters if p["in"] == "path"}, (
            start
        )
    assert {
        ("create_pattern", "deploy_pattern"),
        ("deploy_pattern", "execute_deployment"),
        ("execute_deployment", "get_run"),
    } <= {(start, link["operationId"]) for start, link in links}


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation["operationId"])
def test_every_example_is_what_its_schema_describes(operation: dict[str, Any]) -> None:
    """Each body and each answer, success and failure, has one."""
    for content in _contents(operation):
        schema = content["schema"] | {"components": DOCUMENT["components"]}
        check = jsonschema_rs.validator_for(schema)
        for example in _examples(content):
            assert [fault.message for fault in check.iter_errors(example)] == []


def _contents(operation: dict[str, Any]) -> list[dict[str, Any]]:
    places = [operation.get("requestBody", {}), *operation["responses"].values()]
    contents = (place.get("content", {}).get("application/json") for place in places)
    return [content for content in contents if content]


def _examples(content: dict[str, Any]) -> list[Any]:
    if "example" in content:
        return [content["example"]]
    return [example["value"] for example in content["examples"].values()]
