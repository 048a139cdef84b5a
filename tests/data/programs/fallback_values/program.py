"""Fallback Values: compiled by DragOps, runtime 1."""

from dragops.nodes import comparison, http, logical, objects, string, variables
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
        from_body = objects.get_property(object_=event.get("body"), key="user.name", default="Unknown")
        name = from_body.value
    wanted = who.found
    if wanted:
        no_name = comparison.is_null(value=who.value)
        known = logical.not_(value=no_name)
        wanted = known
    is_short = "short" if wanted else "long"
    text = string.format_(template="{word}, {name}! ({length})", placeholders={"word": word, "name": name, "length": is_short})
    http.respond_to_webhook(ctx, body=text)


TRIGGERS = {"hook": hook}
