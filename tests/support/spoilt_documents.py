"""Documents that were good once: a part of one replaced, dropped or moved, a byte of it changed."""

import json
from copy import deepcopy
from random import Random
from typing import Any

from hypothesis import strategies as st

from support.hostile_words import HOSTILE, NAMES
from support.nested_flows import nested_pattern

_ODD: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1e308, 2**64, -(2**63), 10**400, 0.1, "", [], {}, [[]], [{}]),
    *({"": 0}, {"id": 1}, [None], "\ud800", {"\ud800": "\udfff"}, float("inf"), float("nan")),
)


def manifest(seed: int) -> dict[str, Any]:
    """Give the manifest of a random pattern."""
    spec = nested_pattern(seed, impure=6, pure=4).as_json()
    return {
        "apiVersion": "dragops.dev/v1",
        "kind": "Pattern",
        "metadata": {"name": "p", "annotations": {}},
        "spec": spec | {"title": "T", "editor": {"nodes": {"n0": {"width": 1}}, "edges": {}}},
    }


def spoilt(document: Any, random: Random) -> Any:
    """Give a copy of a document in which some parts are not what they should be."""
    whole = {"": json.loads(json.dumps(document))}
    for _ in range(random.choice((1, 1, 2, 5))):
        held, key = _some_place(whole, random)
        _spoil(held, key, random)
    return whole[""]


def _some_place(whole: dict[str, Any], random: Random) -> tuple[Any, Any]:
    held, key = whole, ""
    while random.random() < 0.85:
        inner = held[key]
        if not isinstance(inner, dict | list) or not inner:
            break
        held, key = inner, random.choice([*inner] if isinstance(inner, dict) else range(len(inner)))
    return held, key


def _spoil(held: Any, key: Any, random: Random) -> None:
    match random.randrange(5):
        case 0 if key != "":
            del held[key]
        case 1 if isinstance(held, dict) and key != "":
            held[random.choice((*HOSTILE, *NAMES))] = held.pop(key)
        case 2:
            held[key] = [deepcopy(held[key]) for _ in range(random.choice((1, 2, 3)))]
        case 3:
            held[key] = random.choice((*HOSTILE, *NAMES))
        case _:
            held[key] = deepcopy(random.choice(_ODD))


def spoilt_text(text: bytes, random: Random) -> bytes:
    """Give a text with some bytes changed, dropped or said twice."""
    for _ in range(random.choice((1, 2, 4))):
        at, end = sorted(random.choices(range(len(text) + 1), k=2))
        match random.randrange(4):
            case 0:
                text = text[:at] + random.randbytes(random.randrange(5)) + text[at:]
            case 1:
                text = text[:at] + text[min(end, at + 40) :]
            case 2:
                text = text[:end] + text[at:end] + text[end:]
            case _:
                text = text[:at] + random.choice(_MARKS) + text[at:]
    return text


_MARKS = (
    *(b"[" * 10_000, b'{"a":' * 10_000, b"\0", b"\xff\xfe", b"\xed\xa0\x80", b"- " * 10_000),
    *(b"&a [*a]", b"*a", b"!!python/name:os.system ", b"<<: ", b"? ", b"---\n", b"\n...\n"),
    *(b"9" * 5_000, b"\\ud800", b"\xef\xbb\xbf", b"\t", b"'", b'"', b"#", b": ", b"1e999"),
)

seeds = st.integers(0, 2**32)
