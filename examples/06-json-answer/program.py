"""JSON Answer: compiled by DragOps, runtime 1."""

from dragops.nodes import comparison, formats, http, objects, string
from dragops.nodes.convert import to_string

VARIABLES = {}


async def hook(ctx, event):
    ctx.step("pick")
    kind = objects.get_property(object_=event.get("body"), key="type")
    is_challenge = comparison.equal(a=kind.value, b="url_verification")
    if is_challenge:
        ctx.step("echo")
        challenge = objects.get_property(object_=event.get("body"), key="challenge")
        http.respond_to_webhook(ctx, body=challenge.value)
    else:
        ctx.step("reply")
        name = objects.get_property(object_=event.get("body"), key="name", default="world")
        greeting = string.format_(template="Hello, {name}!", placeholders={"name": name.value})
        length = string.string_length(value=to_string(name.value, "value"))
        answer = objects.make_object(fields={"greeting": greeting, "length": length})
        json = formats.json_stringify(object_=answer)
        http.respond_to_webhook(ctx, status_code=201, headers={"Content-Type": "application/json", "X-Answer": "42"}, body=json)


TRIGGERS = {"hook": hook}
