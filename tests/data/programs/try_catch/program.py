"""Try, Catch, Finally: compiled by DragOps, runtime 1."""

from dragops.nodes import flow, math, objects, string, utility
from dragops.nodes.convert import to_number

VARIABLES = {}


async def start(ctx, event):
    ctx.step("guard")
    guard_ending = flow.Ending(ctx)
    try:
        ctx.step("tell")
        amount = objects.get_property(object_=event.get("data"), key="amount", must_exist=True)
        share = math.divide(a=to_number(amount.value, "a"), b=0)
        utility.log(ctx, message=share)
    except Exception as exc:
        guard_error = ctx.failure(exc)
        ctx.step("failed")
        text = string.format_(template="{error.type} at {error.nodeId}", placeholders={"error": guard_error})
        utility.log(ctx, message=text, level="error")
    finally:
        with guard_ending:
            ctx.step("again")
            again_ending = flow.Ending(ctx)
            try:
                ctx.step("throw")
                flow.throw_error(message="not now", data={"code": 7})
            except Exception as exc:
                flow.drop(ctx, ctx.failure(exc))
            finally:
                with again_ending:
                    ctx.step("end")
                    utility.log(ctx, message="done")


TRIGGERS = {"start": start}
