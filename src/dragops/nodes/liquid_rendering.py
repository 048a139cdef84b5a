"""Liquid within bounds: nothing is loaded, each turn of a loop counts, and so does what is kept."""

import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from difflib import get_close_matches
from functools import cache, lru_cache
from io import StringIO
from typing import Any, Final, TextIO

from liquid import BoundTemplate, Environment, RenderContext
from liquid.ast import Node
from liquid.builtin.expressions import FilteredExpression
from liquid.builtin.expressions.primitive import RangeLiteral
from liquid.builtin.output import Output, OutputNode
from liquid.builtin.tags.echo_tag import EchoNode, EchoTag
from liquid.exceptions import LiquidError, LiquidInterrupt, ResourceLimitError
from liquid.expression import Expression
from liquid.stringify import to_liquid_string
from liquid.utils import ReadOnlyChainMap
from typing_extensions import override

from dragops.errors import RunFailure
from dragops.nodes.limits import BYTES_MAX, BoundedWriter, bounded_text, limit_error
from dragops.nodes.liquid_filters import bounded_filters, text_of
from dragops.nodes.parsing import parse_error

TURNS_MAX: Final = 100_000
_LOADING: Final = ("include", "render")
_FAILURES: Final = (ArithmeticError, ValueError, TypeError, LookupError, AttributeError)


def check_template(template: str) -> None:
    """Refuse a template that is malformed, names an unknown filter, or loads another one."""
    _read(template, escape=False)


def rendered(
    template: str, values: dict[str, Any], now: Callable[[], datetime], *, escape: bool
) -> str:
    """Fill a template in; ``now`` is asked by the filter `date` alone."""
    ready = _read(template, escape=escape)
    context, out = _Context(ready, values, now), BoundedWriter(newline="")
    try:
        for node in ready.nodes:
            node.render(context, out)
    except LiquidInterrupt:
        pass  # a break outside a loop ends the text
    except ResourceLimitError as exc:
        raise limit_error(f"a template: {exc.message}") from exc
    except RecursionError as exc:
        raise limit_error("the depth of a template") from exc
    except LiquidError as exc:
        line, _ = _place(exc)
        where = f", line {line}" if line else ""
        raise _failed(f"{str(exc.message)[:300]}{where}") from exc
    except _FAILURES as exc:
        raise _failed(str(exc)[:300]) from exc
    return bounded_text(out.getvalue())


def _failed(told: str) -> RunFailure:
    return RunFailure("ConversionError", f"the template fails: {told}")


@lru_cache(maxsize=64)
def _read(template: str, *, escape: bool) -> BoundTemplate:
    try:
        ready = _environment(escape=escape).from_string(template)
    except LiquidError as exc:
        line, column = _place(exc)
        raise parse_error("Liquid", exc.message, line, column) from exc
    for expression in _expressions(ready):
        if isinstance(expression, RangeLiteral):
            expression.stop = _ShortRange(expression)
        if isinstance(expression, FilteredExpression):
            _check_filters(ready.env, expression)
    return ready


@cache
def _environment(*, escape: bool) -> Environment:
    return _Environment(autoescape=escape)


def _place(exc: LiquidError) -> tuple[int | None, int | None]:
    try:
        found = exc.context()
    except ValueError:
        return None, None  # at the very end
    return (found[0], found[1] + 1) if found else (None, None)


def _expressions(template: BoundTemplate) -> Iterator[Expression]:
    nodes: list[Node] = [*template.nodes]
    context = RenderContext(template)
    while nodes:
        node = nodes.pop()
        nodes += node.children(context)
        todo = [*node.expressions()]
        while todo:
            expression = todo.pop()
            todo += expression.children()
            yield expression


def _check_filters(known: Environment, expression: FilteredExpression) -> None:
    for each in expression.filters or ():
        if each.name not in known.filters:
            near = get_close_matches(each.name, known.filters, n=3)
            hint = f": use {' or '.join(near)}" if near else ""
            raise parse_error("Liquid", f"there is no filter {each.name[:100]}{hint}")


class _Context(RenderContext):
    """A render: it knows the names that it was given, and counts."""

    def __init__(self, template: BoundTemplate, values: Any, now: Callable[[], datetime]) -> None:
        super().__init__(template, globals=values)
        self.now = now
        # without the library's own `now` and `today`, which know no fixed clock
        self.scope = ReadOnlyChainMap(self.locals, self.globals, self.counters)
        self._turns = 0
        self._kept = 0

    @override
    def raise_for_loop_limit(self, length: int = 1) -> None:
        self._turns += length
        if self._turns > TURNS_MAX:
            raise limit_error(f"a template has {TURNS_MAX} loop turns")

    @override
    def assign(self, key: str, val: Any) -> None:
        self._kept += sys.getsizeof(val) - sys.getsizeof(self.locals.get(key))
        if self._kept > 2 * BYTES_MAX:
            raise limit_error("a template's variables hold 20 MiB")
        self.locals[key] = val

    @override
    def get_buffer(self, buf: TextIO | None = None) -> StringIO:
        return BoundedWriter(newline="")


class _TextNode(OutputNode):
    @override
    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        shown = text_of(self.expression.evaluate(context))
        return buffer.write(to_liquid_string(shown, context.autoescape))


class _EchoNode(_TextNode, EchoNode):
    pass


class _Output(Output):
    node_class = _TextNode


class _Echo(EchoTag):
    node_class = _EchoNode


class _Environment(Environment):
    @override
    def setup_tags_and_filters(self, *, extra: bool = False) -> None:
        super().setup_tags_and_filters(extra=extra)
        self.add_tag(_Output)
        self.add_tag(_Echo)
        for name in _LOADING:
            del self.tags[name]
        self.filters = bounded_filters(self.filters)


class _ShortRange(Expression):
    """The end of a range, which is refused before a long one is made."""

    def __init__(self, of: RangeLiteral) -> None:
        super().__init__(of.token)
        self._whole = RangeLiteral(of.token, of.start, of.stop)  # as `of` will end with this

    @override
    def evaluate(self, context: RenderContext) -> object:
        made = self._whole.evaluate(context)
        if made.stop - made.start > TURNS_MAX:
            raise limit_error(f"a range has {TURNS_MAX} numbers")
        return self._whole.stop.evaluate(context)

    @override
    def children(self) -> list[Expression]:
        return self._whole.children()
