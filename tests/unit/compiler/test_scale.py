"""Large patterns: they compile, their text grows as they do, and they run."""

from collections.abc import Callable
from typing import Any

import pytest

from dragops.compiler.compile import compile_pattern
from dragops.errors import PatternError
from dragops.model.pattern import PatternSpec
from support.context import RecordingContext
from support.patterns import chain, node, pattern, variable, wire, wires
from support.runs import outcome_of

START = node("start", "OnStart")
Make = Callable[[int], PatternSpec]


def line(size: int) -> PatternSpec:
    """Log after Log."""
    ids = [f"n{i}" for i in range(size)]
    return pattern("line", START, *(node(i, "Log") for i in ids), chain("start", *ids))


def diamonds(size: int) -> PatternSpec:
    """Branches whose sides meet again, one after another."""
    parts: list[Any] = [START]
    above = "start.exec"
    for i in range(size // 3):
        parts += [node(f"b{i}", "Branch", condition=True), node(f"x{i}", "Log")]
        parts += [node(f"j{i}", "Log"), wire(above, f"b{i}.exec")]
        parts.append(wires(f"b{i}.true -> x{i}.exec", f"x{i}.exec -> j{i}.exec"))
        parts.append(wire(f"b{i}.false", f"j{i}.exec"))
        above = f"j{i}.exec"
    return pattern("diamonds", *parts)


def ladder(size: int) -> PatternSpec:
    """Two rows of branches, each side leading to the other row: nothing but open joins."""
    parts: list[Any] = [START, wire("start.exec", "l0.exec")]
    for i in range(size // 2):
        parts += [node(f"l{i}", "Branch", condition=True), node(f"r{i}", "Branch", condition=True)]
        for row in "lr" if i else "":
            before = f"{row}{i - 1}"
            parts.append(wires(f"{before}.true -> l{i}.exec", f"{before}.false -> r{i}.exec"))
    return pattern("ladder", *parts)


def nested(type_: str, pin: str, **values: Any) -> Make:
    """One flow node inside the other."""

    def made(size: int) -> PatternSpec:
        inner = [wire(f"n{i}.{pin}", f"n{i + 1}.exec") for i in range(size - 1)]
        nodes = [node(f"n{i}", type_, **values) for i in range(size)]
        return pattern(type_, START, *nodes, wire("start.exec", "n0.exec"), *inner)

    return made


def computed(type_: str, pin: str, **values: Any) -> Make:
    """One computed node that reads the next."""

    def made(size: int) -> PatternSpec:
        given = {name: value for name, value in values.items() if name != pin}
        nodes = [node(f"n{i}", type_, **given) for i in range(size - 1)]
        end = node(f"n{size - 1}", type_, **values)
        reads = [wire(f"n{i + 1}.result", f"n{i}.{pin}") for i in range(size - 1)]
        log = (node("log", "Log"), wires("start.exec -> log.exec", "n0.result -> log.message"))
        return pattern(type_, START, *nodes, end, *reads, *log)

    return made


def shared(size: int) -> PatternSpec:
    """A chain of values, each of them read by a node of its own as well."""
    parts: list[Any] = [START, node("v0", "Add", a=1, b=1)]
    for i in range(1, size // 2):
        parts += [node(f"v{i}", "Add", b=1), wire(f"v{i - 1}.result", f"v{i}.a")]
        parts += [node(f"n{i}", "Log"), wire(f"v{i}.result", f"n{i}.message")]
    return pattern("shared", *parts, chain("start", *(f"n{i}" for i in range(1, size // 2))))


def triggers(size: int) -> PatternSpec:
    """Many triggers of one long flow."""
    starts = [node(f"s{i}", "OnStart") for i in range(size // 2)]
    ids = [f"n{i}" for i in range(size // 2)]
    entries = [wire(f"s{i}.exec", "n0.exec") for i in range(size // 2)]
    return pattern("triggers", *starts, *(node(i, "Log") for i in ids), chain(*ids), *entries)


def jumps(size: int) -> PatternSpec:
    """Loops in loops, each of which may be left at once or by a flow that all of them share."""
    parts: list[Any] = [START, node("end", "Break"), wire("start.exec", "n0.exec")]
    for i in range(size // 4):
        parts += [node(f"n{i}", "ForRange", end=1), node(f"b{i}", "Branch", condition=False)]
        parts += [node(f"c{i}", "Branch", condition=False), node(f"x{i}", "Break")]
        parts.append(wires(f"n{i}.body -> b{i}.exec", f"b{i}.true -> x{i}.exec"))
        parts.append(wires(f"b{i}.false -> c{i}.exec", f"c{i}.true -> end.exec"))
        parts.append(wire(f"c{i}.false", f"n{i + 1}.exec" if i + 1 < size // 4 else "end.exec"))
    return pattern("jumps", *parts)


def beside(size: int) -> PatternSpec:
    """Turns at the same time, all of which lead on to one flow whose outputs are read."""
    parts: list[Any] = [START, variable("n", "Integer"), wire("start.exec", "e0.exec")]
    for i in range(size // 2):
        parts += [node(f"e{i}", "ForEachParallel", collection=[1])]
        parts += [node(f"x{i}", "IncrementVariable", name="n"), wire(f"e{i}.body", f"x{i}.exec")]
        parts.append(wires(f"x{i}.exec -> end.exec", f"x{i}.newValue -> x{i}.amount"))
        parts.append(wire(f"e{i}.completed", f"e{i + 1}.exec" if i + 1 < size // 2 else "end.exec"))
    return pattern("beside", *parts, node("end", "Log"))


SHAPES: dict[str, Make] = {
    "line": line,
    "diamonds": diamonds,
    "ladder": ladder,
    "branches": nested("Branch", "true", condition=True),
    "loops": nested("ForEach", "body", collection=[1]),
    "batches": nested("ForEachBatch", "body", collection=[1]),
    "ranges": nested("ForRange", "body", end=1),
    "whiles": nested("While", "body", condition=False),
    "guards": nested("FilterGuard", "exec", condition=True),
    "jumps": jumps,
    "parallels": nested("Parallel", "branch1"),
    "parallels in a row": nested("Parallel", "completed"),
    "turns": nested("ForEachParallel", "body", collection=[1]),
    "turns in a row": nested("ForEachParallel", "completed", collection=[1]),
    "beside": beside,
    "retries": nested("Retry", "body"),
    "retries in a row": nested("Retry", "completed"),
    "timeouts": nested("Timeout", "body"),
    "timeouts in a row": nested("Timeout", "completed"),
    "catches": nested("TryCatch", "catch"),
    "finallies": nested("TryCatch", "finally"),
    "sums": computed("Add", "b", a=1, b=1),
    "lazy": computed("And", "b", a=True, b=True),
    "fallbacks": computed("Coalesce", "b", b=1),
    "choices": computed("Select", "ifTrue", condition=True, ifTrue=1),
    "shared values": shared,
    "triggers": triggers,
}


@pytest.mark.parametrize("make", SHAPES.values(), ids=SHAPES.keys())
def test_the_text_grows_as_the_graph_does(make: Make) -> None:
    """Twice the nodes are about twice the lines, whatever the shape."""
    small = len(compile_pattern(make(100), name="p").text.splitlines())
    large = len(compile_pattern(make(200), name="p").text.splitlines())

    assert large < 2.2 * small


@pytest.mark.parametrize(
    "name", ["line", "diamonds", "ladder", "sums", "lazy", "branches", "retries in a row"]
)
@pytest.mark.timeout(60)
def test_a_pattern_of_the_largest_size_runs(name: str) -> None:
    """Neither the compiler nor CPython's limits on nesting are in the way."""
    program = compile_pattern(SHAPES[name](4900), name="p")
    module: dict[str, Any] = {}
    exec(program.text, module)
    ctx = RecordingContext(max_steps=10_000)

    outcome = outcome_of(ctx, lambda: module["TRIGGERS"]["start"](ctx, {}))

    assert outcome.failure is None
    assert len(outcome.steps) >= (1 if name in {"sums", "lazy"} else 2400)


@pytest.mark.parametrize(
    "name",
    [
        *("loops", "batches", "ranges", "whiles", "guards", "jumps", "catches", "finallies"),
        *("retries", "timeouts", "parallels", "turns", "beside"),
        *("fallbacks", "choices", "shared values", "triggers"),
    ],
)
def test_deep_patterns_run(name: str) -> None:
    """A few hundred levels of nesting are fine, whatever it is that nests."""
    program = compile_pattern(SHAPES[name](600), name="p")
    module: dict[str, Any] = {}
    exec(program.text, module)
    ctx = RecordingContext(module["VARIABLES"])

    outcome = outcome_of(ctx, lambda: module["TRIGGERS"][_first(program)](ctx, {}))

    assert outcome.failure is None


def test_values_that_would_be_evaluated_without_end_are_refused() -> None:
    """A reading that costs more than 100,000 evaluations names the node to keep in a variable."""
    parts: list[Any] = [START, node("v0", "Add", a=1, b=1)]
    for i in range(1, 40):
        parts += [node(f"{kind}{i}", "Add", b=1) for kind in "fgh"]
        below = "v0" if i == 1 else f"f{i - 1}"
        parts.append(wires(f"{below}.result -> g{i}.a", f"{below}.result -> h{i}.a"))
        parts.append(wires(f"g{i}.result -> f{i}.a", f"h{i}.result -> f{i}.b"))
        parts += [node(f"log-{kind}{i}", "Log") for kind in "fgh"]
        parts += [wire(f"{kind}{i}.result", f"log-{kind}{i}.message") for kind in "fgh"]
    logs = [f"log-{kind}{i}" for i in range(1, 40) for kind in "fgh"]

    with pytest.raises(PatternError) as caught:
        compile_pattern(pattern("p", *parts, chain("start", *logs)), name="p")

    assert [fault.code for fault in caught.value.faults] == ["TOO_LARGE"]
    assert "keep one of them in a variable" in caught.value.faults[0].message


def _first(program: Any) -> str:
    node_id: str = program.manifest.triggers[0].node_id
    return node_id
