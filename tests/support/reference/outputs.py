"""What impure nodes have put out, and whose it is: the run's, or that of one turn of many."""

from collections.abc import Iterable
from typing import Any

Values = dict[str, Any]


class Outputs:
    """The outputs of the run, or of a turn: then those of its body's nodes, over those outside."""

    def __init__(self, outside: "Outputs | None" = None, body: Iterable[str] = ()) -> None:
        self._outside, self._body = outside, frozenset(body)
        self._values: dict[str, Values] = {}

    def put(self, node_id: str, values: Values) -> None:
        """Keep what a node has put out, until it runs again."""
        self._owner(node_id)._values[node_id] = values

    def of(self, node_id: str) -> Values:
        """Give what a node has put out; nothing when it has not run."""
        return self._owner(node_id)._values.get(node_id, {})

    def _owner(self, node_id: str) -> "Outputs":
        if self._outside is None or node_id in self._body:
            return self
        return self._outside._owner(node_id)
