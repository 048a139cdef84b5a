"""Accumulate: compiled by DragOps, runtime 1."""

from dragops.nodes import comparison, flow, http, math, objects, runs, utility, variables
from dragops.nodes.convert import to_array, to_number, to_object

VARIABLES = {"names": [], "total": 0}
TYPES = {"names": to_array, "total": to_number}


async def hook(ctx, event):
    try:
        ctx.step("check")
        items = objects.get_property(object_=event.get("body"), key="items")
        none = utility.is_empty_(value=items.value)
        if none:
            ctx.step("throw")
            flow.throw_error(message="no items")
        else:
            ctx.step("each")
            items = objects.get_property(object_=event.get("body"), key="items")
            for each_item in to_array(items.value, "collection"):
                await ctx.turn()
                ctx.step("guard")
                line = objects.break_object(object_=to_object(each_item, "object"), fields=[["name", "name", "Any"], ["price", "price", "Float"], ["quantity", "quantity", "Integer"]])
                wanted = comparison.greater_than(a=to_number(line["quantity"], "a"), b=0)
                if wanted:
                    ctx.step("add")
                    line = objects.break_object(object_=to_object(each_item, "object"), fields=[["name", "name", "Any"], ["price", "price", "Float"], ["quantity", "quantity", "Integer"]])
                    variables.append_to_array(ctx, name="names", item=line["name"])
                    ctx.step("sum")
                    line = objects.break_object(object_=to_object(each_item, "object"), fields=[["name", "name", "Any"], ["price", "price", "Float"], ["quantity", "quantity", "Integer"]])
                    amount = math.multiply(a=to_number(line["price"], "a"), b=to_number(line["quantity"], "b"))
                    variables.increment_variable(ctx, TYPES, name="total", amount=amount)
            ctx.step("reply")
            names = variables.get_variable(ctx, name="names")
            total = variables.get_variable(ctx, name="total")
            answer = objects.make_object(fields={"names": names, "total": total})
            http.respond_to_webhook(ctx, body=answer)
    except runs.last(ctx) as exc:
        failed_error = ctx.failure(exc)
        failed_message = failed_error["message"]
        try:
            ctx.step("refuse")
            problem = objects.make_object(fields={"error": failed_message})
            http.respond_to_webhook(ctx, status_code=422, body=problem)
        except Exception as exc:
            runs.only_log(ctx, ctx.failure(exc))
        raise


TRIGGERS = {"hook": hook}
