"""GitHub Handler: compiled by DragOps, runtime 1."""

from dragops.nodes import flow, http, objects, string, utility

VARIABLES = {}


async def hook(ctx, event):
    ctx.step("route")
    kind = objects.get_property(object_=event.get("headers"), key="x-github-event")
    match flow.text_of(kind.value):
        case "push":
            ctx.step("logPush")
            push_text = string.format_(template="Push to {body.repository.full_name}: {body.head_commit.message}", placeholders={"body": event.get("body")})
            utility.log(ctx, message=push_text)
        case _:
            ctx.step("logOther")
            kind = objects.get_property(object_=event.get("headers"), key="x-github-event")
            other_text = string.format_(template="Got {event} {body.action}", placeholders={"event": kind.value, "body": event.get("body")})
            utility.log(ctx, message=other_text, level="debug")
    ctx.step("reply")
    http.respond_to_webhook(ctx, body="ok")


TRIGGERS = {"hook": hook}
