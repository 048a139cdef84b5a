"""Loops: compiled by DragOps, runtime 1."""

from dragops.nodes import comparison, loops, string, utility, variables
from dragops.nodes.convert import to_integer, to_number

VARIABLES = {"left": 3}
TYPES = {"left": to_integer}


async def start(ctx, event):
    ctx.step("page")
    for page_index in range(1, 4):
        await ctx.turn()
        ctx.step("down")
        for down_index in loops.numbers(start=to_integer(page_index, "start"), end=0, step=-2, inclusive=True):
            await ctx.turn()
            ctx.step("piece")
            for piece_index, piece_batch in enumerate(loops.batches(collection=["a", "b", "c"], size=2)):
                await ctx.turn()
                ctx.step("say")
                text = string.format_(template="{page} {down} {piece} {number}", placeholders={"page": page_index, "down": down_index, "piece": piece_batch, "number": piece_index})
                utility.log(ctx, message=text)
    ctx.step("until")
    until_turns = loops.turns(100)
    while True:
        left = variables.get_variable(ctx, name="left")
        more = comparison.greater_than(a=to_number(left, "a"), b=0)
        if not more:
            break
        until_index = next(until_turns)
        await ctx.turn()
        ctx.step("less")
        variables.increment_variable(ctx, TYPES, name="left", amount=-1)
        ctx.step("guard")
        big = comparison.greater_than(a=to_number(until_index, "a"), b=2)
        if big:
            ctx.step("tell")
            utility.log(ctx, message=until_index)


TRIGGERS = {"start": start}
