"""The API does what its description says: calls made of it, good, bad and in sequences.

Schemathesis makes about 2,500 calls, always the same, at an API on a real port. No answer may be an
unforeseen error, have a status or a shape that the description does not name, or accept what it
forbids; what was created is there, what was deleted is gone, and nothing works without the token.
"""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from dragops_api.app import create_api
from dragops_api.described import described
from support.live_api import live_api

DOCUMENT = described(create_api())
OPERATIONS = [operation for path in DOCUMENT["paths"].values() for operation in path.values()]
CONFIG = Path(__file__).parents[1] / "data/schemathesis.toml"


@pytest.mark.timeout(180)  # 15 seconds on an idle machine; others may test beside us
def test_calls_made_of_the_description_get_the_answers_it_names(tmp_path: Path) -> None:
    """Examples, edges of each schema, random data and chains of calls along the links."""
    program = Path(sys.executable).with_name("schemathesis")
    with live_api(tmp_path) as api:
        done = subprocess.run(
            [program, "--config-file", CONFIG, "run", f"{api.url}/openapi.json"],
            env=os.environ | {"TOKEN": api.token},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )

    assert done.returncode == 0, done.stdout + done.stderr
    for phase in ("Examples", "Coverage", "Fuzzing", "Stateful"):
        assert f"✅ {phase}" in done.stdout, done.stdout


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
