"""JMESPath's interpreter, held to the limits of values at each step: expressions can double."""

from itertools import chain
from typing import Any

from jmespath.functions import Functions, signature
from jmespath.visitor import Options, TreeInterpreter
from typing_extensions import override

from dragops.nodes.limits import bounded_size, bounded_text, joined


class _BoundedFunctions(Functions):
    @signature({"types": ["string"]}, {"types": ["array-string"]})
    def _func_join(self, separator: str, array: list[str]) -> str:
        return joined(array, separator)


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
    def visit_flatten(self, node: Any, value: Any) -> Any:
        base = self.visit(node["children"][0], value)
        if not isinstance(base, list):
            return None
        bounded_size(sum(len(each) if isinstance(each, list) else 1 for each in base), "Array")
        parts = (each if isinstance(each, list) else (each,) for each in base)
        return list(chain.from_iterable(parts))


_FUNCTIONS = _BoundedFunctions()
