"""Faults of nodes that need another node of the pattern, or may not have one of their own kind."""

from collections.abc import Iterator

from dragops.compiler.graph import ON_ERROR, Graph, GraphNode
from dragops.compiler.order import reached
from dragops.errors import Fault


def answer_faults(graph: Graph) -> Iterator[Fault]:
    """Give what is wrong between the nodes of events and of answers."""
    yield from _second_ones(graph)
    if next(graph.of_type("OnPatternCall"), None) is None and "OnPatternCall" not in graph.meant:
        for node in graph.of_type("RespondWith"):
            message = f"{node} has no one to answer: add an On Pattern Call node, whose outputs it"
            yield Fault(node.id, "RESPOND_WITHOUT_MODE", f"{message} sets")
    yield from _unheard(graph)


def _unheard(graph: Graph) -> Iterator[Fault]:
    """Give a fault for each answer that no webhook waits for, whichever leads to it."""
    if "OnWebhook" in graph.meant:
        return  # what stands for it may wait
    webhooks = list(graph.of_type("OnWebhook"))
    waiting = [node.id for node in webhooks if _waits(node)]
    heard, led_to = _flow_of(graph, waiting), _flow_of(graph, [node.id for node in webhooks])
    for node in graph.of_type("RespondToWebhook"):
        if not waiting or node.id in led_to - heard:
            which = "the On Webhook that leads to it" if waiting else "an On Webhook"
            message = f"{node} has no one to answer: set responseMode of {which} to ResponseNode"
            yield Fault(node.id, "RESPOND_WITHOUT_MODE", message)


def _waits(node: GraphNode) -> bool:
    return node.settings["responseMode"] == "ResponseNode" or "responseMode" in node.meant


def _flow_of(graph: Graph, starts: list[str]) -> set[str]:
    """Give all that some triggers lead to, by way of their failures too."""
    handler = graph.on_error()
    begun = [*starts, *([handler.id] if handler and starts else [])]
    return reached(begun, lambda node: graph.nodes[node].fired())


def _second_ones(graph: Graph) -> Iterator[Fault]:
    for type_ in (ON_ERROR, "OnPatternCall"):
        found = list(graph.of_type(type_))
        for node in found[1:]:
            message = f"{node}: the pattern has {found[0]} already: remove one of them"
            yield Fault(node.id, "BAD_VALUE", message)
