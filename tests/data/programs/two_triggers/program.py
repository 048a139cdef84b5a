"""Two Triggers: compiled by DragOps, runtime 1."""

from dragops.nodes import utility

VARIABLES = {}
NO_EVENT = {}


async def hook(ctx, event):
    await hook_or_button(ctx, hook_event=event)


async def button(ctx, event):
    await hook_or_button(ctx, button_event=event)


async def hook_or_button(ctx, hook_event=NO_EVENT, button_event=NO_EVENT):
    if button_event is not NO_EVENT:
        ctx.step("note")
        utility.log(ctx, message="by hand")
    ctx.step("say")
    body = hook_event.get("body")
    if body is None:
        body = button_event.get("data")
    utility.log(ctx, message=body)


async def alone(ctx, event):
    ctx.step("other")
    utility.log(ctx, message="other")


TRIGGERS = {"hook": hook, "button": button, "alone": alone}
