"""Splits a watch's stream into JSON objects; a line may be larger than any reader's buffer."""

from collections.abc import AsyncIterator
from typing import Any

from dragops.cluster.parsing import parsed


async def json_lines(chunks: AsyncIterator[bytes]) -> AsyncIterator[dict[str, Any]]:
    """Yield the object of each line; a last line without its end was cut off and is dropped."""
    pending: list[bytes] = []
    async for chunk in chunks:
        head, *rest = chunk.split(b"\n")
        pending.append(head)
        for following in rest:
            if line := b"".join(pending).strip():
                yield parsed(line)
            pending = [following]
