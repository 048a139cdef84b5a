"""The compiler's door: a pattern in, a program out, or a PatternError with every fault.

``check`` reads the graph; each unit of triggers is written by ``writer``; ``module`` puts the text
together. The same pattern gives the same bytes.
"""

import gzip

import orjson

from dragops.compiler.calls import costly_reads, settle_calls
from dragops.compiler.check import checked
from dragops.compiler.declaring import used
from dragops.compiler.emit import Emitter
from dragops.compiler.flows.rules import inner_of, sides_of
from dragops.compiler.graph import Graph, GraphNode
from dragops.compiler.joins import Joins, Side, find_joins
from dragops.compiler.jumps import Escaping, escaping
from dragops.compiler.module import NO_EVENT, write_module, write_unit
from dragops.compiler.names import Names, wish_of
from dragops.compiler.nulls import settle_nulls
from dragops.compiler.on_error import write_guarded
from dragops.compiler.order import reached
from dragops.compiler.shares import Shares, find_shares
from dragops.compiler.turns import Turns, find_turns, has_turns
from dragops.compiler.unit import TURN, Body, Imports, Unit
from dragops.compiler.units import group_triggers
from dragops.compiler.writer import Writer
from dragops.errors import Fault, PatternError
from dragops.model.declared import NOTHING, Declared
from dragops.model.pattern import PatternSpec
from dragops.model.program import Manifest, Program, Trigger
from dragops.nodes.catalogue import all_definitions
from dragops.nodes.convert import CONVERSIONS

_START = ""
"""Stands before the triggers of a unit, as their sides of one split; no node has this id."""

_PROGRAM_BYTES_MAX = 1_000_000
"""What a program and its manifest may take; Kubernetes refuses a ConfigMap above 1 MiB."""

_RESERVED = (
    "TRIGGERS",
    "VARIABLES",
    "TYPES",
    NO_EVENT,
    "ctx",
    "event",
    "exc",
    "datetime",
    "or_null",
    "loops",
    "declared",
    "retrying",
    "parallel",
    TURN,
    *(convert.__name__ for convert in CONVERSIONS.values()),
    *(d.function.__module__.rpartition(".")[2] for d in all_definitions() if d.function),
)


def compile_pattern(spec: PatternSpec, *, name: str, declared: Declared = NOTHING) -> Program:
    """Compile a pattern; ``name`` is the resource's. Deterministic; PatternError has all faults.

    ``declared`` are definitions of declarative nodes; those that the graph uses are taken.
    """
    graph = checked(spec, declared)
    imports, names = Imports(), Names(*_RESERVED)
    functions = {event.id: names.take(wish_of(event)) for event in graph.events()}
    starts = [event.id for event in graph.starts()]
    live = reached(starts, lambda node: graph.nodes[node].fired())
    ordered = [node for node in graph.nodes if node in live]
    shares, leaving = find_shares(graph, ordered), escaping(graph, live)
    turns = find_turns(graph, ordered)
    units = [
        _unit(graph, (shares, leaving, turns), {node: functions[node] for node in group}, imports)
        for group in group_triggers(graph, ordered, shares)
    ]
    out = write_module(graph, imports, units, functions, name=name)
    text = out.text()
    compile(text, "<dragops>", "exec")  # the name is whatever a file says
    manifest = _manifest(graph, name, functions, out)
    taken = {type_: d.as_json() for type_, d in used(spec, declared).items()}
    return _fitting(Program(text, manifest.model_copy(update={"definitions": taken or None})))


def _unit(
    graph: Graph,
    seen: tuple[Shares, Escaping, Turns],
    functions: dict[str, str],
    imports: Imports,
) -> Emitter:
    names = Names(*_RESERVED, *functions.values())
    starts = [graph.nodes[node] for node in functions]
    is_shared = len(starts) > 1
    events = {n.id: names.take(f"{wish_of(n)}_event") if is_shared else "event" for n in starts}
    joins = _joins(graph, starts)
    keeps_outputs = any(n.settings.get("responseMode") == "LastNode" for n in starts)
    shares, leaving, turns = seen
    given = TURN if has_turns(graph, turns, functions) else ""
    unit = Unit(graph, joins, shares, names, imports, events, leaving, keeps_outputs, turns, given)
    title = names.take("_or_".join(functions.values())) if is_shared else functions[starts[0].id]
    main = Body(title, depth=1)
    writer = Writer(unit, main)
    _write_main(writer, starts)
    writer.write_pending()
    settle_calls(unit)
    settle_nulls(unit, main)
    if faults := list(costly_reads(unit)):
        raise PatternError(faults)
    parameters = ["ctx", *(f"{e}={NO_EVENT}" for e in events.values())]
    return write_unit(unit, functions, main, title, parameters if is_shared else ["ctx", "event"])


def _write_main(writer: Writer, starts: list[GraphNode]) -> None:
    handler = writer.unit.graph.on_error()
    if handler and any(handler.fired()):
        write_guarded(writer, handler, lambda: writer.write_starts(starts, _START))
    else:
        writer.write_starts(starts, _START)


def _joins(graph: Graph, starts: list[GraphNode]) -> Joins:
    handled = [*handler.fired()] if (handler := graph.on_error()) else []

    def sides(node: str) -> list[Side]:
        if node == _START:
            return [event.targets.get("exec", []) for event in starts]
        return sides_of(graph.nodes[node])

    def others(node: str) -> list[str]:
        return handled if node == _START else inner_of(graph.nodes[node])

    return find_joins([_START], sides, others)


def _manifest(graph: Graph, name: str, functions: dict[str, str], out: Emitter) -> Manifest:
    triggers = (
        Trigger(
            type=graph.nodes[node].definition.type,
            node_id=node,
            function=function,
            settings=_settings(graph.nodes[node]),
        )
        for node, function in functions.items()
    )
    return Manifest(
        pattern=name,
        title=graph.spec.title,
        triggers=tuple(triggers),
        lines=tuple(out.origins),
        source=graph.source,
    )


def _settings(node: GraphNode) -> dict[str, object]:
    settings = dict(node.settings)
    if "webhookAlias" in settings:
        settings["webhookAlias"] = settings["webhookAlias"] or node.id
    return settings


def _fitting(program: Program) -> Program:
    # a look without gzip first: most programs are far from the limit
    manifest = program.manifest
    size = len(program.text.encode()) + len(
        orjson.dumps([manifest.source, manifest.lines, manifest.definitions])
    )
    if size > _PROGRAM_BYTES_MAX * 3 // 4:
        size = len(gzip.compress(program.text.encode())) + len(manifest.packed())
    if size > _PROGRAM_BYTES_MAX:
        message = "the compiled program is too large to be stored: split the pattern"
        raise PatternError([Fault(None, "TOO_LARGE", message)])
    return program
