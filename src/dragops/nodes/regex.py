"""Regular expressions by RE2: in linear time, so no pattern and no text can hang an engine."""

from functools import lru_cache
from typing import Any

from dragops.errors import RunFailure
from dragops.nodes.convert import quoted
from dragops.nodes.limits import limit_error

PATTERN_MAX = 1_000
MEMORY_MAX = 8 * 1024 * 1024


@lru_cache(maxsize=64)
def read_pattern(pattern: str) -> Any:
    """Compile a regular expression; ValueError says what RE2 refuses.

    Few are kept: patterns that arrive by wire are a stranger's, and each may hold 8 MiB.
    """
    import re2  # noqa: PLC0415  # 5 MB that only patterns with expressions need

    if len(pattern) > PATTERN_MAX:
        raise limit_error(f"a regular expression has {PATTERN_MAX} characters")
    options = re2.Options()
    options.max_mem = MEMORY_MAX
    options.log_errors = False
    try:
        return re2.compile(pattern, options)
    except re2.error as exc:
        told = exc.args[0].decode("utf-8", "replace")[:200]
        raise ValueError(f"bad regular expression {quoted(pattern)}: {told}") from exc
    except UnicodeEncodeError as exc:
        raise ValueError("this regular expression is no valid Unicode") from exc


def checked_pattern(pattern: str) -> str:
    """Look at a fixed pattern: ValueError when it is malformed or too long."""
    try:
        read_pattern(pattern)
    except RunFailure as exc:
        raise ValueError(exc.message) from exc
    return pattern


def compiled(pattern: str) -> Any:
    """Compile a pattern that arrives in a run; ParseError when it is malformed."""
    try:
        return read_pattern(pattern)
    except ValueError as exc:
        raise RunFailure("ParseError", str(exc)) from exc


def is_found(pattern: Any, text: str) -> bool:
    """Say whether a compiled pattern is anywhere in a text."""
    try:
        return pattern.search(text) is not None
    except UnicodeEncodeError:
        return False  # a lone half of a pair, which RE2 cannot see
