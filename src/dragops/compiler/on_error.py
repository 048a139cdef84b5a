"""On Error: a ``try`` around everything that a unit's triggers fire.

The failure goes on when the flow of On Error has ended: the run fails all the same. In attempts
that are not a run's last, On Error holds nothing.
"""

from collections.abc import Callable

from dragops.compiler.flows.rule import fired_by
from dragops.compiler.graph import GraphNode
from dragops.compiler.writer import Writer

_BLOCKS = 4
"""What CPython counts for a handler inside a handler."""


def write_guarded(writer: Writer, handler: GraphNode, write_flow: Callable[[], None]) -> None:
    """Write the flow of the triggers, and what is done when it fails."""
    out, origin = writer.body.out, handler.id
    writer.enter_blocks(_BLOCKS)
    with out.block("try", origin=origin):
        write_flow()
    writer.unit.imports.nodes.add("runs")
    with out.block("except runs.last(ctx) as exc", origin=origin):
        for line in _outputs(writer, handler):
            out.line(line, origin=origin)
        with out.block("try", origin=origin):
            writer.inner(fired_by(handler, "exec"))
        with out.block("except Exception as exc", origin=origin):
            out.line("runs.only_log(ctx, ctx.failure(exc))", origin=origin)
        out.line("raise", origin=origin)


def _outputs(writer: Writer, handler: GraphNode) -> list[str]:
    parts = [pin.name for pin in handler.data_outputs() if pin.name != "error"]
    read = [pin for pin in parts if (handler.id, pin) in writer.unit.shares.read]
    if not read and (handler.id, "error") not in writer.unit.shares.read:
        return []
    error = writer.unit.output(handler, "error")
    names = {pin: writer.unit.output(handler, pin) for pin in read}
    writer.body.assigned.update(dict.fromkeys([error, *names.values()]))
    literal = writer.unit.imports.literal
    own = [f"{name} = {error}[{literal(pin)}]" for pin, name in names.items()]
    return [f"{error} = ctx.failure(exc)", *own]
