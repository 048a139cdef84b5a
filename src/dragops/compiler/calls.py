"""Settles how the functions of a flow call each other, and what shared values cost.

A function that another one ends with is awaited there. Where that would nest deeper than Python
likes, each ends by returning the next instead, and ``flow.follow`` runs them one after another.
"""

from collections.abc import Iterator

from dragops.compiler.order import after_successors
from dragops.compiler.unit import Unit
from dragops.errors import Fault

NESTED_MAX = 50
READS_MAX = 100_000
"""Evaluations that one shared value may take: 50 ms, in which no other run moves."""


def settle_calls(unit: Unit) -> None:
    """Write the text of each line that calls a function of the flow."""
    bodies = (*unit.flows.values(), *unit.parts.values())
    ends_with: dict[str, list[str]] = {body.name: [] for body in bodies}
    for call in unit.calls:
        if call.is_tail:
            ends_with[call.caller].append(call.callee)
    hands_on = _nesting(ends_with) > NESTED_MAX
    for call in unit.calls:
        if hands_on and call.is_tail:
            text = f"return {unit.step(call.callee)}"
        elif hands_on and ends_with[call.callee]:
            unit.imports.nodes.add("flow")
            text = f"await flow.follow({unit.step(call.callee)})"
        else:
            text = f"await {call.callee}({unit.given})"
        call.out.replace(call.line, call.callee, text)


def costly_reads(unit: Unit) -> Iterator[Fault]:
    """Give a fault for the first shared value that would take too many evaluations."""
    reads: dict[str, list[str]] = {body.name: [] for body in unit.getters.values()}
    for reader, getter in unit.reads:
        if reader in reads:
            reads[reader].append(getter)
    cost: dict[str, int] = {}
    for name in after_successors(reads, lambda each: reads[each]):
        cost[name] = 1 + sum(cost[getter] for getter in reads[name])
    for node_id, body in unit.getters.items():
        if cost[body.name] > READS_MAX:
            node = unit.graph.nodes[node_id]
            message = (
                f"{node}: reading it once evaluates more than {READS_MAX} nodes, as shared values "
                "lead to shared values: keep one of them in a variable"
            )
            yield Fault(node_id, "TOO_LARGE", message)
            return


def _nesting(ends_with: dict[str, list[str]]) -> int:
    depth: dict[str, int] = {}
    for name in after_successors(ends_with, lambda each: ends_with[each]):
        depth[name] = 1 + max((depth[callee] for callee in ends_with[name]), default=0)
    return max(depth.values(), default=0)
