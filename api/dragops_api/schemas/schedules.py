"""A schedule as the reference has it, and its next runs."""

from pydantic import Field

from dragops.model.ids import NODE_ID_PATTERN
from dragops.model.schema import Shape


class ScheduleIn(Shape):
    """A rule for an On Schedule node."""

    cron_expression: str = Field(
        max_length=256, description="5 fields, or 6 with the second before them, or a macro."
    )
    timezone: str = Field(default="UTC", max_length=64, description="IANA timezone.")
    node_id: str | None = Field(
        default=None,
        pattern=NODE_ID_PATTERN,
        description="The On Schedule node; needed only where there are several.",
    )


class ScheduleOut(Shape):
    """The rule that holds now."""

    cron_expression: str
    timezone: str
    next_runs: list[str] = Field(
        description="The next five times of the rule; they come while the deployment is active."
    )
