"""Pagination: compiled by DragOps, runtime 1."""

from dragops.nodes import arrays, comparison, http, http_parts, logical, loops, objects, string, utility, variables
from dragops.nodes.convert import to_array, to_boolean, to_object, to_string

VARIABLES = {"cursor": "", "more": True, "items": []}
TYPES = {"cursor": to_string, "more": to_boolean, "items": to_array}


async def start(ctx, event):
    ctx.step("loop")
    loop_turns = loops.turns(100)
    while True:
        more = variables.get_variable(ctx, name="more")
        if not to_boolean(more, "condition"):
            break
        next(loop_turns)
        await ctx.turn()
        ctx.step("page")
        url = variables.get_environment(ctx, name="ITEMS_URL")
        token = variables.get_secret(ctx, name="API_TOKEN")
        headers = http_parts.build_headers(accept="application/json", bearer_token=token)
        cursor = variables.get_variable(ctx, name="cursor")
        query = objects.make_object(fields={"cursor": cursor, "limit": 2})
        page_response, *_ = await http.http_request(ctx, url=to_string(url, "url"), headers=headers, query=query, fail_on_error=True)
        ctx.step("keep")
        items = variables.get_variable(ctx, name="items")
        data = objects.break_object(object_=to_object(page_response, "object"), fields=[["items", "items", "Array"], ["next", "next", "Any"]])
        all_ = arrays.concat_arrays(a=to_array(items, "a"), b=to_array(data["items"], "b"))
        variables.set_variable(ctx, TYPES, name="items", value=all_)
        ctx.step("setCursor")
        data = objects.break_object(object_=to_object(page_response, "object"), fields=[["items", "items", "Array"], ["next", "next", "Any"]])
        variables.set_variable(ctx, TYPES, name="cursor", value=data["next"])
        ctx.step("setMore")
        data = objects.break_object(object_=to_object(page_response, "object"), fields=[["items", "items", "Array"], ["next", "next", "Any"]])
        is_last = comparison.is_null(value=data["next"])
        go_on = logical.not_(value=is_last)
        variables.set_variable(ctx, TYPES, name="more", value=go_on)
    ctx.step("log")
    items = variables.get_variable(ctx, name="items")
    count = arrays.array_length(array=to_array(items, "array"))
    text = string.format_(template="{count} items", placeholders={"count": count})
    utility.log(ctx, message=text)


TRIGGERS = {"start": start}
