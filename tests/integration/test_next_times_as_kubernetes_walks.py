"""Next times put to robfig/cron v3, the library with which the CronJob controller walks."""

import zoneinfo
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dragops.errors import BadInput
from dragops.schedule import for_cron_job, next_times, parse_schedule
from support.judge import Judge
from support.vectors import COUNT, Vector, rewrite, vectors

pytestmark = pytest.mark.timeout(300)

_STUCK = {"Pacific/Apia", "Pacific/Fakaofo"}
"""They left out 30 December 2011: the judge never returns from there."""


def _is_taken(zone: str) -> bool:
    try:
        parse_schedule("* * * * *", zone)
    except BadInput:
        return False
    return True


ZONES = sorted(filter(_is_taken, zoneinfo.available_timezones() - _STUCK))
_MONTHS = ["JAN", "feb", "Mar", "APR", "may", "JUN", "jul", "AUG", "sep", "OCT", "nov", "DEC"]
_WEEKDAYS = ["SUN", "mon", "Tue", "WED", "thu", "FRI", "sat"]


@pytest.fixture(scope="module")
def judge() -> Iterator[Judge]:
    with Judge.start() as judge:
        yield judge


def _field(low: int, high: int, names: list[str] | None = None) -> st.SearchStrategy[str]:
    numbers = st.integers(low, high).map(str)
    value = st.one_of(numbers, st.sampled_from(names)) if names else numbers
    star = st.sampled_from("*?")
    span = st.tuples(st.integers(low, high), st.integers(low, high)).map(
        lambda ends: f"{min(ends)}-{max(ends)}"
    )
    stepped = st.builds("{}/{}".format, st.one_of(star, value, span), st.integers(1, high + 5))
    part = st.one_of(value, span, stepped)
    return st.one_of(star, st.just("*"), st.lists(part, min_size=1, max_size=3).map(",".join))


def _rules(weekdays: int) -> st.SearchStrategy[str]:
    minutes = st.tuples(
        *(_field(0, 59), _field(0, 23), _field(1, 31)),
        *(_field(1, 12, _MONTHS), _field(0, weekdays, _WEEKDAYS)),
    ).map(" ".join)
    return st.one_of(minutes, st.builds("{} {}".format, _field(0, 59), minutes))


def _change_near(zone: str, at: datetime) -> datetime | None:
    """Give the first moment within a year at which a zone's clocks change."""
    key = zoneinfo.ZoneInfo(zone)
    day = next(
        (
            at + timedelta(days=n)
            for n in range(366)
            if _offset(key, at + timedelta(days=n)) != _offset(key, at + timedelta(days=n + 1))
        ),
        None,
    )
    if day is None:
        return None
    low, high = day, day + timedelta(days=1)
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) / 2
        low, high = (middle, high) if _offset(key, middle) == _offset(key, low) else (low, middle)
    return high


def _offset(zone: zoneinfo.ZoneInfo, at: datetime) -> timedelta | None:
    return at.astimezone(zone).utcoffset()


@st.composite
def _questions(draw: st.DrawFn, weekdays: int = 6) -> tuple[str, str, datetime]:
    """A rule, a zone, and a moment: half of them within hours of a change of clocks."""
    zone = draw(st.sampled_from(ZONES))
    at = draw(st.datetimes(datetime(1996, 1, 1), datetime(2037, 1, 1), timezones=st.just(UTC)))
    change = _change_near(zone, at) if draw(st.booleans()) else None
    if change is not None:
        at = change + timedelta(seconds=draw(st.integers(-90_000, 7_200)))
    return draw(_rules(weekdays)), zone, at.replace(microsecond=0)


def _fault(rule: str) -> str:
    try:
        parse_schedule(rule)
    except BadInput as exc:
        return str(exc)
    return ""


@settings(max_examples=1500, deadline=None)
@given(_questions())
@example(("0 0 29 2 *", "UTC", datetime(2096, 3, 1, tzinfo=UTC)))
@example(("30 59 23 31 12 *", "Europe/Berlin", datetime(2026, 12, 31, 22, 59, 30, tzinfo=UTC)))
def test_the_next_times_are_the_judges(judge: Judge, question: tuple[str, str, datetime]) -> None:
    """Five fields and six, every zone, days on which clocks change: not one second apart."""
    rule, zone, after = question
    verdict = judge.ask(rule, zone, after, COUNT)

    assert verdict.error == ""
    if fault := _fault(rule):
        assert "never fires" in fault
        assert verdict.times == ()
    else:
        schedule = parse_schedule(rule, zone)
        assert tuple(next_times(schedule, after, COUNT)) == verdict.times
        assert all(schedule.names(at) for at in verdict.times)


@settings(max_examples=300, deadline=None)
@given(_questions(weekdays=7))
def test_a_cron_job_fires_in_the_minutes_of_its_rule(
    judge: Judge, question: tuple[str, str, datetime]
) -> None:
    """The five fields that a CronJob is given lead to the minute of the rule's next time.

    Weekday 7, which the judge does not know, is among the rules here.
    """
    rule, zone, after = question
    if _fault(rule):
        return
    minute = after.replace(second=59)
    told = judge.ask(for_cron_job(rule), zone, minute, 1).times
    ours = tuple(next_times(parse_schedule(rule, zone), minute, 1))

    assert tuple(at.replace(second=0) for at in ours) == told


def test_the_golden_vectors_are_the_judges(judge: Judge, request: pytest.FixtureRequest) -> None:
    """The table with which the unit tests compare is what the library says today."""

    def answer(vector: Vector) -> tuple[datetime, ...]:
        verdict = judge.ask(vector.rule, vector.zone, vector.after, COUNT)
        assert verdict.error == "", vector
        return verdict.times

    if request.config.getoption("--update-data"):
        rewrite(answer)

    assert [answer(vector) for vector in vectors()] == [vector.times for vector in vectors()]
