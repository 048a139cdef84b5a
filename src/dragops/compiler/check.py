"""Finds everything that is wrong with a pattern, at once, and says for each what to do."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import orjson

from dragops.compiler.answers import answer_faults
from dragops.compiler.circles import circles
from dragops.compiler.declaring import read_declared
from dragops.compiler.graph import Graph, GraphNode, describe_unknown
from dragops.compiler.jumps import stray_jumps
from dragops.compiler.order import reached
from dragops.compiler.settings import (
    bad_json,
    fixed_value,
    near_pin,
    quoted_json,
    read_borrower,
    read_values,
)
from dragops.compiler.views import told_once
from dragops.compiler.wires import connect
from dragops.errors import BadInput, Fault, PatternError, RunFailure
from dragops.model.declared import NOTHING, Declared
from dragops.model.pattern import (
    NODES_MAX,
    PATTERN_BYTES_MAX,
    VARIABLES_MAX,
    WIRES_MAX,
    Node,
    PatternSpec,
    Variable,
)
from dragops.model.pin import PinType
from dragops.nodes import catalogue
from dragops.nodes.definition import Given, Kind, Pin
from dragops.schedule.parse import parse_schedule

_EXEC = "exec"


def checked(spec: PatternSpec, declared: Declared = NOTHING) -> Graph:
    """Give the graph of a pattern that has no fault; PatternError with all of them otherwise."""
    graph, faults = check(spec, declared)
    if faults:
        raise PatternError(faults)
    return graph


def check(spec: PatternSpec, declared: Declared = NOTHING) -> tuple[Graph, list[Fault]]:
    """Give the graph, as far as it can be read, and every fault."""
    graph = Graph(spec)
    faults = list(_size_faults(spec))
    if faults:
        return graph, faults
    faults += _read_variables(graph)
    unknown: set[str] = set()
    faults += read_declared(graph, declared)
    faults += _read_nodes(graph, unknown)
    faults += connect(graph, unknown)
    for look in (
        _triggers,
        _required,
        _agreements,
        _variable_names,
        circles,
        stray_jumps,
        answer_faults,
        _schedules,
        _aliases,
    ):
        faults += look(graph)
    if wrong := bad_json(spec.editor):
        faults.append(Fault(None, "BAD_VALUE", f"editor: {wrong}"))
    # what is no JSON has no size, and is told as a fault
    with suppress(*((TypeError, ValueError) if faults else ())):
        faults += _stored_size(graph)
    return graph, told_once(faults)


def warnings_of(spec: PatternSpec, declared: Declared = NOTHING) -> tuple[Fault, ...]:
    """Give what is odd about a pattern and stands in nobody's way."""
    graph, _ = check(spec, declared)
    return (*_never_run(graph), *_not_delivered(graph))


def _never_run(graph: Graph) -> Iterator[Fault]:
    if any(node.id not in graph.nodes for node in graph.spec.nodes):
        return  # what a node of an unknown type leads to is not known either
    for node in unreached(graph):
        message = f"{node} never runs: no trigger leads to it: wire its exec input, or delete it"
        yield Fault(node.id, "UNREACHED", message)


def _not_delivered(graph: Graph) -> Iterator[Fault]:
    for type_, told in _WITHOUT_DELIVERY.items():
        for node in graph.of_type(type_):
            yield Fault(node.id, "NOT_DELIVERED", f"{node}: no {told}")


_WITHOUT_DELIVERY = {
    "OnEmail": "e-mails are delivered yet: run it by hand",
    "OnEvent": "events are delivered yet: run it by hand",
    "EmitEvent": "events are delivered yet, so that it fails: use Call Pattern",
}


def unreached(graph: Graph) -> list[GraphNode]:
    """Give the impure nodes that no trigger leads to: worth a warning, no fault."""
    live = _reached_nodes(graph)
    # an event has no exec input to wire: a second On Error is a fault, and told as one
    impure = [node for node in graph.nodes.values() if node.definition.kind is Kind.IMPURE]
    return [node for node in impure if node.id not in live]


def _size_faults(spec: PatternSpec) -> Iterator[Fault]:
    limits = (
        ("nodes", len(spec.nodes), NODES_MAX),
        ("wires", len(spec.wires), WIRES_MAX),
        ("variables", len(spec.variables), VARIABLES_MAX),
    )
    for what, count, most in limits:
        if count > most:
            message = f"the pattern has {count} {what}, {most} are allowed: split it in two"
            yield Fault(None, "TOO_LARGE", message)


def _stored_size(graph: Graph) -> Iterator[Fault]:
    graph.source = graph.spec.as_json()
    size = len(orjson.dumps(graph.source))
    if size > PATTERN_BYTES_MAX:
        most = f"{PATTERN_BYTES_MAX} (1 MiB)"
        message = f"the pattern is {size} bytes of JSON, {most} are allowed: split it"
        yield Fault(None, "TOO_LARGE", message)


def _read_variables(graph: Graph) -> Iterator[Fault]:
    for variable in graph.spec.variables:
        if variable.name in graph.variables:
            message = f"there are two variables {variable.name}: rename one"
            yield Fault(None, "DUPLICATE_ID", message, variable=variable.name)
        graph.variables[variable.name] = None
        try:
            graph.variables[variable.name] = _start_value(variable)
        except ValueError as exc:
            message = f"variable {variable.name}: {exc}"
            yield Fault(None, "BAD_VALUE", message, variable=variable.name)


def _start_value(variable: Variable) -> object:
    if variable.type is PinType.EXEC:
        raise ValueError("no variable holds Exec: choose another type")
    if variable.default is None and variable.type in {PinType.DATETIME, PinType.BINARY}:
        return None
    try:
        return fixed_value(Pin("default", variable.type), variable.default)
    except RunFailure as exc:
        raise ValueError(f"its default: {exc.message.removeprefix('pin default: ')}") from exc
    except ValueError as exc:
        raise ValueError(f"its default is {quoted_json(variable.default)}: {exc}") from exc


def _read_nodes(graph: Graph, unknown: set[str]) -> Iterator[Fault]:
    borrowers: list[tuple[GraphNode, Node]] = []
    for node in graph.spec.nodes:
        if node.id in graph.nodes or node.id in unknown:
            message = f"{describe_unknown(node)}: another node has this id: rename one"
            yield Fault(node.id, "DUPLICATE_ID", message)
            if node.id in graph.nodes:
                graph.nodes[node.id].pins_known = False  # whose pin a wire means is not known
            continue
        definition = catalogue.definition(node.type) or graph.declared.get(node.type)
        if definition is None:
            unknown.add(node.id)
            graph.meant.update(catalogue.nearest(node.type))
            if node.type not in graph.declared:
                yield unknown_node(node)
            continue
        graph.nodes[node.id] = read = GraphNode(node.id, node.title, definition)
        if definition.lender:
            borrowers.append((read, node))
        else:
            yield from read_values(read, node)
    for read, node in borrowers:
        lender = next(graph.of_type(read.definition.lender or ""), None)
        yield from read_borrower(read, node, lender)


def unknown_node(node: Node) -> Fault:
    """Make the fault of a node whose type is in no catalogue."""
    near = catalogue.nearest(node.type)
    pack = "bring the pack that it is of (--pack, nodeDefinitions)"
    hint = f"choose one that `dragops nodes` or GET /api/nodes lists, or {pack}"
    if near:
        hint = f"did you mean {' or '.join(near)}? If not, {pack}"
    message = f"{describe_unknown(node)}: there is no node type {node.type}: {hint}"
    return Fault(node.id, "UNKNOWN_NODE", message)


def _triggers(graph: Graph) -> Iterator[Fault]:
    if not graph.events() and not any(_is_event(type_) for type_ in graph.meant):
        message = "nothing starts this pattern: add an On Webhook, On Schedule or On Start node"
        yield Fault(None, "NO_TRIGGER", message)


def _is_event(type_: str) -> bool:
    definition = catalogue.definition(type_)
    return definition is not None and definition.kind is Kind.EVENT


def _required(graph: Graph) -> Iterator[Fault]:
    for node in graph.nodes.values():
        for pin in node.inputs.values():
            given = (node.sources, node.meant, node.values)
            if pin.required and not any(pin.name in each for each in given):
                message = f"{node}: pin {pin.name} is required: wire it or give it a value"
                yield Fault(node.id, "REQUIRED_PIN", message, pin=pin.name)


def _agreements(graph: Graph) -> Iterator[Fault]:
    for node in graph.nodes.values():
        if node.definition.agreement is None:
            continue
        fixed = dict(_agreeing(node))
        try:
            wired = {*node.sources, *node.meant}
            node.definition.agreement(Given(node.settings, fixed, wired))
        except ValueError as exc:
            yield Fault(node.id, "BAD_VALUE", f"{node}: {exc}")


def _agreeing(node: GraphNode) -> Iterator[tuple[str, Any]]:
    for name, value in node.values.items():
        # null stands for a value that has a fault already, but at pins that take it
        is_good = value is not None or node.inputs[name].type is PinType.ANY
        if is_good and name not in node.sources:
            yield name, value


def _variable_names(graph: Graph) -> Iterator[Fault]:
    for node in graph.nodes.values():
        pin = node.definition.variable
        if pin is None or pin in node.sources:
            continue
        name = node.values.get(pin)  # None: it is not set, or has a fault already
        if name is not None and name not in graph.variables:
            message = f"{node}: there is no variable {name[:100]!r}: {_other_than(name, graph)}"
            yield Fault(node.id, "UNKNOWN_VARIABLE", message, pin=pin)


def _other_than(name: str, graph: Graph) -> str:
    if near := near_pin(name, graph.variables):
        return f"did you mean {near}? Else declare it"
    known = [*list(graph.variables)[:8], *(["..."] if len(graph.variables) > 8 else [])]
    return f"declare it, or use: {', '.join(known)}" if known else "declare it"


def _schedules(graph: Graph) -> Iterator[Fault]:
    for node in graph.events():
        schedule = node.settings.get("schedule")
        if schedule is not None:
            try:
                parse_schedule(schedule, node.settings["timezone"])
            except BadInput as exc:
                pin = "timezone" if exc.path == "timezone" else "schedule"
                yield Fault(node.id, "BAD_SCHEDULE", f"{node}: {exc}", pin=pin)


def _aliases(graph: Graph) -> Iterator[Fault]:
    taken: dict[str, GraphNode] = {}
    for node in graph.events():
        if node.definition.type == "OnWebhook":
            alias = node.settings["webhookAlias"] or node.id
            if alias in taken:
                message = f"{node}: the alias {alias} is that of {taken[alias]}: change one"
                yield Fault(node.id, "DUPLICATE_ALIAS", message, pin="webhookAlias")
            taken[alias] = node


def _reached_nodes(graph: Graph) -> set[str]:
    meant = (node.id for node in graph.nodes.values() if _EXEC in node.meant)
    starts = [*(node.id for node in graph.starts()), *meant]
    return reached(starts, lambda node: graph.nodes[node].fired())
