"""Flow control of whole runs: what ends one, what becomes of its failure, runs inside runs."""

from collections.abc import Mapping
from typing import Any, Literal, NoReturn

from dragops.errors import RunFailure, RunStopped
from dragops.model.pin import PinType
from dragops.nodes.category import Category
from dragops.nodes.context import Context
from dragops.nodes.convert import CONVERSIONS
from dragops.nodes.definition import DynamicPins, Settings
from dragops.nodes.fields import read_fields
from dragops.nodes.interface import checked_fields

category = Category("Flow Control")


def _pattern_name(value: str) -> str:
    if not value:
        raise ValueError("name a pattern by its id or name")
    return value


@category.node(
    'StopRun impure (exec, message: String = "")'
    ' [status: Enum(completed|failed) = "completed"] -> ()'
)
def stop_run(message: str = "", status: Literal["completed", "failed"] = "completed") -> NoReturn:
    """End the whole run now; message says why when failed. Only finally flows still run."""
    raise RunStopped(status, "StopRun", message)


def _call_pins(settings: Settings) -> DynamicPins:
    return DynamicPins(
        tuple(field.as_input() for field in read_fields(settings["inputs"])),
        tuple(field.as_output() for field in read_fields(settings["outputs"])),
    )


def _answer_pins(settings: Settings) -> DynamicPins:
    fields = read_fields(settings["outputs"])
    return DynamicPins(inputs=tuple(field.as_input() for field in fields))


category.declare(
    "CallPattern impure (exec, ...input) [pattern: String!, inputs: Array = [],"
    " outputs: Array = []] -> (exec, ...output)",
    "Runs another pattern of the workspace, by id or name, to its end and gives what it returned.",
    checks={
        "pattern": _pattern_name,
        "inputs": checked_fields("exec", "pattern", "inputs", "outputs"),
        "outputs": checked_fields("exec", are_read=True),
    },
    dynamic=_call_pins,
)


async def call_pattern(
    ctx: Context,
    pattern: str,
    inputs: dict[str, Any],
    outputs: Mapping[str, str],
    types: Mapping[str, str] | None = None,
) -> tuple[Any, ...]:
    """Call a pattern; ``types`` are those of inputs that have one. Gives outputs in their order."""
    takes = {name: PinType((types or {}).get(name, "Any")) for name in inputs}
    gives = {name: PinType(type_) for name, type_ in outputs.items()}
    given = await ctx.call(pattern, inputs, takes, gives)
    try:
        return tuple(_read(given.get(name), type_, name) for name, type_ in gives.items())
    except RunFailure as exc:
        raise RunFailure("CallError", f"{pattern}: {exc.message}") from None


@category.node(
    "RespondWith impure (exec, ...output) -> (exec)", dynamic=_answer_pins, lender="OnPatternCall"
)
def respond_with(ctx: Context, outputs: dict[str, Any] | None = None) -> None:
    """Set what the caller of this pattern gets when this run has ended; the first one counts."""
    ctx.give(outputs or {})


def _read(value: Any, type_: PinType, name: str) -> Any:
    return None if value is None else CONVERSIONS[type_](value, name)


def last(ctx: Context) -> type[Exception] | tuple[()]:
    """Give what On Error holds: everything in a run's last attempt, nothing in those before."""
    return () if ctx.is_tried_again else Exception


def only_log(ctx: Context, failure: dict[str, Any]) -> None:
    """Tell of a failure in the flow of On Error, which changes nothing."""
    ctx.log("error", f"On Error failed: {failure.get('type')}: {failure.get('message')}")
