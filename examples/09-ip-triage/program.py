"""IP Triage: compiled by DragOps, runtime 1."""

from dragops.nodes import addresses, comparison, http, objects, runs
from dragops.nodes.convert import to_number, to_object, to_string

VARIABLES = {}


async def hook(ctx, event):
    try:
        ctx.step("reply")
        event_2 = objects.break_object(object_=to_object(event.get("body"), "object"), fields=[["ip", "ip", "Any"], ["hits", "hits", "Integer"]])
        listed = addresses.ip_in_cidr(ip=to_string(event_2["ip"], "ip"), ranges=["203.0.113.0/24", "198.51.100.7"])
        both = listed.result
        if both:
            many = comparison.greater_than(a=to_number(event_2["hits"], "a"), b=5)
            both = many
        verdict = "block" if both else "allow"
        answer = objects.make_object(fields={"ip": event_2["ip"], "verdict": verdict, "range": listed.match})
        http.respond_to_webhook(ctx, body=answer)
    except runs.last(ctx) as exc:
        try:
            ctx.step("refuse")
            http.respond_to_webhook(ctx, status_code=400, body={"error": "bad address"})
        except Exception as exc:
            runs.only_log(ctx, ctx.failure(exc))
        raise


TRIGGERS = {"hook": hook}
