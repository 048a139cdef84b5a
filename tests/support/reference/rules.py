"""The rules by node type. A node that is not here is a call, and goes on at `exec`."""

from support.reference.blocks import retry, timeout, try_catch
from support.reference.calls import call_pattern
from support.reference.choices import branch, filter_guard, sequence, switch
from support.reference.loops import break_, continue_, for_each, for_each_batch, for_range, while_
from support.reference.parallel import for_each_parallel, parallel
from support.reference.walk import Rule

RULES: dict[str, Rule] = {
    "Branch": branch,
    "Break": break_,
    "CallPattern": call_pattern,
    "Continue": continue_,
    "FilterGuard": filter_guard,
    "ForEach": for_each,
    "ForEachBatch": for_each_batch,
    "ForEachParallel": for_each_parallel,
    "ForRange": for_range,
    "Parallel": parallel,
    "Retry": retry,
    "Sequence": sequence,
    "Switch": switch,
    "Timeout": timeout,
    "TryCatch": try_catch,
    "While": while_,
}
