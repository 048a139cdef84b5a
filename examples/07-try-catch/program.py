"""Try and Catch: compiled by DragOps, runtime 1."""

from dragops.nodes import flow, http, string, utility, variables
from dragops.nodes.convert import to_string

VARIABLES = {}


async def start(ctx, event):
    ctx.step("guard")
    guard_ending = flow.Ending(ctx)
    try:
        ctx.step("fetch")
        url = variables.get_environment(ctx, name="DATA_URL")
        await http.http_request(ctx, url=to_string(url, "url"), fail_on_error=True)
        ctx.step("logOk")
        utility.log(ctx, message="fetched")
    except Exception as exc:
        guard_error = ctx.failure(exc)
        ctx.step("logError")
        text = string.format_(template="{error.type} {error.data.status}", placeholders={"error": guard_error})
        utility.log(ctx, message=text, level="error")
    finally:
        with guard_ending:
            ctx.step("logEnd")
            utility.log(ctx, message="done")


TRIGGERS = {"start": start}
