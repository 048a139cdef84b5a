"""When the nodes of a run began, as its record keeps it: one short JSON text a run.

``[beginning, dropped, end, [node id, ...], [offset, ...]]``: the run's beginning in milliseconds
since 1970, how many steps were not kept, and microseconds since that beginning.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import orjson

STEPS_MAX = 500
"""Steps that are kept of one run; the later ones of a long loop are only counted."""


class Step(NamedTuple):
    """A node that began; ``milliseconds`` went by until the next one began, or the run ended."""

    node_id: str
    at: float
    """Milliseconds since 1970."""
    milliseconds: float


class Timeline(NamedTuple):
    """The steps of a run, in their order."""

    steps: Sequence[Step] = ()
    dropped: int = 0


def encode_timeline(
    began_at: int, nodes: Sequence[str], offsets: Sequence[int], *, end: int, dropped: int
) -> str:
    """Write a timeline; offsets and end are microseconds since its beginning."""
    return orjson.dumps([began_at, dropped, end, nodes, offsets]).decode()


def decode_timeline(text: str | None) -> Timeline:
    """Read a timeline; a run without a record of its steps has none."""
    if text is None:
        return Timeline()
    began_at, dropped, end, nodes, offsets = orjson.loads(text)
    steps = (
        Step(node_id, began_at + since / 1000, (until - since) / 1000)
        for node_id, (since, until) in zip(nodes, pairwise([*offsets, end]), strict=True)
    )
    return Timeline(tuple(steps), dropped)
