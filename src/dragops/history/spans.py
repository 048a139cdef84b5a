"""The periods that statistics cover, and for how long their counters are kept."""

from dataclasses import dataclass
from typing import Literal

MINUTE_MS, HOUR_MS, DAY_MS = 60_000, 3_600_000, 86_400_000
KEPT_MS = {MINUTE_MS: 25 * HOUR_MS, HOUR_MS: 31 * DAY_MS}
"""Ends are counted by minute and by hour; how old the counters of each grow."""


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of time up to now; all lengths are milliseconds."""

    length: int
    span: int
    """Of the counters that are added up."""
    bucket: int
    """Of the history that is shown."""

    def since(self, now: int) -> int:
        """Give the beginning: so many whole spans before the end of the present one."""
        return now // self.span * self.span + self.span - self.length

    def buckets(self, now: int) -> range:
        """Give where the buckets of the history begin; the first and the last may be cut."""
        return range(self.since(now) // self.bucket * self.bucket, now + 1, self.bucket)


PeriodName = Literal["1h", "24h", "7d", "30d"]
PERIODS: dict[PeriodName, Period] = {
    "1h": Period(HOUR_MS, MINUTE_MS, MINUTE_MS),
    "24h": Period(DAY_MS, MINUTE_MS, HOUR_MS),
    "7d": Period(7 * DAY_MS, HOUR_MS, 6 * HOUR_MS),
    "30d": Period(30 * DAY_MS, HOUR_MS, DAY_MS),
}
