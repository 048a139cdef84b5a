"""Judges the definition of a declarative node, and makes of it what the compiler reads.

The request goes into programs as a table of literals: no word of a definition becomes code.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import orjson

from dragops.compiler.graph import Graph, describe_unknown
from dragops.compiler.settings import bad_json, fixed_value
from dragops.compiler.views import view_faults
from dragops.errors import Fault, RunFailure
from dragops.model.declared import (
    DEFINITIONS_BYTES_MAX,
    DEFINITIONS_MAX,
    SECONDS_MAX,
    Declared,
    DeclaredNode,
    DeclaredPin,
    RequestTemplate,
)
from dragops.model.pattern import Node, PatternSpec
from dragops.model.pin import PinType
from dragops.nodes import catalogue
from dragops.nodes.declared import OF_HTTP_REQUEST, call, is_pointer
from dragops.nodes.definition import Definition, Kind, Pin, Property, words
from dragops.nodes.header_texts import NAME, VALUE
from dragops.nodes.json_pointer import read_pointer
from dragops.nodes.queries import checked_query
from dragops.nodes.request_templates import ENVIRONMENT, SECRETS, check_template

_EXEC = "exec"
_TAKEN = {_EXEC, SECRETS, ENVIRONMENT, "timeout", "failOnError"}
"""What no input can be called: pins, placeholders and settings that every such node has."""


def definition_of(type_: str, declared: DeclaredNode) -> Definition:
    """Make the node type of a definition in which ``wrong_in`` finds nothing."""
    exec_ = Pin(_EXEC, PinType.EXEC)
    inputs = (_pin(pin) for pin in _data(declared.inputs))
    outputs = (Pin(pin.name, PinType.read(pin.type)) for pin in _data(declared.outputs))
    return Definition(
        type=type_,
        label=declared.label or words(type_),
        category=declared.category,
        kind=Kind.IMPURE,
        description=declared.description,
        inputs=(exec_, *inputs),
        outputs=(exec_, *outputs),
        properties=(
            Property("timeout", PinType.FLOAT, check=_checked_seconds),
            Property("failOnError", PinType.BOOLEAN),
        ),
        function=call,
        request=_table(declared),
    )


def named(spec: PatternSpec, declared: Declared) -> dict[str, DeclaredNode]:
    """Give the entries for node types of a pattern, in the order of their names."""
    types = {node.type for node in spec.nodes}
    return {type_: declared[type_] for type_ in sorted(types & declared.keys())}


def used(spec: PatternSpec, declared: Declared) -> dict[str, DeclaredNode]:
    """Give the declarative nodes that a pattern uses: without a request an entry is a view."""
    return {type_: each for type_, each in named(spec, declared).items() if each.request}


def read_declared(graph: Graph, declared: Declared) -> Iterator[Fault]:
    """Give a graph the node types that come with it; each fault is told at their first node."""
    taken = used(graph.spec, declared)
    first = {node.type: node for node in reversed(graph.spec.nodes)}
    yield from _views(graph, {t: d for t, d in declared.items() if d.request is None}, first)
    for type_, each in taken.items():
        node, wrongs = first[type_], [*wrong_in(type_, each)]
        for code, told in wrongs:
            yield Fault(node.id, code, f"{describe_unknown(node)}: its definition: {told}")
        graph.declared[type_] = None if wrongs else definition_of(type_, each)
    size = sum(len(orjson.dumps(each.as_json())) for each in taken.values() if not _unfit(each))
    if size > DEFINITIONS_BYTES_MAX:
        told = f"are {size} bytes of JSON: shorten them to {DEFINITIONS_BYTES_MAX}"
        yield Fault(None, "TOO_LARGE", f"the definitions of its nodes {told}, or split the pattern")
    if len(taken) > DEFINITIONS_MAX:
        told = f"{len(taken)} declarative node types, {DEFINITIONS_MAX} are allowed"
        yield Fault(None, "TOO_LARGE", f"the pattern uses {told}: split it in two")


def _views(graph: Graph, views: Declared, first: Mapping[str, Node]) -> Iterator[Fault]:
    yield from view_faults(graph.spec, views)
    for type_ in named(graph.spec, views):
        if catalogue.definition(type_) is None:
            graph.declared[type_] = None
            node, told = first[type_], "its definition has no request: say what it sends"
            told = f"{describe_unknown(node)}: there is no node type {type_}, and {told}"
            yield Fault(node.id, "UNKNOWN_NODE", told)


def wrong_in(type_: str, declared: DeclaredNode) -> Iterator[tuple[str, str]]:
    """Give a code and a sentence for everything that is wrong with a definition."""
    if catalogue.definition(type_) is not None:
        told = f"it makes {type_} a call of its own, but the catalogue has a node of this name"
        yield "DEFINITION_MISMATCH", f"{told}: give yours another one"
    for problem in _problems_in(type_, declared):
        yield "BAD_VALUE", problem


def _problems_in(type_: str, declared: DeclaredNode) -> Iterator[str]:
    if wrong := _unfit(declared):
        yield f"it is no JSON that can be stored: {wrong}"
        return
    if declared.id not in {None, type_}:
        yield f"id: is {declared.id!r}, but its key is {type_}: give both the same name"
    if not type_[:1].isupper():
        yield f"id: {type_}: a node type begins with a capital letter"
    if declared.is_pure:
        yield "isPure: a call is never pure: set it to false"
    yield from _bad_pins("inputs", declared.inputs)
    yield from _bad_pins("outputs", declared.outputs)
    if declared.request is not None:
        yield from _bad_request(declared, declared.request)
    yield from _bad_response(declared)


def _unfit(declared: DeclaredNode) -> str | None:
    try:
        return bad_json(declared.as_json())
    except UnicodeEncodeError:
        return "its text is no valid Unicode"


def _bad_pins(side: str, pins: tuple[DeclaredPin, ...]) -> Iterator[str]:
    first = {pin.name: at for at, pin in reversed([*enumerate(pins)])}
    for at, pin in enumerate(pins):
        place = f"{side}.{pin.name}"
        if first[pin.name] != at:
            yield f"{place}: there are two of this name: rename one"
        elif (type_ := _read_type(pin)) is None:
            yield f"{place}: there is no type {pin.type!r}: use one of {', '.join(PinType)}"
        elif (type_ is PinType.EXEC) != (pin.name == _EXEC):
            yield f"{place}: the pin {_EXEC} and no other has the type Exec"
        elif side == "inputs" and pin.name in _TAKEN - {_EXEC}:
            yield f"{place}: this name means something else: choose another one"
        else:
            yield from _bad_values(place, pin, type_)


def _bad_values(place: str, pin: DeclaredPin, type_: PinType) -> Iterator[str]:
    if (type_ is PinType.ENUM) != bool(pin.members):
        yield f"{place}: members are given for the type Enum, and only there"
    elif pin.default is not None and (place.startswith("outputs") or pin.required):
        yield f"{place}: only an input that is not required has a default"
    elif pin.default is not None:
        try:
            fixed_value(_pin_without_default(pin), pin.default)
        except ValueError as exc:
            yield f"{place}: default: {exc}"
        except RunFailure as exc:
            yield f"{place}: default: {exc.message}"


def _bad_request(declared: DeclaredNode, request: RequestTemplate) -> Iterator[str]:
    pins = frozenset(pin.name for pin in _data(declared.inputs))
    urls = {"url": request.url} | ({"oauth2": request.oauth2.token_url} if request.oauth2 else {})
    for key, url in urls.items():
        if not url.startswith(("https://", "http://", "{")):
            told = "begins with https://, http:// or a placeholder: {environment.URL}"
            yield f"request.{key}: {'it' if key == 'url' else 'tokenUrl'} {told}"
    for name, value in request.headers.items():
        if not NAME.fullmatch(name) or not VALUE.fullmatch(value):
            yield f"request.headers: {name[:100]!r} cannot be sent: a line end, or no header's name"
    makers = {"basicAuth": request.basic_auth, "oauth2": request.oauth2}
    ways = [name for name, maker in makers.items() if maker]
    ways += ["headers" for name in request.headers if name.lower() == "authorization"]
    if len(ways) > 1:
        yield f"request.{ways[0]}: it makes the header Authorization, which {ways[1]} has too"
    for key, template in request.as_json().items():
        try:
            check_template(template, pins)
        except ValueError as exc:
            yield f"request.{key}: {exc}"


def _bad_response(declared: DeclaredNode) -> Iterator[str]:
    outputs = [pin.name for pin in _data(declared.outputs)]
    for name, place in declared.response.items():
        if name not in outputs:
            yield f"response.{name[:100]}: there is no such output: there is {_listed(outputs)}"
        try:
            read_pointer(place) if is_pointer(place) else checked_query(place)
        except ValueError as exc:
            yield f"response.{name[:100]}: {exc}"
    for name in outputs:
        if name not in declared.response and name not in OF_HTTP_REQUEST:
            told = f"say in response where it is; only {_listed(OF_HTTP_REQUEST)} need no place"
            yield f"outputs.{name}: {told}"


def _table(declared: DeclaredNode) -> dict[str, Any]:
    """Give the request as programs hold it, nothing empty in it."""
    # the API server sorts the keys of what it keeps: whoever compiles, the text is the same
    request = declared.request.as_json() if declared.request else {}
    said = {key: _sorted(value) for key, value in request.items()}
    table = {key: value for key, value in said.items() if value != {}}
    members = {pin.name: list(pin.members) for pin in declared.inputs if pin.members}
    outputs = {pin.name: PinType.read(pin.type).value for pin in _data(declared.outputs)}
    return (
        table
        | ({"members": members} if members else {})
        | {"timeout": _plain(declared.timeout), "failOnError": declared.fail_on_error}
        | {"outputs": outputs}
        | ({"response": _sorted(declared.response)} if declared.response else {})
    )


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _sorted(value[key]) for key in sorted(value)}
    return [_sorted(item) for item in value] if isinstance(value, list) else value


def _data(pins: Iterable[DeclaredPin]) -> list[DeclaredPin]:
    return [pin for pin in pins if pin.name != _EXEC]


def _pin(declared: DeclaredPin) -> Pin:
    pin = _pin_without_default(declared)
    if declared.default is None:
        return pin
    return replace(pin, nullable=False, default=fixed_value(pin, declared.default))


def _pin_without_default(declared: DeclaredPin) -> Pin:
    return Pin(
        declared.name,
        PinType.read(declared.type),
        required=declared.required,
        nullable=not declared.required,
        members=declared.members,
    )


def _read_type(pin: DeclaredPin) -> PinType | None:
    try:
        return PinType.read(pin.type)
    except StopIteration:
        return None


def _checked_seconds(value: float) -> float:
    if not 1 <= value <= SECONDS_MAX:
        raise ValueError(f"a call takes 1 to {SECONDS_MAX} seconds")
    return value


def _plain(seconds: float) -> float:
    return int(seconds) if float(seconds).is_integer() else seconds


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names) or "none"
