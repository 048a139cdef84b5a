"""Programs written by hand, for what no pattern of this size can do: wait, fail, count."""

import re
from textwrap import indent
from typing import Any

from dragops.model.program import Manifest, Program, Trigger

_NODE = re.compile(r"#\s*(\w+)\s*$")


def program(
    body: str,
    *,
    type_: str = "OnWebhook",
    node: str = "hook",
    head: str = "",
    variables: str = "{}",
    **settings: Any,
) -> Program:
    """Give a program of one trigger; ``# name`` at a line's end says which node it came from."""
    text = (
        f"import asyncio\n{head}\nasync def start(ctx, event):\n{indent(body, '    ')}\n\n"
        f"TRIGGERS = {{{node!r}: start}}\nVARIABLES = {variables}\n"
    )
    lines = tuple(m.group(1) if (m := _NODE.search(line)) else None for line in text.splitlines())
    trigger = Trigger(type=type_, node_id=node, function="start", settings=settings)
    return Program(text, Manifest(pattern="p", triggers=(trigger,), lines=lines, source={}))
