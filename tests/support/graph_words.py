"""What random graphs are made of: node types by how often, settings, fixed values of inputs."""

from typing import Any

from dragops.model.pin import PinType
from support.patterns import variable

IMPURE = (
    "Log",
    "SetVariable",
    "IncrementVariable",
    "AppendToArray",
    "AppendToString",
    "Branch",
    "Switch",
    "Sequence",
    "ForEach",
    "TryCatch",
    "TryCatch",
    "ThrowError",
    "RespondToWebhook",
    "Log",
    "Branch",
    "Branch",
    "ForEach",
    "Log",
)
PURE = (
    "String",
    "Integer",
    "Boolean",
    "Null",
    "Array",
    "Object",
    "GetVariable",
    "Add",
    "Divide",
    "Modulo",
    "Power",
    "Sign",
    "Round",
    "Clamp",
    "Logarithm",
    "Equal",
    "GreaterThan",
    "InRange",
    "IsType",
    "Contains",
    "IsNull",
    "And",
    "Or",
    "Not",
    "Select",
    "Coalesce",
    "Concat",
    "Format",
    "GetProperty",
    "SetProperty",
    "RemoveProperty",
    "Merge",
    "MakeObject",
    "BreakObject",
    "ObjectEntries",
    "ObjectFromEntries",
    "PickProperties",
    "RenameProperties",
    "DiffObjects",
    "Filter",
    "CountItems",
    "Sort",
    "Reduce",
    "GroupBy",
    "MakeArray",
    "GetItem",
    "AddItem",
    "Slice",
    "Unique",
    "Chunk",
    "Difference",
    "JsonParse",
    "JsonStringify",
    "RegexExtract",
    "GetVariable",
    "GetEnvironment",
    "GetSecret",
    "Select",
    "And",
    "Coalesce",
    "Format",
    "Concat",
)
STEPS = (
    *("Log", "Log", "Log", "Delay", "SetVariable", "IncrementVariable", "IncrementVariable"),
    *("AppendToArray", "AppendToString", "FilterGuard", "FilterGuard", "RespondToWebhook"),
    *("CallPattern", "CallPattern", "RespondWith", "EmitEvent"),
)
"""Of nested flows: nodes that just go on."""
OPENING = (
    *("Branch", "Branch", "Switch", "Sequence", "TryCatch", "TryCatch", "TryCatch", "ForEach"),
    *("ForEachBatch", "ForRange", "ForRange", "While", "While", "Retry", "Retry", "Timeout"),
    *("Timeout", "Parallel", "ForEachParallel"),
)
"""Of nested flows: nodes that open flows of their own."""
ENDING = ("ThrowError", "ThrowError", "Break", "Break", "Continue", "Continue", "StopRun")
"""Of nested flows: nodes that nothing can follow."""
TRIGGERS = ("OnStart", "OnPatternCall", "OnPatternCall", "OnEvent")
"""What may start a pattern beside On Webhook."""
VARIABLES = (
    variable("count", "Integer", 1),
    variable("text", "String", "t"),
    variable("items", "Array", [1, "b"]),
    variable("any", "Any"),
)
TITLES = (None, None, "Say it", "log", "import", 'a "b" \\', "ctx", "get log", "event")
SCALARS = (
    None, True, False, 0, 1, -3, 300, 0.5, -2.0, 1e9, "", "a", "b", "7", "2.5", "true", "items[0]",
    '{"a": [1]}', "it's \"q\" \\ \n",
)  # fmt: skip
CASES = ("a", "b", 7, "true", 1, "0")
FIXED: dict[PinType, tuple[Any, ...]] = {
    PinType.STRING: ("a", "b", "12", "a.b", "c[0]", ""),
    PinType.INTEGER: (200, 201, 404),
    PinType.FLOAT: (0, 1, 2, 2.5, "3"),
    PinType.BOOLEAN: (True, False),
}
FIELDS: tuple[Any, ...] = (
    [],
    ["a"],
    ["a", {"name": "b", "type": "String", "key": "a.b"}, {"name": "c", "type": "number"}],
)
GIVES: tuple[Any, ...] = ("x", {"name": "y", "type": "String"})
"""What a callable pattern returns, which is what Respond With takes."""
SETTINGS: dict[str, dict[str, tuple[Any, ...]]] = {
    "Sequence": {"count": (1, 2, 3)},
    "Format": {"template": ("", "{a}", "x {a.b} {{{b}}} {c[0]}", "{a}{a.a}")},
    "OnWebhook": {"responseMode": ("ResponseNode", "LastNode")},
    "Integer": {"value": (0, 1, 2)},
    "Equal": {"loose": (True, False)},
    "Contains": {"ignoreCase": (True, False)},
    "Merge": {"deep": (True, False), "arrays": ("replace", "concat")},
    "MakeObject": {"fields": FIELDS, "skipNull": (True, False)},
    "BreakObject": {"fields": FIELDS},
    "MakeArray": {"count": (0, 1, 3)},
    "AppendToString": {"separator": ("", ", ")},
    "CallPattern": {
        "pattern": ("pat_1", "other", "broken"),
        "inputs": ([], ["any"], ["any", {"name": "n", "type": "Integer", "default": 1}]),
        "outputs": ([], ["whole"], ["whole", {"name": "number", "type": "number"}, "none"]),
    },
    "OnPatternCall": {
        "inputs": ([], ["a", {"name": "b", "type": "Array"}]),
        "outputs": (list(GIVES),),
    },
    "Delay": {"unit": ("seconds", "seconds", "minutes", "milliseconds")},
    "ForEachParallel": {"concurrency": (1, 2, 3, 8), "failFast": (True, False)},
    "ForRange": {"inclusive": (True, False)},
    "Parallel": {"count": (1, 2, 3), "failFast": (True, False)},
    "Retry": {
        "factor": (1, 2, 0.5),
        "maxDelay": (60, 1.5),
        "jitter": (True, False),
        "retryOn": ([], [], ["ThrownError", "MathError"], ["HttpError"]),
    },
    "StopRun": {"status": ("completed", "failed")},
    "While": {"maxTurns": (1, 2, 5)},
}
PINS: dict[tuple[str, str], tuple[Any, ...]] = {
    ("Chunk", "size"): (1, 2),
    ("RegexExtract", "pattern"): ("(a)(x)?", "[0-9]+", "(?P<n>b)"),
    ("RespondToWebhook", "headers"): ({}, {"a": "b"}, {"Content-Type": "text/plain"}),
    ("JsonParse", "json"): ('{"a": [1]}', "12", "{"),
    ("Filter", "operator"): ("equals", "lessThan", "contains", "notIn", "isEmpty"),
    ("CountItems", "operator"): ("notEquals", "greaterOrEqual", "startsWith", "in"),
    ("Round", "digits"): (0, 1, -2),
    ("Logarithm", "base"): (2, 10, 3, 0.5),
    ("Delay", "until"): ("2026-03-05T12:00:07Z", "2026-03-05T11:00:00Z"),
    ("EmitEvent", "topic"): ("a", "b/c"),
    ("ForEachBatch", "size"): (1, 2, 3),
    ("ForRange", "start"): (0, 1, -2, 3),
    ("ForRange", "end"): (0, 1, 2, 4),
    ("ForRange", "step"): (1, 1, 2, -1),
    ("Retry", "maxAttempts"): (1, 2, 3),
}
"""Fixed values of pins that do not take every value of their type."""
GIVEN = ("REGION", "API_TOKEN", "NOPE")
NAMING = {"GetVariable", "SetVariable", "IncrementVariable", "AppendToArray", "AppendToString"}
SECONDS = {("Delay", "duration"), ("Retry", "delay"), ("Timeout", "seconds")}
"""Pins that take a time, of which no two are the same: what happens at once has no order."""
FITTING = {"IncrementVariable": "count", "AppendToArray": "items", "AppendToString": "text"}
"""Variables that nodes which change one can always change."""
