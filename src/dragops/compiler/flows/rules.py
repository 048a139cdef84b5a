"""The rules by node type. A node that is not here is a call, and goes on at ``exec``."""

from collections.abc import Sequence

from dragops.compiler.flows.branch import BRANCH, FILTER_GUARD
from dragops.compiler.flows.call_pattern import CALL_PATTERN
from dragops.compiler.flows.for_each import FOR_EACH, FOR_EACH_BATCH
from dragops.compiler.flows.for_range import FOR_RANGE
from dragops.compiler.flows.jump import BREAK, CONTINUE
from dragops.compiler.flows.parallel import FOR_EACH_PARALLEL, PARALLEL
from dragops.compiler.flows.retry import RETRY
from dragops.compiler.flows.rule import FlowRule, fired_by
from dragops.compiler.flows.sequence import SEQUENCE
from dragops.compiler.flows.switch import SWITCH
from dragops.compiler.flows.timeout import TIMEOUT
from dragops.compiler.flows.try_catch import TRY_CATCH
from dragops.compiler.flows.while_ import WHILE
from dragops.compiler.graph import GraphNode

RULES: dict[str, FlowRule] = {
    "Branch": BRANCH,
    "Break": BREAK,
    "CallPattern": CALL_PATTERN,
    "Continue": CONTINUE,
    "FilterGuard": FILTER_GUARD,
    "ForEach": FOR_EACH,
    "ForEachBatch": FOR_EACH_BATCH,
    "ForEachParallel": FOR_EACH_PARALLEL,
    "ForRange": FOR_RANGE,
    "Parallel": PARALLEL,
    "Retry": RETRY,
    "Sequence": SEQUENCE,
    "Switch": SWITCH,
    "Timeout": TIMEOUT,
    "TryCatch": TRY_CATCH,
    "While": WHILE,
}


def sides_of(node: GraphNode) -> list[Sequence[str]]:
    """Give a node's exclusive sides; one for a node that just goes on."""
    rule = RULES.get(node.definition.type)
    return rule.sides(node) if rule else [fired_by(node, "exec")]


def inner_of(node: GraphNode) -> list[str]:
    """Give what a node fires in flows that come back to it."""
    rule = RULES.get(node.definition.type)
    return rule.inner(node) if rule else []
