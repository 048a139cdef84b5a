"""Order Pipeline: compiled by DragOps, runtime 1."""

from dragops.nodes import http, objects, runs
from dragops.nodes.convert import to_boolean, to_object

VARIABLES = {}


async def hook(ctx, event):
    ctx.step("validate")
    order = objects.break_object(object_=to_object(event.get("body"), "object"), fields=[["item", "item", "Any"], ["quantity", "quantity", "Any"]])
    validate_valid, validate_error = await runs.call_pattern(ctx, "validate-input", {"item": order["item"], "quantity": order["quantity"]}, {"valid": "Boolean", "error": "Any"})
    ctx.step("check")
    if to_boolean(validate_valid, "condition"):
        ctx.step("process")
        order = objects.break_object(object_=to_object(event.get("body"), "object"), fields=[["item", "item", "Any"], ["quantity", "quantity", "Any"]])
        (process_total,) = await runs.call_pattern(ctx, "process-order", {"quantity": order["quantity"]}, {"total": "Float"})
        ctx.step("ok")
        order = objects.break_object(object_=to_object(event.get("body"), "object"), fields=[["item", "item", "Any"], ["quantity", "quantity", "Any"]])
        receipt = objects.make_object(fields={"item": order["item"], "total": process_total})
        http.respond_to_webhook(ctx, body=receipt)
    else:
        ctx.step("refuse")
        problem = objects.make_object(fields={"error": validate_error})
        http.respond_to_webhook(ctx, status_code=400, body=problem)


TRIGGERS = {"hook": hook}
