"""New Shape: compiled by DragOps, runtime 1."""

from dragops.nodes import http, object_entries, objects
from dragops.nodes.convert import to_integer, to_object, to_string

VARIABLES = {}


async def hook(ctx, event):
    ctx.step("reply")
    bare = object_entries.omit_properties(object_=to_object(event.get("body"), "object"), keys=["customer", "tags"])
    parts = objects.break_object(object_=to_object(event.get("body"), "object"), fields=[["id", "id", "Any"], ["email", "customer.email", "String"], ["zone", 'tags["x/zone"]', "Any"]])
    made = objects.make_object(fields={"orderId": to_integer(parts["id"], "orderId"), "Contact-Email": to_string(parts["email"], "contact"), "source": "shop", "note": "via webhook"})
    both = objects.merge(a=bare, b=made, deep=True, arrays="concat")
    http.respond_to_webhook(ctx, body=both)


TRIGGERS = {"hook": hook}
