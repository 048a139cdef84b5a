"""Charge an Order: compiled by DragOps, runtime 1."""

from dragops.nodes import http, math, objects, runs, string, utility, variables
from dragops.nodes.convert import to_boolean, to_integer, to_number

VARIABLES = {"tries": 0}
TYPES = {"tries": to_integer}
NO_EVENT = {}


async def hook(ctx, event):
    await hook_or_button(ctx, hook_event=event)


async def button(ctx, event):
    await hook_or_button(ctx, button_event=event)


async def hook_or_button(ctx, hook_event=NO_EVENT, button_event=NO_EVENT):
    count_new_value = None

    async def count():
        nonlocal count_new_value
        ctx.step("count")
        count_new_value = variables.increment_variable(ctx, TYPES, name="tries")
        ctx.step("log")
        items = objects.get_property(object_=hook_event.get("body"), key="items")
        share = math.divide(a=to_number(count_new_value, "a"), b=to_number(items.value, "b"))
        utility.log(ctx, message=share)
        ctx.step("reply")
        http.respond_to_webhook(ctx)

    try:
        if hook_event is not NO_EVENT:
            ctx.step("test")
            is_test = objects.get_property(object_=hook_event.get("body"), key="test")
            if to_boolean(is_test.value, "condition"):
                ctx.step("enough")
                runs.stop_run(message="a test order", status="failed")
            else:
                await count()
        if button_event is not NO_EVENT:
            await count()
    except runs.last(ctx) as exc:
        failed_error = ctx.failure(exc)
        failed_type = failed_error["type"]
        try:
            ctx.step("tell")
            text = string.format_(template="{type} after {tries} tries: {error.message}", placeholders={"type": failed_type, "tries": count_new_value, "error": failed_error})
            utility.log(ctx, message=text, level="error")
            ctx.step("sorry")
            text = string.format_(template="{type} after {tries} tries: {error.message}", placeholders={"type": failed_type, "tries": count_new_value, "error": failed_error})
            http.respond_to_webhook(ctx, status_code=502, body=text)
        except Exception as exc:
            runs.only_log(ctx, ctx.failure(exc))
        raise


TRIGGERS = {"hook": hook, "button": button}
