"""Parallel Enrichment: compiled by DragOps, runtime 1."""

from dragops.nodes import http, http_parts, object_entries, objects, parallel, variables
from dragops.nodes.convert import to_object, to_string

VARIABLES = {}


async def hook(ctx, event):
    geo_response = rep_response = None

    async def both_branch0():
        nonlocal geo_response
        ctx.step("geo")
        geo_base = variables.get_environment(ctx, name="GEO_URL")
        params = object_entries.pick_properties(object_=to_object(event.get("body"), "object"), keys=["ip"])
        geo_url = http_parts.build_url(base_url=to_string(geo_base, "baseUrl"), path="/v1/{ip}", params=params)
        geo_response, *_ = await http.http_request(ctx, url=geo_url)

    async def both_branch1():
        nonlocal rep_response
        ctx.step("rep")
        rep_base = variables.get_environment(ctx, name="REPUTATION_URL")
        params = object_entries.pick_properties(object_=to_object(event.get("body"), "object"), keys=["ip"])
        rep_url = http_parts.build_url(base_url=to_string(rep_base, "baseUrl"), path="/ip/{ip}", params=params)
        rep_response, *_ = await http.http_request(ctx, url=rep_url)

    ctx.step("both")
    await parallel.together(both_branch0, both_branch1)
    ctx.step("reply")
    merged = objects.merge(a=to_object(geo_response, "a"), b=to_object(rep_response, "b"))
    http.respond_to_webhook(ctx, body=merged)


TRIGGERS = {"hook": hook}
