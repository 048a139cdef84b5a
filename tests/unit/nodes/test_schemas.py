"""JSON Schema beyond the examples of its page: references, patterns, what it may cost."""

from datetime import UTC, datetime
from typing import Any

import pytest

from dragops.errors import RunFailure
from dragops.nodes.formats_query import validate_schema

TREE = {
    "type": ["object", "null"],
    "properties": {name: {"anyOf": [{"$ref": "#"}, {"type": "null"}]} for name in "abcdefgh"},
}


def doubling(count: int) -> dict[str, Any]:
    """Short definitions that ask for each other twice."""
    defined = {
        f"d{i}": {"allOf": [{"$ref": f"#/$defs/d{i + 1}"}, {"$ref": f"#/$defs/d{i + 1}"}]}
        for i in range(count)
    }
    return {"$defs": {**defined, f"d{count}": {"type": "integer"}}, "$ref": "#/$defs/d0"}


def nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


DRAFT_7 = "http://json-schema.org/draft-07/schema#"
TEXT = {"type": "string"}
ONE = {"maxItems": 1}


@pytest.mark.parametrize(
    ("schema", "good", "bad", "path"),
    [
        ({"properties": {"a/b~": {"items": TEXT}}}, {}, {"a/b~": ["", 1]}, "/a~1b~0/1"),
        ({"$defs": {"a": {"$anchor": "x", **TEXT}}, "$ref": "#x"}, "a", 1, ""),
        ({"$id": "http://a.test/r", "$defs": {"b": {"$id": "s", **TEXT}}, "$ref": "s"}, "", 2, ""),
        ({"$defs": {"%": TEXT}, "$ref": "#/$defs/%25"}, "", 1, ""),
        ({"prefixItems": [{}, {"$ref": "#/$defs/0"}], "$defs": {"0": TEXT}}, [5, ""], [5, 2], "/1"),
        ({"$schema": DRAFT_7, "items": [TEXT]}, ["a", 1], [2], "/0"),
        (
            {"$dynamicAnchor": "n", "items": {"$dynamicRef": "#n"}, "maxItems": 1},
            [],
            [[1, 2]],
            "/0",
        ),
        ({"type": "integer"}, 3.0, 3.5, ""),
        (TEXT, b"x", 2**80, ""),
        ({"pattern": "^2026"}, datetime(2026, 3, 5, tzinfo=UTC), "x", ""),
        ({"properties": {"$ref": TEXT}}, {"$ref": "a"}, {"$ref": 1}, "/$ref"),
        ({"pattern": "^(a+)+$"}, "aa", "a" * 100_000 + "b", ""),
    ],
    ids=range(12),
)
def test_a_value_is_as_its_schema_says_or_the_error_says_where(
    schema: dict[str, Any], good: Any, bad: Any, path: str
) -> None:
    """References lead to parts of the schema by pointer, anchor or id; values are seen as JSON."""
    assert validate_schema(good, schema) == (True, [])
    found = validate_schema(bad, schema)
    assert not found.valid
    assert [error["path"] for error in found.errors] == [path]


def test_an_error_does_not_repeat_the_value() -> None:
    """It may be large, and it may be a secret."""
    found = validate_schema({"a": "s3cret" * 1000}, {"properties": {"a": {"type": "integer"}}})

    assert found.errors == [{"path": "/a", "message": 'it is not of type "integer"'}]


def test_the_first_hundred_errors_are_told() -> None:
    found = validate_schema(["x"] * 300, {"items": {"type": "integer"}})

    assert [error["path"] for error in found.errors] == [f"/{i}" for i in range(100)]


def test_of_a_very_large_value_the_first_error_is_told() -> None:
    """All of them would fill the machine before the first is seen."""
    found = validate_schema([1, "x"] * 50_000, {"items": {"anyOf": [{"type": "integer"}, False]}})

    assert [error["path"] for error in found.errors] == ["/1"]


@pytest.mark.parametrize(
    ("schema", "told"),
    [
        ({"type": "nope"}, "at /type"),
        ({"anyOf": {}}, "at /anyOf"),
        ({"$ref": "http://x.test/a"}, "http://x.test/a"),
        ({"$ref": "file:///etc/passwd"}, "file:///etc/passwd"),
        ({"$ref": "other.json"}, "other.json"),
        ({"$ref": "https://json-schema.org/draft/2020-12/schema"}, "leads nowhere in it"),
        ({"$ref": "#/nope"}, "/nope"),
        ({"$ref": "#nope"}, "nope"),
        ({"$schema": "http://x.test/own"}, "Unknown meta-schema"),
        ({"$ref": "#"}, "a reference leads back to itself"),
        ({"anyOf": [{"not": {"$ref": "#"}}]}, "a reference leads back to itself"),
        ({"pattern": "(?=a)"}, "at /pattern"),
        ({"pattern": "((a{1,1000}){1,1000}){1,1000}"}, "at /pattern"),
    ],
)
def test_what_is_no_schema_of_its_own_is_a_parse_error(schema: dict[str, Any], told: str) -> None:
    """Nothing is fetched, and no pattern needs more than linear time."""
    with pytest.raises(RunFailure, match=r"^ParseError: no JSON Schema: ") as caught:
        validate_schema(1, schema)

    assert told in caught.value.message


@pytest.mark.parametrize("value", [1, "x"])
def test_few_definitions_can_not_make_millions_of_checks(value: Any) -> None:
    assert validate_schema(value, doubling(10)).valid == (value == 1)
    with pytest.raises(RunFailure, match=r"^LimitError: .*10000000 checks"):
        validate_schema(value, doubling(40))


def test_a_schema_that_doubles_at_each_level_of_a_value_is_a_limit_error() -> None:
    schema = {"items": {"allOf": [{"$ref": "#"}, {"$ref": "#"}]}}

    assert validate_schema(nested(5), schema).valid
    with pytest.raises(RunFailure, match=r"^LimitError"):
        validate_schema(nested(50), schema)


def test_a_tree_of_named_branches_costs_no_more_than_its_nodes() -> None:
    """Each value below has one name, so one of the branches looks at it."""
    value: Any = None
    for _ in range(60):
        value = {"a": value, "h": None}

    assert validate_schema(value, TREE).valid
