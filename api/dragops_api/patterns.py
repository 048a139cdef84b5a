"""Patterns: found, listed and written for REST callers."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import orjson

from dragops.model.graph_data import graph_of, spec_of
from dragops.model.ids import new_name
from dragops.model.pattern import PATTERN_BYTES_MAX, PatternSpec
from dragops_api.auth import Ask
from dragops_api.changes import Change, Changes
from dragops_api.errors import TooLarge
from dragops_api.etags import check_match, etag
from dragops_api.names import resource_name
from dragops_api.schemas.patterns import PUBLIC, TEMPLATE, PatternIn, item_of
from dragops_api.view import View

Object = dict[str, Any]
KIND = "Pattern"


@dataclass(frozen=True, slots=True)
class Search:
    """What a list of patterns is narrowed to, and its order."""

    text: str | None
    is_public: bool | None
    is_template: bool | None
    tags: tuple[str, ...]
    sort_by: str
    descending: bool

    def of(self, objects: Iterable[Object]) -> list[dict[str, Any]]:
        """Give the items that are wanted, in order; the id decides between equals."""
        items = [item for item in map(item_of, objects) if self._wants(item)]
        return sorted(items, key=self._key, reverse=self.descending)

    def _wants(self, item: dict[str, Any]) -> bool:
        return (
            (self.text or "").casefold() in item["name"].casefold()
            and self.is_public in {None, item["is_public"]}
            and self.is_template in {None, item["is_template"]}
            and set(self.tags) <= set(item["tags"])
        )

    def _key(self, item: dict[str, Any]) -> tuple[str, str]:
        return str(item[self.sort_by]).casefold(), item["id"]


class Patterns:
    """The patterns of the workspaces."""

    def __init__(self, view: View, changes: Changes) -> None:
        self._view, self._changes = view, changes

    async def get(self, ask: Ask, id_: str) -> Object:
        """Give one pattern; NotFound when it is not in the caller's workspace."""
        return await self._view.find(ask.workspace, resource_name(KIND, id_))

    async def read(self, ask: Ask, id_: str) -> Object:
        """Give one pattern as the API server has it at this moment."""
        return await self._changes.read(ask.workspace, resource_name(KIND, id_))

    def search(self, ask: Ask, search: Search) -> list[dict[str, Any]]:
        """List patterns of the caller's workspace."""
        return search.of(self._view.values(ask.workspaces))

    async def create(self, ask: Ask, body: PatternIn) -> Object:
        """Store a new pattern under a made name."""
        name, spec = new_name("pat"), _stored(_spec_of(body))
        change = await self._changes.create(
            ask.workspace, name, spec, by=ask.caller, notes=_notes_of(body)
        )
        return change.obj

    async def update(self, ask: Ask, id_: str, body: PatternIn, if_match: str | None) -> Change:
        """Change what the body names; Conflict when ``if_match`` is about another state."""

        def edit(pattern: Object) -> None:
            _check(pattern, if_match)
            pattern["spec"] = _stored(_merged(PatternSpec.model_validate(pattern["spec"]), body))
            notes = pattern["metadata"].setdefault("annotations", {})
            notes.update(_notes_of(body))

        return await self._changes.edit(
            ask.workspace, resource_name(KIND, id_), edit, by=ask.caller
        )

    async def delete(self, ask: Ask, id_: str, if_match: str | None) -> None:
        """Delete a pattern; what is deployed of it goes on."""
        pattern = await self.read(ask, id_)
        _check(pattern, if_match)
        await self._changes.delete(pattern)


def etag_of(pattern: Object) -> str:
    """Give the ETag: it moves with what people change, not with the operator's status writes."""
    metadata = pattern["metadata"]
    notes = metadata.get("annotations", {})
    return etag(
        metadata["uid"], str(metadata["generation"]), notes.get(PUBLIC), notes.get(TEMPLATE)
    )


def _check(pattern: Object, if_match: str | None) -> None:
    check_match("pattern", etag_of(pattern), if_match)


def _spec_of(body: PatternIn) -> PatternSpec:
    return spec_of(body.graph_data, title=body.name, description=body.description, tags=body.tags)


def _merged(spec: PatternSpec, body: PatternIn) -> PatternSpec:
    """Give the spec that holds what the body names and keeps the rest."""
    given = body.model_fields_set
    return spec_of(
        body.graph_data if "graph_data" in given else graph_of(spec),
        title=body.name,
        description=body.description if "description" in given else spec.description,
        tags=body.tags if "tags" in given else spec.tags,
    )


def _stored(spec: PatternSpec) -> Object:
    stored = spec.as_json()
    if (size := len(orjson.dumps(stored))) > PATTERN_BYTES_MAX:
        raise TooLarge(f"The pattern has {size} bytes; at most {PATTERN_BYTES_MAX} can be stored")
    return stored


def _notes_of(body: PatternIn) -> dict[str, str]:
    flags = {"is_public": (PUBLIC, body.is_public), "is_template": (TEMPLATE, body.is_template)}
    given = (flag for name, flag in flags.items() if name in body.model_fields_set)
    return {note: "true" if value else "false" for note, value in given}
