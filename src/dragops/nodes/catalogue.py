"""The catalogue: every node type there is, by its id. The compiler and GET /api/nodes read it."""

from typing import Any

from dragops.nodes import (
    addresses,
    array_items,
    array_order,
    arrays,
    comparison,
    converting,
    date_calendar,
    date_instants,
    dates,
    encodings,
    events,
    flow,
    form_data,
    formats,
    formats_csv,
    formats_html,
    formats_query,
    formats_template,
    formats_xml,
    formats_yaml,
    hashing,
    http,
    http_parts,
    indicators,
    literals,
    logical,
    loops,
    mail,
    math,
    math_functions,
    network,
    object_entries,
    objects,
    parallel,
    retrying,
    runs,
    string,
    string_regex,
    string_search,
    string_shape,
    tokens,
    utility,
    variables,
    waits,
)
from dragops.nodes.definition import Definition
from dragops.nodes.suggestions import suggested

_CATEGORIES = (
    events.category,
    flow.category,
    runs.category,
    loops.category,
    retrying.category,
    parallel.category,
    waits.category,
    literals.category,
    variables.category,
    math.category,
    math_functions.category,
    comparison.category,
    logical.category,
    string.category,
    string_shape.category,
    string_search.category,
    string_regex.category,
    array_items.category,
    array_order.category,
    arrays.category,
    objects.category,
    object_entries.category,
    formats.category,
    formats_csv.category,
    formats_yaml.category,
    formats_xml.category,
    formats_query.category,
    formats_template.category,
    formats_html.category,
    dates.category,
    date_calendar.category,
    date_instants.category,
    http.category,
    http_parts.category,
    form_data.category,
    utility.category,
    converting.category,
    encodings.category,
    hashing.category,
    tokens.category,
    mail.category,
    network.category,
    addresses.category,
    indicators.category,
)
_BY_TYPE = {d.type: d for category in _CATEGORIES for d in category.definitions}

# names that the product's pages have used for these nodes
_ALIASES = {
    **dict.fromkeys(("ParseJson", "ParseJSON", "JSONParse"), "JsonParse"),
    **dict.fromkeys(("StringifyJson", "StringifyJSON", "JSONStringify"), "JsonStringify"),
    **dict.fromkeys(("ParseCsv", "ParseCSV"), "CsvParse"),
    "HTTPRequest": "HttpRequest",
    "BuildURL": "BuildUrl",
    "MakeString": "String",
}


def definition(type_: str) -> Definition | None:
    """Give the definition of a node type, by its id or an alias."""
    return _BY_TYPE.get(_ALIASES.get(type_, type_))


def all_definitions() -> tuple[Definition, ...]:
    """Give every definition, in the catalogue's order."""
    return tuple(_BY_TYPE.values())


def aliases_of(type_: str) -> tuple[str, ...]:
    """Give the older names of a node type."""
    return tuple(alias for alias, known in _ALIASES.items() if known == type_)


def nearest(type_: str) -> tuple[str, ...]:
    """Give up to three node types that somebody may mean by this name."""
    names = {name: _ALIASES.get(name, name) for name in (*_BY_TYPE, *_ALIASES)}
    return suggested(type_, {name: known for name, known in names.items() if known in _BY_TYPE})


def as_json() -> dict[str, Any]:
    """Give the catalogue in the shape of ``GET /api/nodes``."""
    return {"nodes": [each.as_json() for each in all_definitions()]}
