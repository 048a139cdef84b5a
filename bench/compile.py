"""What compiling costs, in CPU time: patterns of many shapes at once, of three sizes."""

import time
from collections.abc import Callable, Iterator
from statistics import median
from typing import Any

from bench.case import CELL, Options, Table, case
from dragops.compiler.check import check
from dragops.compiler.compile import compile_pattern
from dragops.model.pattern import PatternSpec
from support.patterns import node, pattern, variable, wires

_SIZES = {1_000: "< 200", 2_000: "", 5_000: "< 1,500"}
_BLOCK = 10


@case("compile")
def compile_(options: Options) -> Table:
    """Measure check and compile of 1,000, 2,000 and 5,000 nodes."""
    rows: list[list[CELL]] = []
    for size, bar in _SIZES.items():
        spec = mixed(size)
        seconds = [
            _cpu(lambda spec=spec: check(spec), options.repeat),
            _cpu(lambda spec=spec: compile_pattern(spec, name="mixed"), options.repeat),
        ]
        text = compile_pattern(spec, name="mixed").text
        rows.append([size, *(each * 1000 for each in seconds), bar, len(text) // 1024])
    head = ("nodes", "check ms", "compile ms (check is in it)", "bar", "program KiB")
    note = "The bar for a check of 1,000 nodes is 100 ms."
    return Table("Check and compile, CPU time", head, rows, [note])


def mixed(size: int) -> PatternSpec:
    """Make a flow of blocks of ten nodes: loops, branches that join, handlers, shared values."""
    parts: list[Any] = [node("start", "OnStart"), variable("n", "Integer", 0)]
    before = "start.exec"
    for number in range((size - 1) // _BLOCK):
        nodes, flow, before = _block(number, before)
        parts += [*nodes, wires(*flow)]
    left = size - 1 - (size - 1) // _BLOCK * _BLOCK
    parts += [node(f"sum{n}", "Add", a=1, b=n) for n in range(left)]
    return pattern("mixed", *parts)


def _block(n: int, before: str) -> tuple[Iterator[Any], tuple[str, ...], str]:
    made = (
        node(f"get{n}", "GetProperty", key="a.b"),
        node(f"each{n}", "ForEach"),
        node(f"big{n}", "GreaterThan", b=n),
        node(f"if{n}", "Branch"),
        node(f"up{n}", "IncrementVariable", name="n"),
        node(f"text{n}", "Format", template="{a} of {b}"),
        node(f"say{n}", "Log"),
        node(f"try{n}", "TryCatch"),
        node(f"again{n}", "Retry"),
        node(f"log{n}-end", "Log", message="end"),
    )
    flow = (
        f"{before} -> try{n}.exec",
        f"try{n}.try -> each{n}.exec",
        f"try{n}.catch -> again{n}.exec",
        f"start.data -> get{n}.object",
        f"get{n}.value -> each{n}.collection",
        f"each{n}.body -> if{n}.exec",
        f"each{n}.index -> big{n}.a",
        f"big{n}.result -> if{n}.condition",
        f"if{n}.true -> up{n}.exec",
        f"up{n}.exec -> say{n}.exec",
        f"if{n}.false -> say{n}.exec",
        f"each{n}.item -> text{n}.a",
        f"up{n}.newValue -> text{n}.b",
        f"text{n}.result -> say{n}.message",
        f"again{n}.body -> log{n}-end.exec",
    )
    return iter(made), flow, f"each{n}.completed"


def _cpu(work: Callable[[], object], repeat: int) -> float:
    def once() -> float:
        began = time.process_time()
        work()
        return time.process_time() - began

    return median(once() for _ in range(max(repeat, 3)))
