"""The catalogue of nodes, bare as the product has it."""

from typing import Any

from fastapi import APIRouter

from dragops.errors import NotFound
from dragops.nodes.catalogue import all_definitions, definition, nearest
from dragops_api.documented import answers
from dragops_api.guarded import GuardedRoute

router = APIRouter(prefix="/api/nodes", tags=["Nodes"], route_class=GuardedRoute)


@router.get("", responses=answers())
async def list_nodes() -> dict[str, list[dict[str, Any]]]:
    """List every node that a pattern may use; the answer has no envelope."""
    return {"nodes": [node.as_json() for node in all_definitions()]}


@router.get("/{node_type}", responses=answers("NOT_FOUND"))
async def get_node(node_type: str) -> dict[str, Any]:
    """Read one node, by its id or an older name of it; the answer has no envelope."""
    if (found := definition(node_type)) is None:
        near = nearest(node_type)
        hint = f"did you mean {' or '.join(near)}?" if near else "see GET /api/nodes"
        raise NotFound("node", node_type, hint)
    return found.as_json()
