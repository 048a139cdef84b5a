"""Writes the flows of one unit: straight lines, blocks by the rules, functions for open joins."""

from collections.abc import Sequence

from dragops.compiler.flows.rule import Place, unpacked
from dragops.compiler.flows.rules import RULES, sides_of
from dragops.compiler.graph import GraphNode
from dragops.compiler.reading import DEPTH_MAX, Reader
from dragops.compiler.unit import Body, Call, Unit

_BLOCKS_MAX = 12
"""Open loops and handlers in one function; CPython's limit is 20, and the next takes some."""

_NESTED_MAX = 20
"""Flows in flows in one function, with a block around each or without: writing them recurses."""


class Writer:
    """Writes bodies; ``body`` is the one at hand."""

    def __init__(self, unit: Unit, body: Body) -> None:
        self.unit, self.body, self._main = unit, body, body
        self._outer_blocks = 0

    @property
    def reader(self) -> Reader:
        """Give the reader of inputs for the current body."""
        return Reader(self.unit, self.body)

    @property
    def is_once(self) -> bool:
        """Say whether what is written now can only run once in a run."""
        return self.body is self._main and self.body.blocks == self._outer_blocks

    def enter_blocks(self, count: int) -> None:
        """Count blocks around all of the main body, in none of which it runs twice."""
        self.body.blocks = self._outer_blocks = count

    def write_starts(self, starts: Sequence[GraphNode], split: str) -> None:
        """Write the main body: what the triggers fire, up to where their flows meet."""
        merge = self.unit.joins.merges.get(split)
        for start in starts:
            fired = start.targets.get("exec", [])
            if len(starts) == 1:
                self.run(fired, Place())
            elif fired and fired != [merge]:
                event = self.unit.events[start.id]
                with self.body.out.block(f"if {event} is not NO_EVENT", origin=start.id):
                    self.run(fired, Place(merge))
        if merge:
            self._run_from(merge, Place())

    def write_pending(self) -> None:
        """Write all functions that have been asked for, and those that they ask for."""
        while self.unit.pending:
            kind, key = self.unit.pending.popleft()
            node_id, _, pin = key.partition(".")
            node = self.unit.graph.nodes[node_id]
            if kind == "getter":
                self.body = self.unit.getters[node_id]
                self._write_getter(node)
            elif kind == "part":
                self.body = self.unit.parts[key]
                self.run(node.targets.get(pin, ()), Place(is_tail=True))
            else:
                self.body = self.unit.flows[node_id]
                place = Place(self.unit.stops[node_id], is_tail=True)
                self._run_from(self._node(node, place), place)

    def run(self, targets: Sequence[str], place: Place) -> None:
        """Write what an exec output fires: all but the last come back, the last goes on."""
        self.inner(targets[:-1])
        self._run_from(targets[-1] if targets else None, place)

    def inner(self, targets: Sequence[str]) -> None:
        """Write flows that come back here, one after another."""
        self.body.nested += 1
        for target in targets:
            self._run_from(target, Place())
        self.body.nested -= 1

    def side(self, node: GraphNode, targets: Sequence[str], place: Place) -> None:
        """Write one exclusive side of a node, up to where the sides meet."""
        merge = self.unit.joins.merges.get(node.id)
        if merge is None:
            self.run(targets, place)
        else:
            self.run(targets, Place(merge, place.is_tail and merge == place.stop))

    def outputs(self, node: GraphNode) -> dict[str, str]:
        """Give the variables of the node's outputs that are read; the body will set them."""
        read = [pin.name for pin in node.data_outputs() if self.unit.is_read(node, pin.name)]
        names = {pin: self.unit.output(node, pin) for pin in read}
        if node.id not in self.unit.turns.owned:
            self.body.assigned.update(dict.fromkeys(names.values()))
        return names

    def begin_outputs(self, node: GraphNode) -> dict[str, str]:
        """Set the outputs that are read to null, as when the node had never run; give them."""
        names = self.outputs(node)
        if names and not self.is_once:
            line = self.body.out.line(f"{' = '.join(names.values())} = None", origin=node.id)
            self.unit.nulls.append((self.body.out, line, list(names.values())))
        self.keep_outputs(node, names)
        return names

    def keep_outputs(self, node: GraphNode, names: dict[str, str]) -> None:
        """Keep what the node put out for a webhook that answers with it."""
        if self.unit.keeps_outputs:
            literal = self.unit.imports.literal
            items = ", ".join(f"{literal(pin)}: {name}" for pin, name in names.items())
            self.body.out.line(f"ctx.outputs({literal(node.id)}, {{{items}}})", origin=node.id)

    def _run_from(self, node_id: str | None, place: Place) -> None:
        while node_id is not None and node_id != place.stop:
            if node_id in self.unit.joins.open or self._is_deep():
                self._call(self.unit.graph.nodes[node_id], place)
                return
            node_id = self._node(self.unit.graph.nodes[node_id], place)

    def _is_deep(self) -> bool:
        body = self.body
        is_nested = body.blocks > _BLOCKS_MAX or body.nested > _NESTED_MAX
        return is_nested or body.out.depth > DEPTH_MAX

    def _node(self, node: GraphNode, place: Place) -> str | None:
        self.body.known.clear()
        step = f"ctx.step({self.unit.imports.literal(node.id)})"
        self.body.out.line(step, origin=node.id)
        rule = RULES.get(node.definition.type)
        if rule:
            if not node.data_outputs() and not rule.is_call:
                self.keep_outputs(node, {})
            rule.write(self, node, place)
        else:
            self._write_call(node)
        if rule and rule.splits(node):
            return self.unit.joins.merges.get(node.id)
        following = next(iter(sides_of(node)), [])
        self.inner(following[:-1])
        return following[-1] if following else None

    def _write_call(self, node: GraphNode) -> None:
        call, names = self.reader.call_of(node), self.outputs(node)
        target = unpacked(node.data_outputs(), names) if names else ""
        self.body.out.line(target + call, origin=node.id)
        self.keep_outputs(node, names)

    def _write_getter(self, node: GraphNode) -> None:
        self.body.out.line(f"return {self.reader.value_of(node)}", origin=node.id)

    def _call(self, node: GraphNode, place: Place) -> None:
        # the text is settled in calls.py, when it is known who hands on
        stop = None if node.id in self.unit.joins.open else place.stop
        callee = self.unit.flow(node, stop).name
        self.body.raised |= self.unit.escaping.get(node.id, frozenset())
        line = self.body.out.line(callee, origin=node.id)
        call = Call(self.body.out, line, self.body.name, callee, place.is_tail)
        self.unit.calls.append(call)
