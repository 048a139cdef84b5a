"""Greet a Region: compiled by DragOps, runtime 1."""

from dragops.nodes import string, utility, variables

VARIABLES = {}


async def start(ctx, event):
    ctx.step("log")
    region = variables.get_environment(ctx, name="REGION", default="nowhere")
    token = variables.get_secret(ctx, name="API_TOKEN")
    sentence = string.format_(template="Hello {region}, authorized by {token}", placeholders={"region": region, "token": token})
    utility.log(ctx, message=sentence)


TRIGGERS = {"start": start}
