"""Random patterns of nested flows: blocks in loops in blocks, as people draw them, and worse.

What a block opens is a flow of its own, whose nodes are entered from it alone; but every flow may
go on in those around it, so there are joins across loops and handlers too.
"""

from random import Random

from hypothesis import strategies as st

from dragops.model.pattern import Node, PatternSpec, Wire
from dragops.model.pin import PinType
from support.graph_words import ENDING, OPENING, STEPS
from support.graphs import Drawn, end_of, pins_of

_DEPTH = 5
_ON = ("exec", "completed", "finally")
_LOOPS = frozenset({"ForEach", "ForEachBatch", "ForRange", "While"})


class Nested:
    """A pattern while it is made, of at most so many nodes that are no computed ones."""

    def __init__(self, drawn: Drawn, impure: int) -> None:
        self.drawn, self.random, self.left = drawn, drawn.random, impure
        self.steps: list[Node] = []

    def flow(self, depth: int, around: list[Node]) -> list[Node]:
        """Add a flow of some nodes; it may go on at those around it."""
        size = self.random.randint(1, 4) + 2 * (depth == 1)
        nodes = [self._node(depth) for _ in range(min(self.left, size))]
        if nodes and self.left > 0 and depth > 1 and self.random.random() < 0.3:
            nodes.append(self._add(ENDING))
        for at, made in enumerate(nodes):
            self._wire(made, depth, [*nodes[at + 1 :], *around[:2]])
        return nodes

    def _wire(self, made: Node, depth: int, later: list[Node]) -> None:
        for pin in pins_of(made, "outputs"):
            if pin.type is not PinType.EXEC:
                continue
            inner = None
            if pin.name not in _ON and depth < _DEPTH and self.random.random() < 0.7:
                inner = next(iter(self.flow(depth + 1, later)), None)
            if inner is not None:
                self._fire(made, pin.name, inner)
            if later and self.random.random() < self._odds(pin.name, is_wired=inner is not None):
                self._fire(made, pin.name, later[0] if pin.name in _ON else self._any(later))

    def _odds(self, pin: str, *, is_wired: bool) -> float:
        return 0.95 if pin in _ON else 0.1 if is_wired else 0.6

    def _any(self, later: list[Node]) -> Node:
        return self.random.choice(later[:3])

    def _fire(self, made: Node, pin: str, target: Node) -> None:
        self.drawn.wires.append(Wire(from_=f"{made.id}.{pin}", to=f"{target.id}.exec"))

    def _node(self, depth: int) -> Node:
        return self._add(STEPS if self.random.random() < 0.3 + depth / 10 else OPENING)

    def _add(self, types: tuple[str, ...]) -> Node:
        self.left -= 1
        mode = self.drawn.nodes[0].values["responseMode"]
        gone = {"RespondToWebhook"} if mode != "ResponseNode" else set()
        if "OnPatternCall" not in {made.type for made in self.drawn.nodes}:
            gone |= {"RespondWith"}
        known = [type_ for type_ in types if type_ not in gone]
        made = self.drawn.add(f"n{len(self.steps)}", self.random.choice(known))
        self.steps.append(made)
        return made


def nested_pattern(seed: int, *, impure: int, pure: int) -> PatternSpec:
    """A pattern of up to three events and at most that many other nodes."""
    triggers, nested = _drawn(seed, impure)
    gone = misplaced(nested.drawn.nodes, nested.drawn.wires)
    nested.drawn.remove(gone)
    kept = [made for made in nested.steps if made.id not in gone]
    return nested.drawn.finished(triggers, kept, pure)


def jumping_pattern(seed: int, *, impure: int) -> tuple[PatternSpec, set[str]]:
    """A pattern with jumps wherever they came to stand, and those that may not stand there."""
    triggers, nested = _drawn(seed, impure)
    spec = nested.drawn.finished(triggers, nested.steps, 0)
    return spec, misplaced(list(spec.nodes), list(spec.wires))


def _drawn(seed: int, impure: int) -> tuple[list[Node], Nested]:
    drawn = Drawn(Random(seed), is_tame=True)
    triggers, nested = drawn.triggers(), Nested(drawn, impure)
    flow = nested.flow(1, [])
    for trigger in triggers:
        drawn.wires.append(Wire(from_=f"{trigger.id}.exec", to=f"{flow[0].id}.exec"))
    return triggers, nested


def nested_patterns(*, impure: int = 40, pure: int = 10) -> st.SearchStrategy[PatternSpec]:
    """Random patterns up to these sizes."""
    return st.builds(
        nested_pattern,
        st.integers(0, 2**32),
        impure=st.integers(1, impure).map(lambda size: impure + 1 - size),
        pure=st.integers(0, pure).map(lambda size: pure - size),
    )


def misplaced(nodes: list[Node], wires: list[Wire]) -> set[str]:
    """Give each Break and Continue that some way leads to on which it may not stand."""
    by_id = {made.id: made for made in nodes}
    targets: dict[str, list[tuple[str, str]]] = {made.id: [] for made in nodes}
    for wire in wires:
        source, _, pin = wire.from_.partition(".")
        if wire.to.endswith(".exec"):
            targets[source].append((pin, end_of(wire.to)))
    todo = [(made.id, "") for made in nodes if made.type.startswith("On")]
    seen = set(todo)
    while todo:
        node_id, loop = todo.pop()
        for pin, target in targets[node_id]:
            place = (target, _loop_of(by_id[node_id].type, pin, loop))
            if place not in seen:
                seen.add(place)
                todo.append(place)
    return {node_id for node_id, loop in seen if not _may_stand(by_id[node_id].type, loop)}


def _loop_of(type_: str, pin: str, around: str) -> str:
    """Give the loop in which what a pin fires runs, as far as Break and Continue see it."""
    if pin == "body" and (type_ in _LOOPS or type_ == "ForEachParallel"):
        return type_
    return "" if type_ == "Parallel" and pin.startswith("branch") else around


def _may_stand(type_: str, loop: str) -> bool:
    if type_ not in {"Break", "Continue"} or loop in _LOOPS:
        return True
    return type_ == "Continue" and loop == "ForEachParallel"
