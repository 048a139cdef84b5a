"""Last Node: compiled by DragOps, runtime 1."""

from dragops.nodes import variables
from dragops.nodes.convert import to_integer

VARIABLES = {"count": 40}
TYPES = {"count": to_integer}


async def hook(ctx, event):
    ctx.step("up")
    up_new_value = variables.increment_variable(ctx, TYPES, name="count", amount=2)
    ctx.outputs("up", {"newValue": up_new_value})


TRIGGERS = {"hook": hook}
