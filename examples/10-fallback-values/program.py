"""Fallback Values: compiled by DragOps, runtime 1."""

from dragops.nodes import comparison, http, objects, string, variables
from dragops.nodes.convert import to_string

VARIABLES = {"word": "Hello"}
TYPES = {"word": to_string}


async def hook(ctx, event):
    ctx.step("pick")
    lang = objects.get_property(object_=event.get("query"), key="lang")
    is_german = comparison.equal(a=lang.value, b="de")
    if is_german:
        ctx.step("set")
        variables.set_variable(ctx, TYPES, name="word", value="Hallo")
    ctx.step("reply")
    word = variables.get_variable(ctx, name="word")
    who = objects.get_property(object_=event.get("query"), key="name")
    name = who.value
    if name is None:
        name = "Unknown"
    text = string.format_(template="{word}, {name}! ({method})", placeholders={"word": word, "name": name, "method": event.get("method")})
    http.respond_to_webhook(ctx, body=text)


TRIGGERS = {"hook": hook}
