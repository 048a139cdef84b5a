"""Tell the Team: compiled by DragOps, runtime 1."""

from dragops.nodes import declared, objects, utility
from dragops.nodes.convert import to_boolean, to_string

VARIABLES = {}
CHAT_POST_MESSAGE = {
    "method": "POST",
    "url": "{baseUrl}/api/chat.postMessage",
    "headers": {"Accept": "application/json", "Authorization": "Bearer {secrets.CHAT_TOKEN}"},
    "body": {"channel": "{channel}", "text": "{text}", "thread_ts": "{thread}"},
    "timeout": 10,
    "failOnError": False,
    "outputs": {"posted": "Boolean", "id": "String", "problem": "String", "status": "Integer"},
    "response": {"id": "/ts", "posted": "/ok", "problem": "/error"},
}


async def hook(ctx, event):
    ctx.step("post")
    text = objects.get_property(object_=event.get("body"), key="text")
    post_posted, _, post_problem, _ = await declared.call(ctx, CHAT_POST_MESSAGE, {"channel": "#alerts", "text": to_string(text.value, "text"), "baseUrl": "https://slack.com"})
    ctx.step("posted")
    if not to_boolean(post_posted, "condition"):
        ctx.step("log")
        utility.log(ctx, message=post_problem, level="warn")


TRIGGERS = {"hook": hook}
