"""Patterns: found, listed and written for REST callers."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from dragops.compiler.called import patterns_called
from dragops.errors import Conflict
from dragops.model.ids import name_of, new_name
from dragops.model.pattern import PatternSpec
from dragops_api import pattern_edits
from dragops_api.auth import Ask
from dragops_api.changes import Change, Changes
from dragops_api.etags import check_if_match
from dragops_api.names import resource_name
from dragops_api.schemas.patterns import PatternIn, PatternPatch, item_of
from dragops_api.view import View

Object = dict[str, Any]
Edit = Callable[[Object], None]
KIND = "Pattern"
_DELETES = 5


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

    def called(self, workspace: str, spec: PatternSpec) -> dict[str, PatternSpec]:
        """Give the patterns that a pattern calls by id, name or title, those that are here."""
        found = ((name, self._named(workspace, name)) for name in patterns_called(spec))
        return {name: PatternSpec.model_validate(obj["spec"]) for name, obj in found if obj}

    def search(self, ask: Ask, search: Search) -> list[dict[str, Any]]:
        """List patterns of the caller's workspace."""
        return search.of(self._view.values(ask.workspaces))

    async def create(self, ask: Ask, body: PatternIn) -> Object:
        """Store a new pattern under a made name."""
        return await self.store(ask, pattern_edits.spec_in(body), pattern_edits.notes_in(body))

    async def store(self, ask: Ask, spec: PatternSpec, notes: dict[str, str]) -> Object:
        """Store a spec as a new pattern, with these annotations."""
        name, stored = new_name("pat"), pattern_edits.stored(spec)
        change = await self._changes.create(ask.workspace, name, stored, by=ask.caller, notes=notes)
        return change.obj

    async def clone(self, ask: Ask, id_: str, name: str | None) -> Object:
        """Store a copy, which is neither public nor a template."""
        return await self.store(ask, pattern_edits.copy_of(await self.read(ask, id_), name), {})

    async def update(self, ask: Ask, id_: str, body: PatternIn, if_match: str | None) -> Change:
        """Change what the body names."""
        return await self._edit(ask, id_, lambda p: pattern_edits.put(p, body), if_match)

    async def patch(self, ask: Ask, id_: str, body: PatternPatch, if_match: str | None) -> Change:
        """Merge the body into the pattern."""
        return await self._edit(ask, id_, lambda p: pattern_edits.patch(p, body), if_match)

    async def restore(self, ask: Ask, id_: str, source: Object, if_match: str | None) -> Change:
        """Give the pattern the graph of an older version."""
        return await self._edit(ask, id_, lambda p: pattern_edits.restore(p, source), if_match)

    async def delete(self, ask: Ask, id_: str, if_match: str | None) -> Change:
        """Delete a pattern; what is deployed of it goes on."""
        for _ in range(_DELETES):
            pattern = await self.read(ask, id_)
            check_if_match(pattern, if_match)
            try:
                # exactly the state that was looked at
                return await self._changes.delete(pattern, as_read=if_match is not None)
            except Conflict:
                continue
        raise Conflict(f"{KIND} {id_!r} is being written by others; try again")

    def _named(self, workspace: str, name: str) -> Object | None:
        if (own := self._view.get(workspace, name_of(name))) is not None:
            return own
        titled = [p for p in self._view.values({workspace}) if p["spec"].get("title") == name]
        return titled[0] if len(titled) == 1 else None

    async def _edit(self, ask: Ask, id_: str, edit: Edit, if_match: str | None) -> Change:
        def checked(pattern: Object) -> None:
            check_if_match(pattern, if_match)
            edit(pattern)

        name = resource_name(KIND, id_)
        return await self._changes.edit(ask.workspace, name, checked, by=ask.caller)
