"""Definitions of declarative nodes that were good once: compiled as data, or told as faults."""

import json
from contextlib import suppress
from random import Random
from typing import Any

from hypothesis import example, given
from pydantic import ValidationError

from dragops.compiler.compile import compile_pattern
from dragops.errors import PatternError
from dragops.model.declared import DeclaredNode
from support.audit import audit
from support.patterns import node, pattern, wires
from support.spoilt_documents import seeds, spoilt

DEFINITION: dict[str, Any] = {
    "id": "FindUser",
    "label": "Find User",
    "inputs": [
        {"name": "exec", "type": "exec"},
        {"name": "user", "type": "String", "required": True},
        {"name": "limit", "type": "number", "default": 5},
        {"name": "kind", "type": "Enum", "members": ["a", "b"], "default": "a"},
    ],
    "outputs": [
        {"name": "exec", "type": "exec"},
        {"name": "name", "type": "String"},
        {"name": "status", "type": "Integer"},
    ],
    "request": {
        "method": "POST",
        "url": "https://example.test/users/{user}",
        "headers": {"X-Key": "{secrets.API_TOKEN}"},
        "query": {"limit": "{limit}", "kind": ["{kind}", 1]},
        "body": {"deep": [{"user": "{user}", "n": 0.5}, None, True]},
    },
    "response": {"name": "/data/0/name"},
}
SPEC = pattern(
    "definitions",
    node("start", "OnStart"),
    node("find", "FindUser", user="ada"),
    node("log", "Log"),
    wires("start.exec -> find.exec", "find.exec -> log.exec", "find.name -> log.message"),
)


@given(seeds)
@example(-1)
def test_a_spoilt_definition_is_compiled_as_data_or_refused(seed: int) -> None:
    """Nothing of it becomes code, and nothing in it breaks the compiler."""
    broken = DEFINITION if seed < 0 else spoilt(DEFINITION, Random(seed))
    with suppress(ValidationError, PatternError):
        definition = DeclaredNode.model_validate(broken)
        program = compile_pattern(SPEC, name="p", declared={"FindUser": definition})
        audit(program.text, SPEC, name="p", declared={"FindUser": definition})


def test_the_definition_is_good() -> None:
    """So what is told of a spoilt one is told of what was spoilt."""
    definition = DeclaredNode.model_validate(json.loads(json.dumps(DEFINITION)))

    program = compile_pattern(SPEC, name="p", declared={"FindUser": definition})

    assert "FindUser" in program.text or "example.test" in program.text
