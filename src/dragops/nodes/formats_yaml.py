"""Data formats: YAML in and out; what does it is loaded when it is first needed."""

from typing import Any

from dragops.nodes.category import Category
from dragops.nodes.limits import bounded_depth
from dragops.nodes.parsing import parse_error

category = Category("Data Formats")


@category.node('YamlParse "Parse YAML" pure (text: String!) [all: Boolean = false] -> (value: Any)')
def yaml_parse(text: str, all_: bool = False) -> Any:
    """Read a YAML text: one document, or all of them as an Array."""
    from dragops.nodes.yaml_reader import documents  # noqa: PLC0415  # 30 ms that few need

    found = documents(text)
    if all_:
        bounded_depth(found)
        return found
    if len(found) > 1:
        raise parse_error("YAML", "there is more than one document: set all to read each")
    return found[0] if found else None


@category.node('YamlStringify "Stringify YAML" pure (value: Any!) -> (text: String)')
def yaml_stringify(value: Any) -> str:
    """Write a value as YAML, in block style."""
    from dragops.nodes.yaml_writer import written  # noqa: PLC0415  # as above

    return written(value)
