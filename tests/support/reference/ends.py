"""The end of a run: what On Error does with a failure that nothing has caught."""

from dragops.compiler.graph import GraphNode
from dragops.errors import RunFailure
from support.reference.walk import Walk


async def run_from(walk: Walk, trigger: GraphNode) -> None:
    """Run what a trigger fires; On Error sees its failure, which fails the run all the same."""
    try:
        await walk.fire(trigger, "exec")
    except RunFailure as exc:
        for node in walk.graph.nodes.values():
            if node.definition.type == "OnError":
                await _on_error(walk, node, exc)
        raise


async def _on_error(walk: Walk, node: GraphNode, exc: RunFailure) -> None:
    error = walk.ctx.failure(exc)
    told = {name: error[name] for name in ("message", "type", "nodeId")}
    walk.outputs.put(node.id, {"error": error, **told})
    try:
        await walk.fire(node, "exec")
    except RunFailure as again:
        walk.ctx.log("error", f"On Error failed: {again.type}: {again.message}")
