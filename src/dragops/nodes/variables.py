"""Variables of the pattern, reset at each run, and of the deployment's Environment: read only."""

from collections.abc import Mapping
from typing import Any, TypeAlias

from dragops.errors import RunFailure
from dragops.nodes import math
from dragops.nodes.category import Category
from dragops.nodes.context import Context
from dragops.nodes.convert import Convert, Number, conversion_error, to_number, to_string
from dragops.nodes.limits import bounded_depth, bounded_size, bounded_text

category = Category("Variables")

Types: TypeAlias = Mapping[str, Convert]
"""For each declared variable, the conversion to its type."""


class _Growing(list[Any]):
    """An Array that no one has read since it was last added to: adding to it copies nothing."""


@category.node(
    "GetVariable pure (name: String!) -> (value: Any)",
    variable="name",
)
def get_variable(ctx: Context, name: str) -> Any:
    """Give the value that the variable has now."""
    try:
        value = ctx.variables[name]
    except KeyError:
        raise _unknown(name) from None
    if type(value) is _Growing:
        value = ctx.variables[name] = list(value)
    return value


@category.node(
    "SetVariable impure (exec, name: String!, value: Any) -> (exec)",
    variable="name",
)
def set_variable(ctx: Context, types: Types, name: str, value: Any = None) -> None:
    """Write a value, converted to the declared type."""
    _write(ctx, types, name, value, "value")


@category.node(
    "IncrementVariable impure (exec, name: String!, amount: Float = 1) -> (exec, newValue: Float)",
    variable="name",
)
def increment_variable(ctx: Context, types: Types, name: str, amount: Number = 1) -> Number | Any:
    """Add to a variable; newValue is what is stored, in the variable's type."""
    value = get_variable(ctx, name)
    if value is None:
        raise conversion_error(value, "number", name)
    return _write(ctx, types, name, math.add(to_number(value, name), amount), name)


@category.node(
    "AppendToArray impure (exec, name: String!, item: Any) -> (exec)",
    variable="name",
)
def append_to_array(ctx: Context, name: str, item: Any = None) -> None:
    """Add an item at the end of an Array; null is an item too."""
    value = ctx.variables.get(name)
    if type(value) is not _Growing:
        if name not in ctx.variables:
            raise _unknown(name)
        if not isinstance(value, list):
            raise conversion_error(value, "Array", name)
        value = ctx.variables[name] = _Growing(value)
    bounded_size(len(value) + 1, "Array")
    if isinstance(item, list | dict):
        bounded_depth(item, under=1)
    value.append(item)


@category.node(
    'AppendToString impure (exec, name: String!, text: String!) [separator: String = ""] -> (exec)',
    variable="name",
)
def append_to_string(ctx: Context, types: Types, name: str, text: str, separator: str = "") -> None:
    """Add a text at the end of a String; the separator comes between, not first."""
    before = to_string(get_variable(ctx, name), name)
    if before:
        before += separator
    _write(ctx, types, name, bounded_text(before + text), name)


@category.node("GetEnvironment pure (name: String!, default: String?) -> (value: String?)")
def get_environment(ctx: Context, name: str, default: str | None = None) -> str | None:
    """Give a plain variable of the deployment's Environment, or default when it has none."""
    return ctx.environment.get(name, default)


@category.node("GetSecret pure (name: String!) -> (value: String)")
def get_secret(ctx: Context, name: str) -> str:
    """Give a secret of the deployment's Environment; logs and records show it as ***."""
    try:
        return ctx.secrets[name]
    except KeyError:
        message = f"the deployment's Environment has no secret {name[:200]!r}"
        raise RunFailure("KeyError", message) from None


def _write(ctx: Context, types: Types, name: str, value: Any, pin: str) -> Any:
    convert = types.get(name)
    if convert is None:
        raise _unknown(name)
    ctx.variables[name] = converted = convert(value, pin)
    return converted


def _unknown(name: str) -> RunFailure:
    return RunFailure("KeyError", f"the pattern has no variable {name[:200]!r}")
