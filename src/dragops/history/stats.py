"""Statistics of a deployment's runs, made of the counters of their ends. Pure.

Next: ``dragops_api.schemas.stats`` shows them.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

from dragops.history.durations import NO_DURATION, percentile
from dragops.history.spans import PERIODS, PeriodName
from dragops.model.run import FAILURES, RunStatus

K = TypeVar("K")


class EndCount(NamedTuple):
    """How many runs that were made in one bucket of the history ended alike."""

    at: int
    triggered_by: str
    status: str
    duration: int
    runs: int
    milliseconds: int


@dataclass(frozen=True, slots=True)
class Summary:
    """Some runs that have ended, summed up; what cannot be told of none is None."""

    runs: int
    by_status: dict[str, int]
    average_ms: float | None
    p50_ms: int | None
    p95_ms: int | None

    @property
    def completed(self) -> int:
        """Count the runs that did what they should."""
        return self.by_status.get(RunStatus.COMPLETED, 0)

    @property
    def failures(self) -> int:
        """Count the runs that failed, ran out of time or out of tries."""
        return sum(self.by_status.get(status, 0) for status in FAILURES)

    @property
    def success_rate(self) -> float | None:
        """Give the share of runs that completed, in percent; cancelled ones say nothing of it."""
        judged = self.completed + self.failures
        return round(100 * self.completed / judged, 2) if judged else None


@dataclass(frozen=True, slots=True)
class RunStats:
    """What is told of a period."""

    period: PeriodName
    bucket: int
    """Length of a bucket of the history; it and times are milliseconds."""
    since: int
    until: int
    unfinished: int
    whole: Summary
    by_trigger: dict[str, Summary]
    history: dict[int, Summary]
    """By the beginning of the bucket, also where nothing ran."""


def run_stats(
    period: PeriodName, now: int, counts: Iterable[EndCount], *, unfinished: int
) -> RunStats:
    """Sum up the ends of runs that were made in the period before ``now``."""
    over, ends = PERIODS[period], list(counts)
    by_bucket = _grouped(ends, lambda end: end.at)
    return RunStats(
        period=period,
        bucket=over.bucket,
        since=over.since(now),
        until=now,
        unfinished=unfinished,
        whole=_summary(ends),
        by_trigger=dict(sorted(_grouped(ends, lambda end: end.triggered_by).items())),
        history={at: by_bucket.get(at, _summary(())) for at in over.buckets(now)},
    )


def _grouped(ends: Iterable[EndCount], key: Callable[[EndCount], K]) -> dict[K, Summary]:
    groups: dict[K, list[EndCount]] = defaultdict(list)
    for end in ends:
        groups[key(end)].append(end)
    return {name: _summary(members) for name, members in groups.items()}


def _summary(ends: Iterable[EndCount]) -> Summary:
    by_status: Counter[str] = Counter()
    lengths: Counter[int] = Counter()
    milliseconds = 0
    for end in ends:
        by_status[end.status] += end.runs
        if end.duration != NO_DURATION:
            lengths[end.duration] += end.runs
            milliseconds += end.milliseconds
    timed = lengths.total()
    return Summary(
        runs=by_status.total(),
        by_status=dict(sorted(by_status.items())),
        average_ms=round(milliseconds / timed, 2) if timed else None,
        p50_ms=percentile(lengths, 50),
        p95_ms=percentile(lengths, 95),
    )
