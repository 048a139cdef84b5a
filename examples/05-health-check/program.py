"""Health Check: compiled by DragOps, runtime 1."""

from dragops.nodes import comparison, formats, http, objects, runs, string, utility, variables
from dragops.nodes.convert import to_string

VARIABLES = {}


async def tick(ctx, event):
    try:
        ctx.step("get")
        url = variables.get_environment(ctx, name="HEALTH_URL")
        _, get_status, _, _, get_status_code, *_ = await http.http_request(ctx, url=to_string(url, "url"), timeout=10)
        ctx.step("up")
        is200 = comparison.equal(a=get_status, b=200)
        if is200:
            ctx.step("logUp")
            utility.log(ctx, message="healthy")
        else:
            ctx.step("logDown")
            text = string.format_(template="unhealthy: status {status}", placeholders={"status": get_status_code})
            utility.log(ctx, message=text, level="error")
            ctx.step("notify")
            slack_url = variables.get_secret(ctx, name="SLACK_URL")
            text = string.format_(template="unhealthy: status {status}", placeholders={"status": get_status_code})
            payload = objects.set_property(key="text", value=text)
            json = formats.json_stringify(object_=payload)
            await http.http_request(ctx, url=slack_url, method="POST", headers={"Content-Type": "application/json"}, body=json)
    except runs.last(ctx) as exc:
        failed_error = ctx.failure(exc)
        failed_type = failed_error["type"]
        try:
            ctx.step("logFailed")
            utility.log(ctx, message=failed_type, level="error")
        except Exception as exc:
            runs.only_log(ctx, ctx.failure(exc))
        raise


TRIGGERS = {"tick": tick}
