"""Call Pattern: another pattern runs to its end, and gives what it returned."""

from typing import Any

from dragops.compiler.graph import GraphNode
from dragops.errors import RunFailure
from dragops.model.pin import PinType
from dragops.nodes.convert import CONVERSIONS
from support.reference.readings import named
from support.reference.walk import Walk


async def call_pattern(walk: Walk, node: GraphNode) -> None:
    pins = [pin for pin in node.inputs.values() if pin.type is not PinType.EXEC]
    read = walk.read(node)
    inputs = {pin.name: read.get(pin.name, pin.default) for pin in pins}
    takes = {pin.name: pin.type for pin in pins}
    gives = {pin.name: pin.type for pin in node.data_outputs()}
    pattern = node.settings["pattern"]
    try:
        given = await walk.ctx.call(pattern, inputs, takes, gives)
    except RunFailure as exc:
        raise named(exc, node) from None
    values = {}
    for name, type_ in gives.items():
        try:
            value = given.get(name)
            values[name] = None if value is None else CONVERSIONS[type_](value, name)
        except RunFailure as exc:
            raise walk.failed(node, "CallError", f"{pattern}: {exc.message}") from None
    walk.put(node, **values)
    await walk.fire(node, "exec")


def other_pattern(pattern: str, inputs: dict[str, Any]) -> dict[str, Any]:
    """Stand in for the patterns that random graphs call."""
    if pattern == "broken":
        raise RunFailure("CallError", "broken failed", {"type": "MathError"})
    return {"whole": dict(inputs), "number": inputs.get("n"), "text": inputs.get("any")}
