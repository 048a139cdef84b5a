"""Parallel: compiled by DragOps, runtime 1."""

from dragops.nodes import parallel, string, utility, variables, waits
from dragops.nodes.convert import to_boolean, to_integer, to_number

VARIABLES = {"sum": 0}
TYPES = {"sum": to_integer}


async def start(ctx, event):
    add_new_value = None
    turn = parallel.Turn()

    async def shared(turn):
        ctx.step("shared")
        turn.shared_new_value = variables.increment_variable(ctx, TYPES, name="sum")
        ctx.step("last")
        utility.log(ctx, message=turn.shared_new_value)

    async def both_branch0(turn):
        nonlocal add_new_value
        ctx.step("add")
        add_new_value = variables.increment_variable(ctx, TYPES, name="sum")

    async def both_branch2(turn):
        ctx.step("wait")
        await waits.delay(ctx, duration=0.1)
        await shared(turn)

    async def each_body(turn, item, index):
        turn.each_item = item
        turn.each_index = index
        turn.shared_new_value = None
        ctx.step("skip")
        if to_boolean(turn.each_index, "condition"):
            ctx.step("more")
            turn.more_new_value = variables.increment_variable(ctx, TYPES, name="sum", amount=to_number(add_new_value, "amount"))
            ctx.step("say")
            text = string.format_(template="{index}: {item} {more}", placeholders={"index": turn.each_index, "item": turn.each_item, "more": turn.more_new_value})
            utility.log(ctx, message=text)
            await shared(turn)
        else:
            ctx.step("next")
            return

    ctx.step("both")
    await parallel.together(lambda: both_branch0(turn), lambda: both_branch2(turn), fail_fast=False)
    ctx.step("each")
    await parallel.each(ctx, each_body, turn, [1, 2, 3], concurrency=2)


TRIGGERS = {"start": start}
