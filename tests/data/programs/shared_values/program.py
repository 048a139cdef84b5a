"""Shared Values: compiled by DragOps, runtime 1."""

from dragops.nodes import comparison, math, objects, utility
from dragops.nodes.convert import to_number

VARIABLES = {}


async def start(ctx, event):
    def get_total():
        price = objects.get_property(object_=event.get("data"), key="price")
        return math.multiply(a=to_number(price.value, "a"), b=1.19)

    async def bill():
        ctx.step("bill")
        total = get_total()
        utility.log(ctx, message=total)

    ctx.step("size")
    total = get_total()
    is_big = comparison.greater_than(a=total, b=100)
    if is_big:
        ctx.step("big")
        total = get_total()
        utility.log(ctx, message=total)
        await bill()
    else:
        ctx.step("free")
        total = get_total()
        is_free = comparison.equal(a=total, b=0)
        if not is_free:
            await bill()


TRIGGERS = {"start": start}
