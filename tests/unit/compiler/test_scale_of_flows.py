"""Each flow node by the hundred and by the thousand, in every way that flows can meet."""

import pytest

from dragops.compiler.compile import compile_pattern
from support.flow_shapes import SHAPES, flow_types


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("type_", flow_types())
def test_joins_copy_no_code(type_: str, shape: str) -> None:
    """Twice the nodes are about twice the text, wherever the flows of a node meet again."""
    small = len(compile_pattern(SHAPES[shape](type_, 120), name="p").text)
    large = len(compile_pattern(SHAPES[shape](type_, 240), name="p").text)

    assert large < 2.2 * small


@pytest.mark.parametrize(
    ("type_", "shape"),
    [
        *(("Log", "nest"), ("Log", "fan"), ("Sequence", "nest"), ("TryCatch", "comb")),
        *(("ForEach", "chain"), ("Branch", "ladder")),
    ],
)
@pytest.mark.timeout(60)
def test_thousands_of_nodes_are_written_without_recursion(type_: str, shape: str) -> None:
    """Rows, combs and ladders of nearly 5,000 nodes compile, with blocks around each or without."""
    size = 2_450 if shape == "fan" else 4_900
    text = compile_pattern(SHAPES[shape](type_, size), name="p").text

    assert text.count("ctx.step(") >= size - 1  # a ladder has one foot
