"""Data formats: texts into values and back."""

from typing import Any, Literal

from dragops.nodes.category import Category
from dragops.nodes.json_text import dumps, loads

category = Category("Data Formats")


@category.node('JsonParse "JSON Parse" pure (json: String!) -> (object: Any)')
def json_parse(json: str) -> Any:
    """Read a JSON text."""
    return loads(json)


@category.node(
    'JsonStringify "JSON Stringify" pure (object: Any!)'
    ' [indent: Enum(0|2) = "0", sortKeys: Boolean = false] -> (json: String)'
)
def json_stringify(object_: Any, indent: Literal["0", "2"] = "0", sort_keys: bool = False) -> str:
    """Write a value as JSON."""
    return dumps(object_, indent=indent == "2", sort_keys=sort_keys)
