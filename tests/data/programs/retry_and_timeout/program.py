"""Retry and Timeout: compiled by DragOps, runtime 1."""

from dragops.nodes import comparison, loops, math, retrying, string, utility, waits
from dragops.nodes.convert import to_number

VARIABLES = {}


async def start(ctx, event):
    again_attempt = again_error = None
    ctx.step("item")
    for item_item in [1, 0]:
        await ctx.turn()
        try:
            ctx.step("again")
            again_attempt = again_error = None
            again_attempts = retrying.Attempts(ctx, max_attempts=5, delay=0.5, jitter=False, retry_on=["MathError", "TimeoutError"], held=True)
            async for again_attempt in again_attempts:
                with again_attempts:
                    ctx.step("limit")
                    async with waits.TimeLimit(seconds=20):
                        ctx.step("rest")
                        await waits.delay(ctx, duration=10, unit="milliseconds")
                        ctx.step("enough")
                        share = math.divide(a=1, b=to_number(item_item, "b"))
                        is_all = comparison.equal(a=share, b=1)
                        if is_all:
                            ctx.step("stop")
                            raise loops.BreakLoop
                again_error = again_attempts.failure
            if again_attempts.has_failed:
                ctx.step("sorry")
                text = string.format_(template="{attempt}: {error.message}", placeholders={"attempt": again_attempt, "error": again_error})
                utility.log(ctx, message=text, level="error")
        except loops.BreakLoop:
            break
    ctx.step("slow")
    async with waits.TimeLimit(seconds=0, held=True) as slow_limit:
        slow_limit.check()
    if slow_limit.has_passed:
        ctx.step("late")
        utility.log(ctx, message="late")
    ctx.step("done")
    utility.log(ctx, message="done")


TRIGGERS = {"start": start}
