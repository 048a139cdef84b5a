"""Process Order: compiled by DragOps, runtime 1."""

from dragops.nodes import math, runs
from dragops.nodes.convert import to_number

VARIABLES = {}


async def call(ctx, event):
    ctx.step("done")
    times = math.multiply(a=to_number(event.get("quantity"), "a"), b=9.5)
    runs.respond_with(ctx, outputs={"total": times})


TRIGGERS = {"call": call}
