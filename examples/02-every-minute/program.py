"""Every Minute: compiled by DragOps, runtime 1."""

from dragops.nodes import utility, variables
from dragops.nodes.convert import to_integer

VARIABLES = {"count": 0}
TYPES = {"count": to_integer}


async def tick(ctx, event):
    ctx.step("each")
    for each_item in ["one", "two", "three"]:
        await ctx.turn()
        ctx.step("count_up")
        variables.increment_variable(ctx, TYPES, name="count")
        ctx.step("say")
        utility.log(ctx, message=each_item)
    ctx.step("done")
    how_many = variables.get_variable(ctx, name="count")
    utility.log(ctx, message=how_many)


TRIGGERS = {"tick": tick}
