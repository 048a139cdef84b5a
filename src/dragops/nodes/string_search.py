"""Where one String is in another."""

from dragops.nodes.category import Category

category = Category("String")


@category.node(
    "StartsWith pure (value: String!, search: String!) [ignoreCase: Boolean = false]"
    " -> (result: Boolean)"
)
def starts_with(value: str, search: str, ignore_case: bool = False) -> bool:
    """Say whether a text begins with another one."""
    if ignore_case:
        return value.lower().startswith(search.lower())
    return value.startswith(search)


@category.node(
    "EndsWith pure (value: String!, search: String!) [ignoreCase: Boolean = false]"
    " -> (result: Boolean)"
)
def ends_with(value: str, search: str, ignore_case: bool = False) -> bool:
    """Say whether a text ends with another one."""
    if ignore_case:
        return value.lower().endswith(search.lower())
    return value.endswith(search)


@category.node(
    "IndexOf pure (value: String!, search: String!, start: Integer = 0)"
    " [last: Boolean = false] -> (index: Integer)"
)
def index_of(value: str, search: str, start: int = 0, last: bool = False) -> int:
    """Give the first place of a text at or after start, or the last of all; -1 if none."""
    if last:
        return value.rfind(search)
    begin = max(start + len(value), 0) if start < 0 else start
    return value.find(search, begin if search else min(begin, len(value)))
