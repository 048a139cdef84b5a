"""metav1 conditions: set in memory, written once, ``lastTransitionTime`` moves only with status."""

from collections.abc import Iterable
from typing import Literal

from pydantic import Field

from dragops.model.schema import Report

Status = Literal["True", "False", "Unknown"]


class Condition(Report):
    """One condition of a resource."""

    type: str = Field(max_length=64, description="What is claimed, such as Ready.")
    status: Status = Field(description="Whether the claim holds.")
    reason: str = Field(
        max_length=64, pattern=r"^[A-Za-z][A-Za-z0-9]*$", description="Why, in one word."
    )
    message: str = Field(default="", max_length=32768, description="Why, for people.")
    observed_generation: int = Field(default=0, description="The generation that was judged.")
    last_transition_time: str = Field(
        default="", max_length=40, description="When the status last changed: RFC 3339, UTC."
    )


def set_conditions(
    old: Iterable[Condition], new: Iterable[Condition], *, now: str
) -> tuple[Condition, ...]:
    """Give ``new``, sorted by type, each with the time at which its status last changed."""
    before = {condition.type: condition for condition in old}

    def at(condition: Condition) -> str:
        known = before.get(condition.type)
        return known.last_transition_time if known and known.status == condition.status else now

    stamped = (c.model_copy(update={"last_transition_time": at(c)}) for c in new)
    return tuple(sorted(stamped, key=lambda condition: condition.type))


def is_true(conditions: Iterable[Condition], type_: str) -> bool:
    """Say whether the condition of this type is there and True."""
    return any(c.type == type_ and c.status == "True" for c in conditions)
