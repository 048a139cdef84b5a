"""Validate Input: compiled by DragOps, runtime 1."""

from dragops.nodes import comparison, logical, runs, utility
from dragops.nodes.convert import to_number

VARIABLES = {}


async def call(ctx, event):
    ctx.step("check")
    no_item = utility.is_empty_(value=event.get("item"))
    has_item = logical.not_(value=no_item)
    both = has_item
    if both:
        enough = comparison.greater_than(a=to_number(event.get("quantity"), "a"), b=0)
        both = enough
    if both:
        ctx.step("good")
        runs.respond_with(ctx, outputs={"valid": True, "error": None})
    else:
        ctx.step("bad")
        runs.respond_with(ctx, outputs={"valid": False, "error": "item or quantity missing"})


TRIGGERS = {"call": call}
