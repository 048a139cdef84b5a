"""Utility nodes."""

import re
from datetime import timedelta
from typing import Any, Final, Literal
from uuid import UUID

from dragops.errors import RunFailure
from dragops.nodes.category import Category
from dragops.nodes.comparison import type_name
from dragops.nodes.context import Context, RunFacts
from dragops.nodes.convert import quoted, to_string
from dragops.nodes.limits import LOG_ENTRY_MAX
from dragops.nodes.values import instant, is_empty

category = Category("Utility")

_MILLISECOND: Final = timedelta(milliseconds=1)
_TOPIC: Final = re.compile(r"[A-Za-z0-9._/-]{1,200}")


@category.node(
    'Log impure (exec, message: Any = "") [level: Enum(debug|info|warn|error) = "info"] -> (exec)'
)
def log(
    ctx: Context, message: Any = "", level: Literal["debug", "info", "warn", "error"] = "info"
) -> None:
    """Write a message to the run's log."""
    ctx.log(level, _cut(to_string(message, "message")))


category.declare(
    'Comment pure () [text: String = ""] -> ()', "A note on the canvas; nothing is run for it."
)


@category.node("TypeOf pure (value: Any!) -> (type: String)")
def type_of(value: Any) -> str:
    """Name the type of a value: String, Integer, Float, Boolean, Object, Array, and so on."""
    return type_name(value)


@category.node("IsEmpty pure (value: Any!) -> (result: Boolean)")
def is_empty_(value: Any) -> bool:
    """Say whether a value is null or holds nothing; 0, false and blanks are something."""
    return is_empty(value)


@category.node(
    'GenerateUuid "Generate UUID" impure (exec) [version: Enum(4|7) = "4"] -> (exec, uuid: String)'
)
def generate_uuid(ctx: Context, version: Literal["4", "7"] = "4") -> str:
    """Make an id that no one else has; those of version 7 are in order of time."""
    made = bytearray(ctx.random_bytes(16))
    if version == "7":
        made[:6] = (instant(ctx.now()) // _MILLISECOND).to_bytes(6, "big")
    made[6] = made[6] & 0x0F | int(version) << 4
    made[8] = made[8] & 0x3F | 0x80
    return str(UUID(bytes=bytes(made)))


@category.node(
    "RunInfo pure () -> (runId: String, patternId: String, patternName: String,"
    " deploymentId: String, version: Integer, trigger: String, attempt: Integer,"
    " startedAt: DateTime, workspace: String)"
)
def run_info(ctx: Context) -> RunFacts:
    """Tell what is run, by the ids that the REST API knows, and what started it."""
    return ctx.facts()


def _topic(value: str) -> str:
    if not _TOPIC.fullmatch(value):
        raise ValueError("a topic is 1 to 200 letters, digits and . _ / -")
    return value


@category.node(
    "EmitEvent impure (exec, topic: String!, payload: Any) -> (exec)", checks={"topic": _topic}
)
async def emit_event(ctx: Context, topic: str, payload: Any = None) -> None:
    """Publish an event. Nothing delivers events yet, so that it fails: use Call Pattern instead."""
    try:
        _topic(topic)
    except ValueError as exc:
        raise RunFailure("ParseError", f"pin topic: {quoted(topic)}: {exc}") from None
    await ctx.emit(topic, payload)


def _cut(text: str) -> str:
    if len(text) * 4 <= LOG_ENTRY_MAX:
        return text
    data = text.encode("utf-8", "replace")
    if len(data) <= LOG_ENTRY_MAX:
        return text
    return data[: LOG_ENTRY_MAX - 3].decode(errors="ignore") + "…"
