"""What somebody may mean who names a node type that there is not."""

import re
from collections.abc import Mapping
from difflib import get_close_matches

_MOST = 3
_SHORTEST = 4
"""Shorter names stand in many words that mean something else."""
_LIKE = 0.65
"""How like names must be: two of three letters are enough."""

WORDS = {
    **dict.fromkeys(("if", "else", "ifelse", "condition", "when"), ("Branch", "Switch")),
    **dict.fromkeys(("case", "match"), ("Switch",)),
    **dict.fromkeys(("loop", "for", "iterate"), ("ForEach", "ForRange", "While")),
    **dict.fromkeys(("repeat", "until"), ("While", "ForRange", "Retry")),
    **dict.fromkeys(("try", "catch", "finally", "onfailure"), ("TryCatch", "OnError")),
    **dict.fromkeys(("throw", "raise", "fail"), ("ThrowError",)),
    **dict.fromkeys(("stop", "end", "exit", "abort"), ("StopRun",)),
    **dict.fromkeys(("sleep", "wait", "pause"), ("Delay",)),
    **dict.fromkeys(("cron", "oncron", "timer", "ontimer", "interval"), ("OnSchedule",)),
    **dict.fromkeys(("trigger", "event"), ("OnWebhook", "OnSchedule", "OnStart")),
    **dict.fromkeys(("subflow", "subpattern", "function"), ("CallPattern", "OnPatternCall")),
    **dict.fromkeys(("return", "output"), ("RespondWith", "RespondToWebhook")),
    **dict.fromkeys(("print", "echo", "console", "debug"), ("Log",)),
    **dict.fromkeys(("fetch", "request", "curl", "rest", "api"), ("HttpRequest",)),
    **dict.fromkeys(("http", "https"), ("HttpRequest", "OnWebhook")),
    **dict.fromkeys(("sum", "plus"), ("Add",)),
    **dict.fromkeys(("minus",), ("Subtract",)),
    **dict.fromkeys(("times", "product"), ("Multiply",)),
    **dict.fromkeys(("tojson", "jsonencode"), ("JsonStringify",)),
    **dict.fromkeys(("fromjson", "jsondecode"), ("JsonParse",)),
    **dict.fromkeys(("var", "variable", "setvar"), ("SetVariable", "GetVariable")),
    **dict.fromkeys(("env", "getenv"), ("GetEnvironment",)),
    **dict.fromkeys(("set", "assign"), ("SetVariable", "SetProperty")),
    **dict.fromkeys(("get", "read"), ("GetProperty", "GetVariable", "GetItem")),
    **dict.fromkeys(("text", "number"), ("String", "Integer", "Float")),
    **dict.fromkeys(("template", "interpolate"), ("Format", "RenderTemplate")),
    **dict.fromkeys(("uuid", "guid"), ("GenerateUuid",)),
    **dict.fromkeys(("date", "time", "today"), ("Now", "DateTime", "ParseDate")),
}
"""Words of other tools, in lower case, and the nodes that do what they say."""


def suggested(typed: str, known: Mapping[str, str]) -> tuple[str, ...]:
    """Give up to three node types, the likeliest first; ``known`` has them by name."""
    wanted = re.sub(r"[^a-z0-9]", "", typed.lower())
    names = {name.lower(): type_ for name, type_ in known.items()}
    if wanted in names:
        return (names[wanted],)
    if wanted in WORDS:
        return WORDS[wanted]
    found = _sharing(wanted, names) or get_close_matches(wanted, names, n=_MOST, cutoff=_LIKE)
    return tuple(dict.fromkeys(names[name] for name in found))[:_MOST]


def _sharing(wanted: str, names: Mapping[str, str]) -> list[str]:
    """Give the names that stand in a word, or that it stands in, those of like length first."""
    longer = [name for name in names if len(wanted) >= _SHORTEST - 1 and wanted in name]
    shorter = [name for name in names if len(name) >= _SHORTEST and name in wanted]
    return sorted({*longer, *shorter}, key=lambda name: (abs(len(name) - len(wanted)), name))
