"""Count Words: compiled by DragOps, runtime 1."""

from dragops.nodes import string, utility, variables
from dragops.nodes.convert import to_array, to_datetime, to_integer

VARIABLES = {"count": 0, "seen": [], "last": None}
TYPES = {"count": to_integer, "seen": to_array, "last": to_datetime}


async def tick(ctx, event):
    ctx.step("both")
    ctx.step("row")
    for row_item in [["a", "b"], ["c"]]:
        await ctx.turn()
        ctx.step("word")
        for word_index, word_item in enumerate(to_array(row_item, "collection")):
            await ctx.turn()
            ctx.step("keep")
            variables.append_to_array(ctx, name="seen", item=word_item)
            ctx.step("up")
            up_new_value = variables.increment_variable(ctx, TYPES, name="count", amount=2)
            ctx.step("say")
            text = string.format_(template="{index}: {word} of {total}", placeholders={"index": word_index, "word": word_item, "total": up_new_value})
            utility.log(ctx, message=text)
    ctx.step("stamp")
    variables.set_variable(ctx, TYPES, name="last", value=event.get("scheduledAt"))
    ctx.step("done")
    seen = variables.get_variable(ctx, name="seen")
    utility.log(ctx, message=seen, level="warn")


TRIGGERS = {"tick": tick}
