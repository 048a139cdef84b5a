"""Utility nodes."""

from typing import Any, Literal

from dragops.nodes.category import Category
from dragops.nodes.context import Context
from dragops.nodes.convert import to_string
from dragops.nodes.limits import LOG_ENTRY_MAX

category = Category("Utility")


@category.node(
    'Log impure (exec, message: Any = "") [level: Enum(debug|info|warn|error) = "info"] -> (exec)'
)
def log(
    ctx: Context, message: Any = "", level: Literal["debug", "info", "warn", "error"] = "info"
) -> None:
    """Write a message to the run's log."""
    ctx.log(level, _cut(to_string(message, "message")))


def _cut(text: str) -> str:
    if len(text) * 4 <= LOG_ENTRY_MAX:
        return text
    data = text.encode()
    if len(data) <= LOG_ENTRY_MAX:
        return text
    return data[: LOG_ENTRY_MAX - 3].decode(errors="ignore") + "…"
