"""Strings by regular expressions: ask, take out, replace."""

from typing import NamedTuple

from dragops.errors import RunFailure
from dragops.nodes import regex
from dragops.nodes.category import Category
from dragops.nodes.definition import Given
from dragops.nodes.limits import BYTES_MAX, ITEMS_MAX, bounded_size, limit_error
from dragops.nodes.replacements import checked_replacement, read_replacement, with_groups_of

category = Category("String")

_CHECKS = {"pattern": regex.checked_pattern, "flags": regex.checked_flags}


class Extract(NamedTuple):
    """What RegexExtract puts out."""

    match: str | None
    groups: list[str | None]
    named: dict[str, str | None]
    matches: list[str]
    found: bool


@category.node(
    'RegexTest pure (value: String!, pattern: String!) [flags: String = ""] -> (result: Boolean)',
    checks=_CHECKS,
)
def regex_test(value: str, pattern: str, flags: str = "") -> bool:
    """Say whether a regular expression is anywhere in a text; flags are letters of `ims`."""
    return regex.compiled(pattern, flags).search(regex.utf8(value)) is not None


@category.node(
    'RegexExtract pure (value: String!, pattern: String!) [flags: String = ""]'
    " -> (match: String?, groups: Array, named: Object, matches: Array, found: Boolean)",
    checks=_CHECKS,
)
def regex_extract(value: str, pattern: str, flags: str = "") -> Extract:
    """Take out what a regular expression finds: the first place with its groups, and all places."""
    expression = regex.compiled(pattern, flags)
    first, matches = None, []
    for found in regex.places(expression, regex.utf8(value)):
        first = first or found
        matches.append(regex.text(found[0]))
        if len(matches) > ITEMS_MAX:
            bounded_size(len(matches), "Array")
    if first is None:
        return Extract(None, [], {}, [], found=False)
    groups = [None if group is None else regex.text(group) for group in first.groups()]
    by_place = sorted(expression.groupindex.items(), key=lambda item: item[1])
    named = {name: groups[index - 1] for name, index in by_place}
    return Extract(matches[0], groups, named, matches, found=True)


def _known_groups(given: Given) -> None:
    pattern, replacement = given.values.get("pattern"), given.values.get("replacement")
    if pattern is None or replacement is None:
        return
    try:
        expression = regex.read_pattern(pattern, given.settings["flags"])
        parts = read_replacement(replacement)
    except (ValueError, RunFailure):
        return  # each has its own fault
    with_groups_of(expression, parts)


@category.node(
    'RegexReplace pure (value: String!, pattern: String!, replacement: String = "")'
    ' [flags: String = ""] -> (result: String)',
    checks={**_CHECKS, "replacement": checked_replacement},
    agreement=_known_groups,
)
def regex_replace(value: str, pattern: str, replacement: str = "", flags: str = "") -> str:
    r"""Replace each place that a regular expression finds; `\1` and `\g<name>` are groups."""
    expression = regex.compiled(pattern, flags)
    try:
        parts = with_groups_of(expression, read_replacement(replacement))
    except ValueError as exc:
        raise RunFailure("ParseError", str(exc)) from exc
    data = regex.utf8(value)
    made: list[bytes] = []
    at = size = 0
    for found in regex.places(expression, data):
        pieces = [data[at : found.start()]]
        pieces += [part if isinstance(part, bytes) else found[part] or b"" for part in parts]
        made += pieces
        at = found.end()
        size += sum(map(len, pieces))
        if size > BYTES_MAX:
            break
    if size + len(data) - at > BYTES_MAX:
        raise limit_error("a String holds 10 MiB")
    return regex.text(b"".join([*made, data[at:]])) if made else value
