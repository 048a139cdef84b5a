"""JMESPath: expressions that are read once and asked often, within the limits of values."""

import json
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from dragops.errors import RunFailure
from dragops.nodes.convert import quoted
from dragops.nodes.limits import PATH_MAX, bounded_depth, limit_error


@lru_cache(maxsize=1024)
def read_query(expression: str) -> Any:
    """Read an expression; ValueError says what is wrong with it."""
    import jmespath  # noqa: PLC0415  # 2 MB that only patterns with expressions need

    if len(expression) > PATH_MAX:
        raise limit_error(f"an expression has {PATH_MAX} characters")
    try:
        tree = jmespath.compile(expression).parsed
    except (ValueError, RecursionError) as exc:
        is_deep = isinstance(exc, RecursionError)
        told = "it nests too deep" if is_deep else " ".join(str(exc).split())[:300]
        raise ValueError(f"bad JMESPath {quoted(expression)}: {told}") from exc
    for node in _nodes(tree):
        _check_words(node)
        if node["type"] == "function_expression":
            _check_function(node)
    return tree


def checked_query(expression: str) -> str:
    """Look at a fixed expression: ValueError when it is malformed; an empty one is unset."""
    try:
        if expression:
            read_query(expression)
    except RunFailure as exc:
        raise ValueError(exc.message) from exc
    return expression


def required_query(expression: str) -> str:
    """Look at a fixed expression, which may not be empty."""
    read_query(expression)
    return expression


def ask(expression: str, value: Any) -> Any:
    """Give what an expression finds in a value."""
    from dragops.nodes.bounded_query import BoundedQuery  # noqa: PLC0415  # as above

    try:
        tree = read_query(expression)
    except ValueError as exc:
        raise RunFailure("ParseError", str(exc)) from exc
    try:
        result = BoundedQuery().visit(tree, value)
    except RecursionError as exc:
        raise limit_error("the depth of an expression and its value") from exc
    except (ValueError, TypeError, OverflowError) as exc:
        message = f"JMESPath {quoted(expression)}: {' '.join(str(exc).split())[:300]}"
        raise RunFailure("ConversionError", message) from exc
    if isinstance(result, list | dict):
        bounded_depth(result)
    return result


def _nodes(tree: Any) -> Iterator[Any]:
    todo = [tree]
    while todo:
        node = todo.pop()
        # those of a slice are numbers
        todo += [each for each in node["children"] if isinstance(each, dict)]
        yield node


def _check_words(node: Any) -> None:
    try:
        json.dumps(node.get("value"), allow_nan=False, ensure_ascii=False).encode()
    except UnicodeEncodeError as exc:
        raise ValueError("a text in this JMESPath is no valid Unicode") from exc
    except ValueError as exc:
        raise ValueError("a number in this JMESPath is none of JSON") from exc


def _check_function(node: Any) -> None:
    from jmespath.functions import Functions  # noqa: PLC0415  # as above

    name, known = node["value"], Functions.FUNCTION_TABLE
    if name not in known:
        names = ", ".join(sorted(known))
        raise ValueError(f"JMESPath has no function {name[:100]}(): it has {names}")
    _check_arity(name, known[name]["signature"], len(node["children"]))


def _check_arity(name: str, signature: Any, given: int) -> None:
    takes_more = bool(signature) and signature[-1].get("variadic")
    if given < len(signature) or (given > len(signature) and not takes_more):
        wanted = f"{len(signature)} or more" if takes_more else len(signature)
        raise ValueError(f"JMESPath's {name}() has {given} arguments: give it {wanted}")
