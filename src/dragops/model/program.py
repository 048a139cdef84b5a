"""A program: the Python text that a pattern compiles to, and the manifest beside it."""

import gzip
import hashlib
from dataclasses import dataclass
from typing import Any

import orjson
from pydantic import Field

from dragops.model.declared import DeclaredNode
from dragops.model.ids import Digest, NodeId
from dragops.model.schema import Json, Report

RUNTIME = 1
"""What programs may expect of the engine; engines support older numbers too."""


class Trigger(Report):
    """A function of the program that starts a run, and the settings of its node."""

    type: str
    node_id: str
    function: str
    settings: dict[str, Json] = Field(default_factory=dict)


class Manifest(Report):
    """What is known of a program without reading it."""

    runtime: int = RUNTIME
    pattern: str
    title: str = ""
    triggers: tuple[Trigger, ...]
    lines: tuple[str | None, ...]
    """For each line of the text, the node that it came from; line 1 is item 0."""
    source: dict[str, Json]
    """The graph that was compiled, as ``PatternSpec`` in JSON."""
    definitions: dict[str, Json] | None = None
    """The declarative nodes that it uses, as ``DeclaredNode`` in JSON."""

    def canonical(self) -> bytes:
        """Give the one JSON text that stands for this manifest."""
        return orjson.dumps(self.as_json(), option=orjson.OPT_SORT_KEYS)

    def packed(self) -> bytes:
        """Give the manifest as it is stored: gzip of the canonical JSON, no time in it."""
        return gzip.compress(self.canonical(), mtime=0)

    @classmethod
    def unpacked(cls, packed: bytes) -> "Manifest":
        """Read what ``packed`` made."""
        return cls.model_validate(orjson.loads(gzip.decompress(packed)))

    def declared(self) -> dict[str, DeclaredNode]:
        """Give the declarative nodes that were compiled."""
        found = self.definitions or {}
        return {type_: DeclaredNode.model_validate(each) for type_, each in found.items()}

    def node_at(self, line: int) -> NodeId | None:
        """Give the node that made line ``line`` (from 1) of the text."""
        node = self.lines[line - 1] if 0 < line <= len(self.lines) else None
        return NodeId(node) if node else None

    def trigger(self, node_id: str) -> Trigger | None:
        """Give the trigger of this node."""
        return next((t for t in self.triggers if t.node_id == node_id), None)


@dataclass(frozen=True, slots=True)
class Program:
    """Compiled text and its manifest; the digest stands for both."""

    text: str
    manifest: Manifest

    @property
    def digest(self) -> Digest:
        """Give the sha256 over the text and the canonical manifest."""
        return program_digest(self.text.encode(), self.manifest.canonical())


def program_digest(text: bytes, manifest: bytes) -> Digest:
    """Give the digest of a program from its bytes."""
    hashed = hashlib.sha256(len(text).to_bytes(8, "big"))
    hashed.update(text)
    hashed.update(manifest)
    return Digest(hashed.hexdigest())


def json_digest(data: Any) -> Digest:
    """Give the sha256 of the canonical JSON of ``data``."""
    return Digest(hashlib.sha256(orjson.dumps(data, option=orjson.OPT_SORT_KEYS)).hexdigest())
