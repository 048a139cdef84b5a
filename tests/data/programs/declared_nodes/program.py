"""Declared nodes: compiled by DragOps, runtime 1."""

from dragops.nodes import declared, objects, utility
from dragops.nodes.convert import to_boolean, to_string

VARIABLES = {}
FIND_USER = {
    "method": "GET",
    "url": "{environment.USERS_URL}/users",
    "query": {"fields": ["id", "name"], "limit": 1, "name": "{name}"},
    "basicAuth": {"password": "{secrets.USERS_PASSWORD}", "username": "dragops"},
    "timeout": 30,
    "failOnError": False,
    "outputs": {"id": "Integer", "ok": "Boolean"},
    "response": {"id": "[0].id"},
}
CREATE_USER = {
    "method": "PUT",
    "url": "{environment.USERS_URL}/users/{name}",
    "headers": {"X-Odd": 'a "quote", a {{brace}}'},
    "body": {"note": "{note}", "role": "{role}", "text": '"""\nimport os\n'},
    "members": {"role": ["admin", "guest"]},
    "timeout": 2.5,
    "failOnError": False,
    "outputs": {},
}


async def hook(ctx, event):
    again_id = None
    ctx.step("find")
    who = objects.get_property(object_=event.get("body"), key="user")
    _, find_ok = await declared.call(ctx, FIND_USER, {"name": to_string(who.value, "name")}, timeout=5)
    ctx.step("isThere")
    if to_boolean(find_ok, "condition"):
        ctx.step("again")
        again_id, _ = await declared.call(ctx, FIND_USER, {"name": '"\'\\\n'})
    else:
        ctx.step("create")
        who = objects.get_property(object_=event.get("body"), key="user")
        await declared.call(ctx, CREATE_USER, {"name": to_string(who.value, "name"), "role": "admin"}, fail_on_error=True)
    ctx.step("log")
    utility.log(ctx, message=again_id)


TRIGGERS = {"hook": hook}
