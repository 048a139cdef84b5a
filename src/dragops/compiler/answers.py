"""Faults of nodes that need another node of the pattern, or may not have one of their own kind."""

from collections.abc import Iterator

from dragops.compiler.graph import ON_ERROR, Graph
from dragops.errors import Fault


def answer_faults(graph: Graph) -> Iterator[Fault]:
    """Give what is wrong between the nodes of events and of answers."""
    yield from _second_ones(graph)
    if next(graph.of_type("OnPatternCall"), None) is None:
        for node in graph.of_type("RespondWith"):
            message = f"{node} has no one to answer: add an On Pattern Call node, whose outputs it"
            yield Fault(node.id, "RESPOND_WITHOUT_MODE", f"{message} sets")
    if any(node.settings.get("responseMode") == "ResponseNode" for node in graph.events()):
        return
    for node in graph.of_type("RespondToWebhook"):
        message = f"{node} has no one to answer: set responseMode of an On Webhook to"
        yield Fault(node.id, "RESPOND_WITHOUT_MODE", f"{message} ResponseNode")


def _second_ones(graph: Graph) -> Iterator[Fault]:
    for type_ in (ON_ERROR, "OnPatternCall"):
        found = list(graph.of_type(type_))
        for node in found[1:]:
            message = f"{node}: the pattern has {found[0]} already: remove one of them"
            yield Fault(node.id, "BAD_VALUE", message)
