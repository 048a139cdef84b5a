"""Jumps: compiled by DragOps, runtime 1."""

from dragops.nodes import comparison, flow, loops, utility

VARIABLES = {}


async def start(ctx, event):
    async def shared():
        ctx.step("shared")
        utility.log(ctx, message="enough")
        ctx.step("enough")
        raise loops.BreakLoop

    ctx.step("row")
    for row_item in [1, 2, 3]:
        await ctx.turn()
        try:
            ctx.step("isOne")
            one = comparison.equal(a=row_item, b=1)
            if one:
                ctx.step("next")
                continue
            else:
                ctx.step("guard")
                guard_ending = flow.Ending(ctx)
                try:
                    ctx.step("cell")
                    for cell_item in ["a", "b"]:
                        await ctx.turn()
                        try:
                            ctx.step("which")
                            match flow.text_of(cell_item):
                                case "a":
                                    ctx.step("note")
                                    utility.log(ctx, message="a")
                                    await shared()
                                case "b":
                                    await shared()
                                case _:
                                    ctx.step("say")
                                    utility.log(ctx, message="neither")
                        except loops.BreakLoop:
                            break
                except Exception as exc:
                    flow.drop(ctx, ctx.failure(exc))
                finally:
                    with guard_ending:
                        ctx.step("done")
                        utility.log(ctx, message="done")
                        ctx.step("stop")
                        raise loops.BreakLoop
        except loops.BreakLoop:
            break


TRIGGERS = {"start": start}
