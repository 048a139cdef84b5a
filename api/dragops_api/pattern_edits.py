"""What a write makes of a pattern: decisions about its spec and annotations, no I/O.

Only what changes is written: a field that is rewritten with the same meaning would be taken from
the manager that applied it, and would stand against its next apply.
"""

from typing import Any

import orjson

from dragops.model.graph_data import graph_of, spec_of
from dragops.model.ids import id_of
from dragops.model.pattern import (
    NODES_MAX,
    PATTERN_BYTES_MAX,
    VARIABLES_MAX,
    WIRES_MAX,
    PatternSpec,
)
from dragops.model.schema import LEVELS_MAX, nests_deeper
from dragops_api.annotations import PUBLIC, TEMPLATE
from dragops_api.errors import TooLarge
from dragops_api.merge_patch import merged
from dragops_api.parsing import parsed
from dragops_api.schemas.patterns import (
    NAME_MAX,
    PatternIn,
    PatternPatch,
    flags_of,
    name_of_pattern,
)

Object = dict[str, Any]
_MOST = {"nodes": NODES_MAX, "wires": WIRES_MAX, "variables": VARIABLES_MAX}
_GRAPH = ("variables", "nodes", "wires", "editor")


def spec_in(body: PatternIn) -> PatternSpec:
    """Give the spec of a new pattern."""
    return spec_of(body.graph_data, title=body.name, description=body.description, tags=body.tags)


def put(pattern: Object, body: PatternIn) -> None:
    """Change what the body names, and keep the rest."""
    spec, given = PatternSpec.model_validate(pattern["spec"]), body.model_fields_set
    wanted = spec_of(
        body.graph_data if "graph_data" in given else graph_of(spec),
        title=body.name,
        description=body.description if "description" in given else spec.description,
        tags=body.tags if "tags" in given else spec.tags,
    )
    _rewrite(pattern, spec, wanted)
    _annotate(pattern, notes_in(body))


def patch(pattern: Object, body: PatternPatch) -> None:
    """Merge the body into the pattern, as RFC 7396 has it."""
    spec = PatternSpec.model_validate(pattern["spec"])
    changes = body.model_dump(by_alias=True, exclude_unset=True)
    whole = parsed(PatternIn, merged(_document(pattern, spec), changes), "body")
    wanted = spec_in(whole)
    if "name" not in body.model_fields_set:
        # without a title the resource's name was shown: that makes it no title
        wanted = wanted.model_copy(update={"title": spec.title})
    _rewrite(pattern, spec, wanted)
    notes = notes_in(whole)
    named = {PUBLIC: "is_public", TEMPLATE: "is_template"}
    changed = (note for note, field in named.items() if field in body.model_fields_set)
    _annotate(pattern, {note: notes.get(note, "false") for note in changed})


def restore(pattern: Object, source: Object) -> None:
    """Take over the graph of an older version; name, description and tags stay."""
    spec, old = PatternSpec.model_validate(pattern["spec"]), PatternSpec.model_validate(source)
    graph = {name: getattr(old, name) for name in _GRAPH}
    _rewrite(pattern, spec, spec.model_copy(update=graph))


def copy_of(pattern: Object, name: str | None) -> PatternSpec:
    """Give the spec of a clone."""
    title = name or f"Copy of {name_of_pattern(pattern)}"[:NAME_MAX]
    return PatternSpec.model_validate(pattern["spec"]).model_copy(update={"title": title})


def stored(spec: PatternSpec) -> Object:
    """Give a spec as it is stored, nothing empty in it; TooLarge when it cannot be.

    Who writes an empty description owns it, and kubectl's next apply of one would be a conflict.
    """
    return _fitting({key: value for key, value in spec.as_json().items() if value not in ("", [])})


def notes_in(body: PatternIn) -> dict[str, str]:
    """Give the annotations that a body asks for."""
    flags = {"is_public": (PUBLIC, body.is_public), "is_template": (TEMPLATE, body.is_template)}
    given = (flag for name, flag in flags.items() if name in body.model_fields_set)
    return {note: "true" if value else "false" for note, value in given}


def _document(pattern: Object, spec: PatternSpec) -> Object:
    """Give a pattern as REST shows it, without what nobody can write."""
    graph = graph_of(spec).model_dump(mode="json", by_alias=True, exclude_unset=True)
    return {
        "name": spec.title.strip() or id_of(pattern["metadata"]["name"]),
        "description": spec.description,
        "tags": list(spec.tags),
        **flags_of(pattern),
        "graphData": graph,
    }


def _rewrite(pattern: Object, old: PatternSpec, new: PatternSpec) -> None:
    before, after = old.as_json(), new.as_json()
    spec = dict(pattern["spec"])
    for key in before.keys() | after.keys():
        if _text(before.get(key)) == _text(after.get(key)):
            continue
        if key in after:
            spec[key] = after[key]
        else:
            spec.pop(key, None)
    pattern["spec"] = _fitting(spec)


def _annotate(pattern: Object, notes: dict[str, str]) -> None:
    if notes:
        pattern["metadata"].setdefault("annotations", {}).update(notes)


def _fitting(spec: Object) -> Object:
    if nests_deeper(spec):
        raise TooLarge(f"The pattern nests deeper than {LEVELS_MAX} levels: apply a flatter one")
    for key, most in _MOST.items():
        if (count := len(spec.get(key, ()))) > most:
            raise TooLarge(f"The pattern has {count} {key}; at most {most} can be stored")
    if (size := len(orjson.dumps(spec))) > PATTERN_BYTES_MAX:
        raise TooLarge(f"The pattern has {size} bytes; at most {PATTERN_BYTES_MAX} can be stored")
    return spec


def _text(value: Any) -> bytes:
    # as texts: in Python 1 equals true
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
