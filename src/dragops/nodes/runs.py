"""Flow control of whole runs: what ends one, and what becomes of its failure."""

from typing import Any, Literal, NoReturn

from dragops.errors import RunStopped
from dragops.nodes.category import Category
from dragops.nodes.context import Context

category = Category("Flow Control")


@category.node(
    'StopRun impure (exec, message: String = "")'
    ' [status: Enum(completed|failed) = "completed"] -> ()'
)
def stop_run(message: str = "", status: Literal["completed", "failed"] = "completed") -> NoReturn:
    """End the whole run now; message says why when failed. Only finally flows still run."""
    raise RunStopped(status, "StopRun", message)


def only_log(ctx: Context, failure: dict[str, Any]) -> None:
    """Tell of a failure in the flow of On Error, which changes nothing."""
    ctx.log("error", f"On Error failed: {failure.get('type')}: {failure.get('message')}")
