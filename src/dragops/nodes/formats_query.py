"""Data formats: what is in a value, by JMESPath, and what a value should be, by JSON Schema."""

from typing import Any

from dragops.nodes import queries
from dragops.nodes.category import Category

category = Category("Data Formats")


@category.node(
    'JsonQuery "JSON Query" pure (value: Any!, expression: String!) -> (result: Any)',
    checks={"expression": queries.required_query},
)
def json_query(value: Any, expression: str) -> Any:
    """Ask a value by a JMESPath expression; null when nothing is found."""
    return queries.ask(expression, value)
