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
from support.patterns import variable

IMPURE = (
    "Log",
    "SetVariable",
    "IncrementVariable",
    "AppendToArray",
    "AppendToString",
    "Branch",
    "Switch",
    "Sequence",
    "ForEach",
    "TryCatch",
    "TryCatch",
    "ThrowError",
    "RespondToWebhook",
    "Log",
    "Branch",
    "Branch",
    "ForEach",
    "Log",
)
PURE = (
    "String",
    "Integer",
    "Boolean",
    "Null",
    "Array",
    "Object",
    "GetVariable",
    "Add",
    "Divide",
    "Modulo",
    "Power",
    "Sign",
    "Round",
    "Clamp",
    "Logarithm",
    "Equal",
    "GreaterThan",
    "InRange",
    "IsType",
    "Contains",
    "IsNull",
    "And",
    "Or",
    "Not",
    "Select",
    "Coalesce",
    "Concat",
    "Format",
    "GetProperty",
    "SetProperty",
    "RemoveProperty",
    "Merge",
    "MakeObject",
    "BreakObject",
    "ObjectEntries",
    "ObjectFromEntries",
    "PickProperties",
    "RenameProperties",
    "DiffObjects",
    "Filter",
    "CountItems",
    "Sort",
    "Reduce",
    "GroupBy",
    "MakeArray",
    "GetItem",
    "AddItem",
    "Slice",
    "Unique",
    "Chunk",
    "Difference",
    "JsonParse",
    "JsonStringify",
    "GetVariable",
    "GetEnvironment",
    "GetSecret",
    "Select",
    "And",
    "Coalesce",
    "Format",
    "Concat",
)
VARIABLES = (
    variable("count", "Integer", 1),
    variable("text", "String", "t"),
    variable("items", "Array", [1, "b"]),
    variable("any", "Any"),
)
TITLES = (None, None, "Say it", "log", "import", 'a "b" \\', "ctx", "get log", "event")
SCALARS = (
    None, True, False, 0, 1, -3, 300, 0.5, -2.0, 1e9, "", "a", "b", "7", "2.5", "true", "items[0]",
    '{"a": [1]}', "it's \"q\" \\ \n",
)  # fmt: skip
CASES = ("a", "b", 7, "true", 1, "0")
FIXED: dict[PinType, tuple[Any, ...]] = {
    PinType.STRING: ("a", "b", "12", "a.b", "c[0]", ""),
    PinType.INTEGER: (200, 201, 404),
    PinType.FLOAT: (0, 1, 2, 2.5, "3"),
    PinType.BOOLEAN: (True, False),
}
FIELDS: tuple[Any, ...] = (
    [],
    ["a"],
    ["a", {"name": "b", "type": "String", "key": "a.b"}, {"name": "c", "type": "number"}],
)
SETTINGS: dict[str, dict[str, tuple[Any, ...]]] = {
    "Sequence": {"count": (1, 2, 3)},
    "Format": {"template": ("", "{a}", "x {a.b} {{{b}}} {c[0]}", "{a}{a.a}")},
    "OnWebhook": {"responseMode": ("ResponseNode", "LastNode")},
    "Integer": {"value": (0, 1, 2)},
    "Equal": {"loose": (True, False)},
    "Contains": {"ignoreCase": (True, False)},
    "Merge": {"deep": (True, False), "arrays": ("replace", "concat")},
    "MakeObject": {"fields": FIELDS, "skipNull": (True, False)},
    "BreakObject": {"fields": FIELDS},
    "MakeArray": {"count": (0, 1, 3)},
    "AppendToString": {"separator": ("", ", ")},
}
PINS: dict[tuple[str, str], tuple[Any, ...]] = {
    ("Chunk", "size"): (1, 2),
    ("Filter", "operator"): ("equals", "lessThan", "contains", "notIn", "isEmpty"),
    ("CountItems", "operator"): ("notEquals", "greaterOrEqual", "startsWith", "in"),
    ("Round", "digits"): (0, 1, -2),
    ("Logarithm", "base"): (2, 10, 3, 0.5),
}
"""Fixed values of pins that do not take every value of their type."""
_GIVEN = ("REGION", "API_TOKEN", "NOPE")
_NAMING = {"GetVariable", "SetVariable", "IncrementVariable", "AppendToArray", "AppendToString"}


@dataclass
class Drawn:
    """A graph while it is made."""

    random: Random
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
        if some := PINS.get((type_, pin.name)) or pin.members:
            return self.random.choice(some)
        if pin.name == "json":
            return self.random.choice(['{"a": [1, 2]}', "[0.5, true]", "{"])
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
        for pin in _pins(made, "inputs"):
            if pin.type is PinType.EXEC:
                continue
            if pin.name == "name" and made.type in _NAMING:
                made.values["name"] = self.random.choice(VARIABLES).name
                continue
            if pin.name == "name" and made.type in {"GetEnvironment", "GetSecret"}:
                made.values["name"] = self.random.choice(_GIVEN)
                continue
            fits = self.fitting(pin, readable)
            choice = self.random.choice("wwwwvn" if fits else "vn")
            if choice == "w":
                self.wires.append(Wire(from_=self.random.choice(fits), to=f"{made.id}.{pin.name}"))
            elif choice == "v" or pin.required:
                made.values[pin.name] = self.fixed(made.type, pin)

    def fitting(self, pin: Pin, readable: list[Node]) -> list[str]:
        """Outputs that may be wired to the pin; mostly those that need no conversion."""
        fits = [
            (out.type in {pin.type, PinType.INTEGER} or pin.type is PinType.ANY, other, out)
            for other in readable
            for out in _pins(other, "outputs")
            if may_connect(out.type, pin.type)
        ]
        is_careful = self.random.random() < 0.8 and any(sure for sure, _, _ in fits)
        return [f"{other.id}.{out.name}" for sure, other, out in fits if sure or not is_careful]

    def fire(self, made: Node, targets: list[Node]) -> None:
        """Wire exec outputs to nodes further down."""
        for pin in _pins(made, "outputs"):
            if pin.type is PinType.EXEC and targets:
                for _ in range(self.random.choice([0, 1, 1, 1, 1, 1, 1, 2])):
                    target = self.random.choice(targets[:3])
                    self.wires.append(Wire(from_=f"{made.id}.{pin.name}", to=f"{target.id}.exec"))


def random_pattern(seed: int, *, impure: int, pure: int) -> PatternSpec:
    """A pattern of one or two triggers and that many other nodes."""
    graph = Drawn(Random(seed))
    triggers = [graph.add("hook", "OnWebhook")]
    if graph.random.random() < 0.3:
        triggers.append(graph.add("start", "OnStart"))
    steps = [graph.add(f"n{i}", graph.random.choice(IMPURE)) for i in range(impure)]
    for trigger in triggers:
        graph.fire(trigger, steps)
    for at, made in enumerate(steps):
        graph.fire(made, steps[at + 1 :])
    computed: list[Node] = []
    for i in range(pure):
        made = graph.add(f"v-{i}", graph.random.choice(PURE))
        graph.read_inputs(made, [*triggers, *steps, *computed, *computed, *computed])
        computed.append(made)
    for made in steps:
        graph.read_inputs(made, [*triggers, *steps, *computed, *computed])
    if triggers[0].values["responseMode"] != "ResponseNode":
        _remove(graph, "RespondToWebhook")
    return PatternSpec(nodes=tuple(graph.nodes), wires=tuple(graph.wires), variables=VARIABLES)


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
    keys = ("data", "body", "headers", "query", "method", "url")
    return {key: graph.value() for key in keys if graph.random.random() < 0.7}


def _pins(made: Node, side: str) -> tuple[Pin, ...]:
    found = definition(made.type)
    assert found is not None
    settings = {
        p.name: p.check(made.values[p.name])
        if p.check and p.name in made.values
        else made.values.get(p.name, p.default)
        for p in found.properties
    }
    pins: tuple[Pin, ...] = getattr(found.pins_of(settings), side)
    return tuple(pin for pin in pins if not pin.dynamic)


def _remove(graph: Drawn, type_: str) -> None:
    gone = {n.id for n in graph.nodes if n.type == type_}
    graph.nodes = [n for n in graph.nodes if n.id not in gone]
    graph.wires = [
        w for w in graph.wires if not {w.from_.partition(".")[0], w.to.partition(".")[0]} & gone
    ]
