"""Words that break out of careless text: quotes, line ends, braces, names of Python."""

from random import Random
from typing import Any

from dragops.model.pattern import PatternSpec

HOSTILE = (
    *('"', "'", '"""', "'''", "\\", "\\\n", '\\"', "\n", "\r", "\r\n", "\x0b", "\x0c", "\x1c"),
    *("\x85", "\u2028", "\u2029", "\0", "\ufeff", "\u202e", "\u00a0", "é", "😀"),
    *("{", "}", "{x}", "{{", "%s", "%(x)s", "${x}", "\\N{DASH}", "\\x41", "\\u0041", "\\", "#"),
    *("#}", "):", "\t", "    ", ")", "]", ",", ";", ":", "=", ".", "*", "@", "!", "->", "..."),
    *("import os", "__import__('os')", "exec(x)", "ctx.step", "None", "True", "pass", "lambda: 0"),
    *("'); raise SystemExit #", '"); raise SystemExit #', "\nraise SystemExit\n", "0\nimport os"),
    *("a" * 300, "9" * 5000, "-0", "1e999", "NaN", "0x10", "1_000", "١٢"),
)
"""Texts."""
NAMES = (
    *("class", "def", "None", "True", "await", "async", "match", "case", "type", "_", "__"),
    *("__init__", "__class__", "__builtins__", "__import__", "__name__", "self", "ctx", "event"),
    *("exc", "print", "eval", "dragops", "flow", "loops", "TRIGGERS", "VARIABLES", "TYPES"),
    *("NO_EVENT", "to_string", "or_null", "datetime", "asyncio", "l", "O0", "A" * 63, "a__b"),
)
"""What may be an id or a variable's name."""


FIXED = frozenset(
    {
        *("responseMode", "operator", "name", "type", "order", "operation", "template", "arrays"),
        *(
            "fields",
            "cases",
            "key",
            "path",
            "json",
            "unit",
            "status",
            "retryOn",
            "until",
            *("default", "inputs", "outputs", "topic", "headers"),
        ),
    }
)
"""Pins and settings that do not take every text."""


def with_hostile_words(spec: PatternSpec, random: Random) -> PatternSpec:
    """Rename what may be renamed, and put hostile words where any text may stand."""
    raw = spec.as_json()
    raw["title"] = word(random)
    ids = _new_ids([node["id"] for node in raw["nodes"]], random)
    for node in raw["nodes"]:
        node["id"] = ids[node["id"]]
        node["title"], node["description"] = word(random), word(random)
        node["values"] = {
            name: value if name in FIXED else _spoilt(value, random)
            for name, value in node["values"].items()
        }
    for wire in raw["wires"]:
        for end in ("from", "to"):
            node_id, _, pin = wire[end].partition(".")
            wire[end] = f"{ids[node_id]}.{pin}"
    return PatternSpec.model_validate(raw)


def word(random: Random) -> str:
    """Give one of the words, or several in a row."""
    return "".join(random.choices(HOSTILE, k=random.choice((1, 1, 2, 3))))[:200]


def _new_ids(ids: list[str], random: Random) -> dict[str, str]:
    names = random.sample(NAMES, len(NAMES))
    return {id_: names.pop() if names else f"{random.choice(NAMES)[:50]}{id_}" for id_ in ids}


def _spoilt(value: Any, random: Random) -> Any:
    if isinstance(value, dict):
        return {
            (word(random) if random.random() < 0.2 else key): _spoilt(inner, random)
            for key, inner in value.items()
        }
    if isinstance(value, list):
        return [_spoilt(inner, random) for inner in value]
    # numbers as texts stay: most pins take a text for the number in it
    is_free = isinstance(value, str) and value[:1].isalpha() and value not in {"true", "false"}
    return word(random) if is_free and random.random() < 0.5 else value
