"""Puts the program together: header, imports, variables, a function for each trigger."""

from collections.abc import Iterable

from dragops.compiler.emit import Emitter
from dragops.compiler.graph import Graph
from dragops.compiler.literal import docstring
from dragops.compiler.tables import WIDTH, write_table
from dragops.compiler.unit import TURN, Body, Imports, Unit
from dragops.model.program import RUNTIME
from dragops.nodes.convert import CONVERSIONS

NO_EVENT = "NO_EVENT"


def write_module(
    graph: Graph,
    imports: Imports,
    functions: Iterable[Emitter],
    triggers: dict[str, str],
    *,
    name: str,
) -> Emitter:
    """Give the whole text; ``triggers`` maps node ids to functions, ``name`` is the pattern's."""
    out, body = Emitter(), Emitter()
    shared = False
    for function in functions:
        shared |= any(NO_EVENT in line for line, _ in function.written())
        body.add(function)
    variables = _variables(graph, imports)
    _write_head(out, graph.spec.title.strip() or name, imports)
    out.add(variables)
    for constant, table in imports.tables():
        write_table(out, constant, table)
    if shared:
        out.line(f"{NO_EVENT} = {{}}")
    out.add(body)
    out.line("")
    out.line("")
    _write_dict(out, "TRIGGERS", {imports.literal(n): f for n, f in triggers.items()})
    return out


def write_unit(
    unit: Unit, functions: dict[str, str], main: Body, name: str, parameters: list[str]
) -> Emitter:
    """Give the functions of one unit: its triggers', and all that stands inside."""
    out = Emitter()
    if len(functions) > 1:
        for node_id, function in functions.items():
            _blank(out)
            with out.block(f"async def {function}(ctx, event)", origin=node_id):
                out.line(f"await {name}(ctx, {unit.events[node_id]}=event)", origin=node_id)
    _blank(out)
    first = next(iter(functions))
    with out.block(f"async def {name}({', '.join(parameters)})", origin=first):
        _write_nulls(out, unit, first)
        for node_id, body in unit.getters.items():
            _write_inner(out, "def", body, node_id)
        for node_id, body in (*unit.flows.items(), *unit.parts.items()):
            _write_inner(out, "async def", body, node_id.partition(".")[0])
        out.add(main.out)
    return out


def _write_head(out: Emitter, title: str, imports: Imports) -> None:
    out.line(docstring(f"{title}: compiled by DragOps, runtime {RUNTIME}."))
    out.line("")
    if imports.datetime:
        out.line("from datetime import datetime")
        out.line("")
    if imports.nodes:
        out.line(f"from dragops.nodes import {', '.join(sorted(imports.nodes))}")
    if imports.conversions:
        out.line(f"from dragops.nodes.convert import {', '.join(sorted(imports.conversions))}")
    if imports.nodes or imports.conversions:
        out.line("")


def _variables(graph: Graph, imports: Imports) -> Emitter:
    out = Emitter()
    values = {imports.literal(n): imports.literal(v) for n, v in graph.variables.items()}
    _write_dict(out, "VARIABLES", values)
    if values:
        types = {v.name: CONVERSIONS[v.type].__name__ for v in graph.spec.variables}
        imports.conversions.update(types.values())
        _write_dict(out, "TYPES", {imports.literal(n): t for n, t in types.items()})
    return out


def _write_dict(out: Emitter, name: str, items: dict[str, str]) -> None:
    line = f"{name} = {{{', '.join(f'{key}: {value}' for key, value in items.items())}}}"
    if len(line) <= WIDTH:
        out.line(line)
        return
    out.line(f"{name} = {{")
    for key, value in items.items():
        out.line(f"    {key}: {value},")
    out.line("}")


def _write_nulls(out: Emitter, unit: Unit, origin: str) -> None:
    names = unit.begun
    for at in range(0, len(names), 5):
        out.line(f"{' = '.join(names[at : at + 5])} = None")
    if unit.given:
        unit.imports.nodes.add("parallel")
        out.line(f"{TURN} = parallel.Turn()", origin=origin)
    if (names or unit.given) and (unit.getters or unit.flows or unit.parts):
        out.line("")


def _write_inner(out: Emitter, kind: str, body: Body, origin: str) -> None:
    with out.block(f"{kind} {body.name}({body.parameters})", origin=origin):
        names = list(body.assigned)
        for at in range(0, len(names), 5):
            out.line(f"nonlocal {', '.join(names[at : at + 5])}", origin=origin)
        out.add(body.out)
    out.line("")


def _blank(out: Emitter) -> None:
    out.line("")
    out.line("")
