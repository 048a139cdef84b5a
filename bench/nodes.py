"""What a node costs in a run: compiled programs in the engine's own runner, in CPU time.

Each figure is the difference between two programs that differ in those nodes only, less what the
nodes' functions take when Python calls them directly.
"""

import asyncio
import time
from collections.abc import Callable
from statistics import median
from types import SimpleNamespace
from typing import Any

from bench.case import Options, Table, case
from dragops.compiler.compile import compile_pattern
from dragops.engine.alone import Prepared, Wish, run_alone
from dragops.history.timeline import STEPS_MAX
from dragops.model.program import Program
from dragops.nodes import math, variables
from dragops.nodes.convert import to_integer
from support.patterns import chain, node, pattern, variable, wire, wires

_TURNS, _NODES, _ITEMS = 20_000, 10, 100_000
_PARTS = (node("start", "OnStart"), variable("n", "Integer", 0))


@case("nodes")
def nodes(options: Options) -> Table:
    """Measure the overhead of a pure and of an impure node, and a loop over 100,000 items."""
    count = _TURNS * _NODES
    empty, adding, setting = (
        run_cpu(loop_program(each), options.repeat) for each in ((0, 0), (1, 0), (0, 1))
    )
    one = run_cpu(loop_program((0, 0), most=1), options.repeat)
    rows = [
        ["a pure node (Add), us", _us(adding - empty, count, _adds), "< 1"],
        ["an impure node (Set Variable), us", _us(setting - empty, count, _sets), "< 4"],
    ]
    each = run_cpu(each_program(_ITEMS), options.repeat) - one
    hand = _by_hand(_ITEMS, _increments)
    rows += [
        ["For Each over 100,000 items with one Increment Variable, ms", each * 1000, "< 150"],
        ["the same functions in a loop by hand, ms", hand * 1000, ""],
        ["times the loop by hand", each / hand, "<= 3"],
    ]
    note = f"Nodes after the first {STEPS_MAX} steps, whose times are kept for the timeline."
    return Table("Overhead of nodes, CPU time", ("what", "measured", "bar"), rows, [note])


def _us(whole: float, count: int, function: Callable[[int], None]) -> float:
    return (whole - _by_hand(count, function)) / count * 1e6


def loop_program(nodes_: tuple[int, int], *, most: int = _TURNS) -> Program:
    """Make a loop whose one node reads many pure nodes, or that has many impure ones."""
    pure, impure = (flag * _NODES for flag in nodes_)
    sums = [node(f"add{n}", "Add", b=1, **({"a": 1} if n == 0 else {})) for n in range(pure)]
    reads = [wire(f"add{n}.result", f"add{n + 1}.a") for n in range(pure - 1)]
    last = (wire(f"add{pure - 1}.result", "set.value"),) if pure else ()
    ids = ["set", *(f"set{n}" for n in range(impure))]
    sets = [node(id_, "SetVariable", name="n", value=1) for id_ in ids]
    spec = pattern(
        "loop",
        *(*_PARTS, node("loop", "ForRange", end=most), *sums, *sets, *reads, last, chain(*ids)),
        wires("start.exec -> loop.exec", "loop.body -> set.exec"),
    )
    return compile_pattern(spec, name="loop")


def each_program(count: int) -> Program:
    """Make a loop over many items with one Increment Variable."""
    spec = pattern(
        "each",
        *(*_PARTS, node("range", "Range", end=count), node("each", "ForEach")),
        node("up", "IncrementVariable", name="n"),
        wires("start.exec -> each.exec", "range.result -> each.collection", "each.body -> up.exec"),
    )
    return compile_pattern(spec, name="each")


def run_cpu(program: Program, repeat: int) -> float:
    """Give the CPU seconds of a whole run, with its loading and its record."""

    def once() -> float:
        began = time.process_time()
        ended = asyncio.run(run_alone(Wish(Prepared(program)), lambda _entry: None))
        took = time.process_time() - began
        assert ended.outcome.status == "completed", ended.outcome  # noqa: S101  # a bench of what works
        return took

    return median(once() for _ in range(max(repeat, 3)))


def _by_hand(count: int, function: Callable[[int], None]) -> float:
    began = time.process_time()
    function(count)
    return time.process_time() - began


_CTX: Any = SimpleNamespace(variables={"n": 0})
_TYPES = {"n": to_integer}


def _adds(count: int) -> None:
    for _ in range(count):
        math.add(a=1, b=1)


def _sets(count: int) -> None:
    for _ in range(count):
        variables.set_variable(_CTX, _TYPES, name="n", value=1)


def _increments(count: int) -> None:
    for _ in range(count):
        variables.increment_variable(_CTX, _TYPES, name="n")
