"""Data formats: what is in a value, by JMESPath, and what a value should be, by JSON Schema."""

from typing import Any, NamedTuple

from dragops.nodes import queries
from dragops.nodes.category import Category
from dragops.nodes.schemas import checked_schema, errors_of

category = Category("Data Formats")


@category.node(
    'JsonQuery "JSON Query" pure (value: Any!, expression: String!) -> (result: Any)',
    checks={"expression": queries.required_query},
)
def json_query(value: Any, expression: str) -> Any:
    """Ask a value by a JMESPath expression; null when nothing is found."""
    return queries.ask(expression, value)


class Validated(NamedTuple):
    """Whether a value is what it should be, and why not."""

    valid: bool
    errors: list[Any]


@category.node(
    "ValidateSchema pure (value: Any!, schema: Object!) -> (valid: Boolean, errors: Array)",
    checks={"schema": checked_schema},
)
def validate_schema(value: Any, schema: dict[str, Any]) -> Validated:
    """Check a value against a JSON Schema; an error says where, and what is wrong there."""
    errors = errors_of(value, schema)
    return Validated(not errors, list[Any](errors))
