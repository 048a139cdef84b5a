"""Random patterns that have no fault: every wire fits, nothing runs in a circle.

Made from a seed, as graphs drawn choice by choice stay too small to be interesting; hypothesis
draws seed and sizes, and shrinks the sizes.
"""

from dataclasses import dataclass, field
from random import Random
from typing import Any

from hypothesis import strategies as st

from dragops.model.pattern import Node, PatternSpec, Wire
from dragops.model.pin import PinType, may_connect
from dragops.nodes.catalogue import definition
from dragops.nodes.definition import Pin
from support.graph_words import (
    CASES,
    FITTING,
    FIXED,
    GIVEN,
    GIVES,
    IMPURE,
    NAMING,
    PINS,
    PURE,
    SCALARS,
    SECONDS,
    SETTINGS,
    TITLES,
    TRIGGERS,
    VARIABLES,
)


@dataclass
class Drawn:
    """A graph while it is made."""

    random: Random
    is_tame: bool = False
    """Whether inputs mostly get what they can take, so that runs come far."""
    nodes: list[Node] = field(default_factory=list)
    wires: list[Wire] = field(default_factory=list)

    def value(self, depth: int = 2) -> Any:
        kind = self.random.randrange(6) if depth else 5
        if kind == 0:
            return [self.value(depth - 1) for _ in range(self.random.randrange(4))]
        if kind == 1:
            return {self.random.choice("abc"): self.value(depth - 1) for _ in range(3)}
        return self.random.choice(SCALARS)

    def fixed(self, type_: str, pin: Pin) -> Any:
        if (type_, pin.name) in SECONDS:
            return round(self.random.uniform(-0.5, 9), 6)
        if some := PINS.get((type_, pin.name)) or pin.members:
            return self.random.choice(some)
        if pin.name == "json":
            return self.random.choice(['{"a": [1, 2]}', "[0.5, true]"])
        if pin.type is PinType.OBJECT:
            return {self.random.choice("abc"): self.value(1)}
        if pin.type is PinType.ARRAY:
            return [self.value(1) for _ in range(self.random.randrange(4))]
        return self.random.choice(FIXED[pin.type]) if pin.type in FIXED else self.value()

    def settings(self, type_: str) -> dict[str, Any]:
        choices = SETTINGS.get(type_, {})
        made = {name: self.random.choice(values) for name, values in choices.items()}
        if type_ == "Switch":
            made["cases"] = self.random.sample(CASES, self.random.randrange(4))
        if type_ == "Array":
            made["values"] = [self.value(1)]
        return made

    def add(self, id_: str, type_: str) -> Node:
        title = self.random.choice(TITLES)
        self.nodes.append(Node(id=id_, type=type_, title=title, values=self.settings(type_)))
        return self.nodes[-1]

    def read_inputs(self, made: Node, readable: list[Node]) -> None:
        """Give each input a wire, a value, or nothing where it may be left alone."""
        for pin in pins_of(made, "inputs"):
            if pin.type is PinType.EXEC:
                continue
            if pin.name == "name" and made.type in NAMING:
                made.values["name"] = self.variable(made.type)
                continue
            if pin.name == "name" and made.type in {"GetEnvironment", "GetSecret"}:
                made.values["name"] = self.random.choice(GIVEN)
                continue
            fits = self.fitting(pin, readable)
            odds = "wwvvvvvn" if self.is_tame else "wwwwvn"
            choice = self.random.choice(odds if fits else "vn")
            if (made.type, pin.name) in SECONDS:
                choice = "v"
            if choice == "w":
                self.wires.append(Wire(from_=self.random.choice(fits), to=f"{made.id}.{pin.name}"))
            elif choice == "v" or pin.required:
                made.values[pin.name] = self.fixed(made.type, pin)

    def variable(self, type_: str) -> str:
        """Choose a variable for a node."""
        if self.is_tame and type_ in FITTING:
            return FITTING[type_]
        return self.random.choice(VARIABLES).name

    def fitting(self, pin: Pin, readable: list[Node]) -> list[str]:
        """Outputs that may be wired to the pin; mostly those that need no conversion."""
        fits = [
            (out.type in {pin.type, PinType.INTEGER} or pin.type is PinType.ANY, other, out)
            for other in readable
            for out in pins_of(other, "outputs")
            if may_connect(out.type, pin.type)
        ]
        careful = 0.97 if self.is_tame else 0.8
        is_careful = self.random.random() < careful and any(sure for sure, _, _ in fits)
        return [f"{other.id}.{out.name}" for sure, other, out in fits if sure or not is_careful]

    def triggers(self) -> list[Node]:
        """Add up to three events."""
        triggers = [self.add("hook", "OnWebhook")]
        if self.random.random() < 0.3:
            triggers.append(self.add("start", self.random.choice(TRIGGERS)))
        if self.random.random() < 0.3:
            triggers.append(self.add("failed", "OnError"))
        return triggers

    def finished(self, triggers: list[Node], steps: list[Node], pure: int) -> PatternSpec:
        """Add that many computed nodes, let all read, and give the pattern."""
        computed: list[Node] = []
        for i in range(pure):
            made = self.add(f"v-{i}", self.random.choice(PURE))
            self.read_inputs(made, [*triggers, *steps, *computed, *computed, *computed])
            computed.append(made)
        for made in steps:
            self.read_inputs(made, [*triggers, *steps, *computed, *computed])
        if triggers[0].values["responseMode"] != "ResponseNode":
            self.remove({made.id for made in steps if made.type == "RespondToWebhook"})
        if "OnPatternCall" not in {made.type for made in triggers}:
            self.remove({made.id for made in steps if made.type == "RespondWith"})
        return PatternSpec(nodes=tuple(self.nodes), wires=tuple(self.wires), variables=VARIABLES)

    def remove(self, gone: set[str]) -> None:
        """Take nodes out, with their wires."""
        self.nodes = [n for n in self.nodes if n.id not in gone]
        self.wires = [w for w in self.wires if not {end_of(w.from_), end_of(w.to)} & gone]

    def fire(self, made: Node, targets: list[Node]) -> None:
        """Wire exec outputs to nodes further down."""
        for pin in pins_of(made, "outputs"):
            if pin.type is PinType.EXEC and targets:
                for _ in range(self.random.choice([0, 1, 1, 1, 1, 1, 1, 2])):
                    target = self.random.choice(targets[:3])
                    self.wires.append(Wire(from_=f"{made.id}.{pin.name}", to=f"{target.id}.exec"))


def random_pattern(seed: int, *, impure: int, pure: int) -> PatternSpec:
    """A pattern of up to three events and that many other nodes, each of which fires any later."""
    graph = Drawn(Random(seed))
    triggers = graph.triggers()
    steps = [graph.add(f"n{i}", graph.random.choice(IMPURE)) for i in range(impure)]
    for trigger in triggers:
        graph.fire(trigger, steps)
    for at, made in enumerate(steps):
        graph.fire(made, steps[at + 1 :])
    return graph.finished(triggers, steps, pure)


def patterns(*, impure: int = 14, pure: int = 14) -> st.SearchStrategy[PatternSpec]:
    """Random patterns up to these sizes."""
    return st.builds(
        random_pattern,
        st.integers(0, 2**32),
        impure=st.integers(1, impure).map(lambda size: impure + 1 - size),
        pure=st.integers(0, pure).map(lambda size: pure - size),
    )


def events() -> st.SearchStrategy[dict[str, Any]]:
    """Events of any trigger: what they should hold, something else, or nothing."""
    return st.builds(_event, st.integers(0, 2**32))


def _event(seed: int) -> dict[str, Any]:
    graph = Drawn(Random(seed))
    keys = ("data", "body", "headers", "query", "method", "url", "a", "b", "topic", "payload")
    return {key: graph.value() for key in keys if graph.random.random() < 0.7}


def end_of(wire_end: str) -> str:
    """Give the node of a wire's end."""
    return wire_end.partition(".")[0]


def pins_of(made: Node, side: str) -> tuple[Pin, ...]:
    """Give the pins of a node, those of its settings too."""
    found = definition(made.type)
    assert found is not None
    settings = {
        p.name: p.check(made.values[p.name])
        if p.check and p.name in made.values
        else made.values.get(p.name, p.default)
        for p in found.properties
    }
    if made.type == "RespondWith":
        settings["outputs"] = list(GIVES)
    pins: tuple[Pin, ...] = getattr(found.pins_of(settings), side)
    return tuple(pin for pin in pins if not pin.dynamic)
