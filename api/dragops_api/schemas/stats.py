"""Statistics of a deployment's runs as REST has them."""

from typing import Any, Self

from pydantic import Field

from dragops.history.records import moment
from dragops.history.spans import PeriodName
from dragops.history.stats import RunStats, Summary
from dragops.model.schema import Shape

_RATE = "completed / (completed + failures) * 100, two decimals; null when neither is there."
_NEAR = "Of runs that began; exact below 16 ms, at most 12.5 % off above."


class Durations(Shape):
    """How long runs took, from their acceptance to their end; null when none has ended."""

    average_ms: float | None
    p50_ms: int | None = Field(description=_NEAR)
    p95_ms: int | None = Field(description=_NEAR)

    @classmethod
    def of(cls, summary: Summary) -> Self:
        """Show the durations of some runs."""
        return cls(average_ms=summary.average_ms, p50_ms=summary.p50_ms, p95_ms=summary.p95_ms)


class TriggerStats(Shape):
    """The runs that one kind of trigger started."""

    triggered_by: str
    runs: int
    completed: int
    failures: int
    success_rate: float | None = Field(description=_RATE)
    durations: Durations


class StatsBucket(Shape):
    """The runs that were made in one stretch of the history; one without runs is there too."""

    at: str | None = Field(description="Its beginning; buckets are as long as `bucketSeconds`.")
    runs: int
    completed: int
    failures: int
    average_ms: float | None


class StatsOut(Shape):
    """The runs that were made in the period and have ended."""

    period: PeriodName
    since: str | None
    until: str | None
    runs: int
    completed: int
    failures: int = Field(description="Runs that ended as failed, timeout or dead_letter.")
    by_status: dict[str, int]
    success_rate: float | None = Field(description=_RATE)
    unfinished: int = Field(description="Runs that wait or go on now, whenever they were made.")
    durations: Durations
    by_trigger: list[TriggerStats]
    bucket_seconds: int
    history: list[StatsBucket] = Field(description="Oldest first, up to now.")

    @classmethod
    def of(cls, stats: RunStats) -> Self:
        """Show statistics."""
        return cls(
            **_counts(stats.whole),
            period=stats.period,
            since=moment(stats.since),
            until=moment(stats.until),
            by_status=stats.whole.by_status,
            success_rate=stats.whole.success_rate,
            unfinished=stats.unfinished,
            durations=Durations.of(stats.whole),
            by_trigger=[_of_trigger(word, part) for word, part in stats.by_trigger.items()],
            bucket_seconds=stats.bucket // 1000,
            history=[_bucket(at, part) for at, part in stats.history.items()],
        )


def _of_trigger(triggered_by: str, summary: Summary) -> TriggerStats:
    return TriggerStats(
        **_counts(summary),
        triggered_by=triggered_by,
        success_rate=summary.success_rate,
        durations=Durations.of(summary),
    )


def _bucket(at: int, summary: Summary) -> StatsBucket:
    return StatsBucket(**_counts(summary), at=moment(at), average_ms=summary.average_ms)


def _counts(summary: Summary) -> dict[str, Any]:
    return {
        "runs": summary.runs,
        "completed": summary.completed,
        "failures": summary.failures,
    }
