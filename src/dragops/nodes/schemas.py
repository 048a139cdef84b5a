"""JSON Schema: what a value should be, checked within bounds, with nothing fetched."""

from functools import lru_cache
from typing import Any, Final, NamedTuple

from dragops.errors import RunFailure
from dragops.nodes.json_text import dumps, loads
from dragops.nodes.limits import limit_error
from dragops.nodes.schema_graph import SchemaGraph

ERRORS_MAX: Final = 100
CHECKS_MAX: Final = 10_000_000
"""How many checks of parts of a value one answer may take: about a second."""
TOLD_MAX: Final = 20_000
"""How many checks there may be where all errors are told: each error is made before the first."""
_TEXT_MAX: Final = 4 * 2**30
_TOLD_TEXT_MAX: Final = 256 * 2**20
_PATTERN_BYTES_MAX: Final = 2**20


class Schema(NamedTuple):
    """A schema that is ready to be asked."""

    validator: Any
    graph: SchemaGraph


class Work(NamedTuple):
    """What asking costs: checks, and characters that they look at; at most."""

    checks: int
    characters: int


@lru_cache(maxsize=64)
def read_schema(text: str) -> Schema:
    """Read a schema, written as JSON; ValueError says what is wrong with it."""
    import jsonschema_rs  # noqa: PLC0415  # 6 MB that only patterns with schemas need

    written = loads(text)
    try:
        validator = jsonschema_rs.validator_for(
            written,
            mask="it",
            offline=True,
            pattern_options=jsonschema_rs.RegexOptions(size_limit=_PATTERN_BYTES_MAX),
        )
    except jsonschema_rs.ValidationError as exc:
        where = pointer(exc.instance_path)
        raise ValueError(f"no JSON Schema: {exc.message[:300]}{where and f' at {where}'}") from exc
    except ValueError as exc:
        raise ValueError(f"no JSON Schema: {exc}") from exc
    try:
        return Schema(validator, SchemaGraph(written))
    except ValueError as exc:
        raise ValueError(f"no JSON Schema: {exc}") from exc


def checked_schema(schema: dict[str, Any]) -> dict[str, Any]:
    """Look at a fixed schema: ValueError when it is none."""
    read_schema(dumps(schema))
    return schema


def errors_of(value: Any, schema: dict[str, Any]) -> list[dict[str, str]]:
    """Give the first errors of a value; where it is very large, only the first one."""
    try:
        ready = read_schema(dumps(schema))
    except ValueError as exc:
        raise RunFailure("ParseError", str(exc)) from exc
    text = dumps(value)
    plain = loads(text)
    work = _work(plain, len(text), ready.graph)
    if work.checks > CHECKS_MAX or work.characters > _TEXT_MAX:
        raise limit_error(f"a schema makes {CHECKS_MAX} checks of a value")
    if ready.validator.is_valid(plain):
        return []
    if work.checks > TOLD_MAX or work.characters > _TOLD_TEXT_MAX:
        return [_first(ready.validator, plain)]
    found = ready.validator.iter_errors(plain)
    return [_told(error) for error, _ in zip(found, range(ERRORS_MAX), strict=False)]


def pointer(path: list[str | int]) -> str:
    """Write a JSON Pointer."""
    steps = (str(step).replace("~", "~0").replace("/", "~1") for step in path)
    return "".join(f"/{step}" for step in steps)


def _first(validator: Any, value: Any) -> dict[str, str]:
    import jsonschema_rs  # noqa: PLC0415  # as above

    try:
        validator.validate(value)
    except jsonschema_rs.ValidationError as exc:
        return _told(exc)
    raise AssertionError("what is not valid has an error")


def _told(error: Any) -> dict[str, str]:
    return {"path": pointer(error.instance_path), "message": error.message[:300]}


def _work(value: Any, size: int, graph: SchemaGraph) -> Work:
    levels: list[int] = []
    level = [value]
    while level:
        levels.append(len(level))
        level = [inner for outer in level for inner in _inside(outer)]
    times = graph.evaluations(len(levels))
    checks = sum(count * each for count, each in zip(levels, times, strict=True))
    return Work(checks, size * sum(times))


def _inside(value: Any) -> Any:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()
