"""Webhook Logger: compiled by DragOps, runtime 1."""

from dragops.nodes import objects, string, utility

VARIABLES = {}


async def hook(ctx, event):
    ctx.step("log")
    who = objects.get_property(object_=event.get("body"), key="pusher.name")
    where = objects.get_property(object_=event.get("body"), key="repository.full_name")
    sentence = string.format_(template="{who} pushed to {where}", placeholders={"who": who.value, "where": where.value})
    utility.log(ctx, message=sentence)


TRIGGERS = {"hook": hook}
