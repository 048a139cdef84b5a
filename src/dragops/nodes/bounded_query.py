"""JMESPath's interpreter, held to the limits of values at each step: expressions can double."""

import math
from itertools import chain
from typing import Any

from jmespath.functions import Functions, signature
from jmespath.visitor import Options, TreeInterpreter
from typing_extensions import override

from dragops.errors import RunFailure
from dragops.nodes.convert import to_number
from dragops.nodes.limits import bounded_integer, bounded_size, bounded_text, joined


class _BoundedFunctions(Functions):
    @signature({"types": ["string"]}, {"types": ["array-string"]})
    def _func_join(self, separator: str, array: list[str]) -> str:
        return joined(array, separator)

    @signature({"types": []})
    def _func_to_number(self, arg: Any) -> int | float | None:
        if not isinstance(arg, str | int | float) or isinstance(arg, bool):
            return None
        try:
            return to_number(arg, "to_number")
        except RunFailure as exc:
            if exc.type != "ConversionError":
                raise
            return None


class BoundedQuery(TreeInterpreter):
    """Looks at each intermediate result."""

    def __init__(self) -> None:
        super().__init__(Options(custom_functions=_FUNCTIONS))

    @override
    def visit(self, node: Any, *args: Any, **kwargs: Any) -> Any:
        result = super().visit(node, *args, **kwargs)
        if type(result) is list:
            bounded_size(len(result), "Array")
        elif type(result) is str:
            bounded_text(result)
        return result

    @override
    def visit_function_expression(self, node: Any, value: Any) -> Any:
        result = super().visit_function_expression(node, value)
        if type(result) is int:
            bounded_integer(result)
        elif type(result) is float and not math.isfinite(result):
            raise RunFailure("MathError", f"{node['value']}() is infinite or not a number")
        return result

    @override
    def visit_flatten(self, node: Any, value: Any) -> Any:
        base = self.visit(node["children"][0], value)
        if not isinstance(base, list):
            return None
        bounded_size(sum(len(each) if isinstance(each, list) else 1 for each in base), "Array")
        parts = (each if isinstance(each, list) else (each,) for each in base)
        return list(chain.from_iterable(parts))


_FUNCTIONS = _BoundedFunctions()
