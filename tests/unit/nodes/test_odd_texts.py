"""Texts that are no Unicode: half a surrogate pair, which UTF-8 cannot hold."""

import inspect
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest

from dragops.errors import RunFailure, RunStopped
from dragops.model.pin import PinType
from dragops.nodes.catalogue import all_definitions
from dragops.nodes.convert import to_any
from dragops.nodes.definition import Definition, python_name
from dragops.nodes.paths import read_path
from support.context import RecordingContext

HALF = "\ud800"
GIVEN: dict[PinType, Any] = {
    PinType.STRING: HALF,
    PinType.ANY: {HALF: [HALF * 5_000]},
    PinType.ARRAY: [HALF, {HALF: HALF}],
    PinType.OBJECT: {HALF: HALF},
    PinType.INTEGER: 1,
    PinType.FLOAT: 1,
    PinType.BOOLEAN: True,
    PinType.DATETIME: datetime(2026, 3, 5, tzinfo=UTC),
    PinType.BINARY: b"\xed\xa0\x80",
}
AT_ONCE = [
    each
    for each in all_definitions()
    if each.function and not inspect.iscoroutinefunction(each.function)
]


@pytest.mark.parametrize("found", AT_ONCE, ids=lambda found: found.type)
def test_half_a_character_is_a_value_or_a_failure(found: Definition) -> None:
    """Never an error that no pattern can name."""
    assert found.function is not None
    parameters = inspect.signature(found.function).parameters
    given = {python_name(p.name): GIVEN[p.type] for p in found.inputs if p.type in GIVEN}
    given |= {"ctx": RecordingContext({HALF: 1}), "types": {HALF: to_any}}
    arguments = {name: value for name, value in given.items() if name in parameters}

    with suppress(RunFailure, RunStopped):
        found.function(**arguments)


@pytest.mark.parametrize("path", ['["\\ud800"]', 'a["x\\udfff"]'])
def test_a_path_cannot_make_half_a_character(path: str) -> None:
    """Nor can anything else that a pattern says: JSON, YAML and JMESPath refuse it too."""
    with pytest.raises(ValueError, match="malformed key"):
        read_path(path)
