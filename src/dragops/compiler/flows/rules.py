"""The rules by node type. A node that is not here is a call, and goes on at ``exec``."""

from collections.abc import Sequence

from dragops.compiler.flows.branch import BRANCH
from dragops.compiler.flows.for_each import FOR_EACH
from dragops.compiler.flows.rule import FlowRule, fired_by
from dragops.compiler.flows.sequence import SEQUENCE
from dragops.compiler.flows.switch import SWITCH
from dragops.compiler.flows.try_catch import TRY_CATCH
from dragops.compiler.graph import GraphNode

RULES: dict[str, FlowRule] = {
    "Branch": BRANCH,
    "ForEach": FOR_EACH,
    "Sequence": SEQUENCE,
    "Switch": SWITCH,
    "TryCatch": TRY_CATCH,
}


def sides_of(node: GraphNode) -> list[Sequence[str]]:
    """Give a node's exclusive sides; one for a node that just goes on."""
    rule = RULES.get(node.definition.type)
    return rule.sides(node) if rule else [fired_by(node, "exec")]


def inner_of(node: GraphNode) -> list[str]:
    """Give what a node fires in flows that come back to it."""
    rule = RULES.get(node.definition.type)
    return rule.inner(node) if rule else []
