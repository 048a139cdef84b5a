"""Regular expressions by RE2: one look takes linear time, whatever the pattern and the text.

Looking for every place can still take the square of it, as each look may go to the text's end:
``<!--.*?-->|<`` on a text full of ``<!--``. So that has a bound in time, too.
"""

from collections.abc import Iterator
from functools import lru_cache
from time import thread_time
from typing import Any

from dragops.errors import RunFailure
from dragops.nodes.convert import quoted
from dragops.nodes.limits import limit_error

PATTERN_MAX = 1_000
MEMORY_MAX = 8 * 1024 * 1024
SECONDS_MAX = 2.0
"""Of the processor, so that a busy machine makes no difference; no other run moves meanwhile."""
FLAGS = "ims"


@lru_cache(maxsize=64)
def read_pattern(pattern: str, flags: str = "") -> Any:
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
        return re2.compile(f"(?{flags}){pattern}" if flags else pattern, options)
    except re2.error as exc:
        told = exc.args[0].decode("utf-8", "replace").replace(f"(?{flags})", "", 1)[:200]
        raise ValueError(f"bad regular expression {quoted(pattern)}: {told}") from exc
    except UnicodeEncodeError as exc:
        raise ValueError("this regular expression is no valid Unicode") from exc
    finally:
        re2.purge()  # it keeps 128 more of them


def checked_pattern(pattern: str) -> str:
    """Look at a fixed pattern: ValueError when it is malformed or too long."""
    try:
        read_pattern(pattern)
    except RunFailure as exc:
        raise ValueError(exc.message) from exc
    return pattern


def checked_flags(flags: str) -> str:
    """Look at flags: ValueError unless each letter is one of them."""
    if set(flags) - set(FLAGS):
        raise ValueError(f"use letters of {FLAGS}")
    return flags


def compiled(pattern: str, flags: str = "") -> Any:
    """Compile a pattern that arrives in a run; ParseError when it is malformed."""
    try:
        return read_pattern(pattern, flags)
    except ValueError as exc:
        raise RunFailure("ParseError", str(exc)) from exc


def is_found(pattern: Any, text: str) -> bool:
    """Say whether a compiled pattern is anywhere in a text."""
    try:
        return pattern.search(text) is not None
    except UnicodeEncodeError:
        return False  # a lone half of a pair, which is no text


def utf8(value: str) -> bytes:
    """Give a text as RE2 reads it, which takes a lone half of a pair for any other character."""
    return value.encode("utf-8", "surrogatepass")


def text(data: bytes) -> str:
    r"""Give a part of what ``utf8`` gave as text, though ``\C`` may have cut a character."""
    try:
        return data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return data.decode("utf-8", "replace")


def places(pattern: Any, data: bytes, *, seconds: float = SECONDS_MAX) -> Iterator[Any]:
    """Give each match in a text of UTF-8, from left to right."""
    ends = thread_time() + seconds
    at = 0
    while at <= len(data):
        for found in pattern.finditer(data, at):
            yield found
            if thread_time() > ends:
                told = f"a regular expression takes {seconds:g} s of the processor for one text"
                raise limit_error(told)
            begin, at = found.span()
            if begin == at:
                # the library would give an empty match twice
                at = _next_character(data, at)
                break
        else:
            return


def _next_character(data: bytes, at: int) -> int:
    at += 1
    while at < len(data) and data[at] & 0xC0 == 0x80:
        at += 1
    return at
