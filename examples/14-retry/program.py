"""Retry: compiled by DragOps, runtime 1."""

from dragops.nodes import http, retrying, string, utility, variables
from dragops.nodes.convert import to_string

VARIABLES = {}


async def start(ctx, event):
    again_attempt = fetch_response = None
    ctx.step("again")
    again_attempts = retrying.Attempts(ctx, delay=0.2, jitter=False, retry_on=["HttpError", "TimeoutError"])
    async for again_attempt in again_attempts:
        with again_attempts:
            ctx.step("fetch")
            url = variables.get_environment(ctx, name="FLAKY_URL")
            fetch_response, *_ = await http.http_request(ctx, url=to_string(url, "url"), fail_on_error=True)
    ctx.step("log")
    text = string.format_(template="attempt {attempt}: {answer.v}", placeholders={"attempt": again_attempt, "answer": fetch_response})
    utility.log(ctx, message=text)


TRIGGERS = {"start": start}
