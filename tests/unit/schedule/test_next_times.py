"""When rules fire: vectors from Kubernetes' own parser, and two independent opinions."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from croniter import croniter
from hypothesis import given
from hypothesis import strategies as st

from dragops.schedule import Schedule, next_times, parse_schedule, read_rule
from support.vectors import COUNT, Vector, vectors

WINDOW = timedelta(days=3)


@pytest.mark.parametrize("vector", vectors(), ids=lambda v: f"{v.zone} {v.rule}")
def test_a_rule_fires_when_kubernetes_fires_it(vector: Vector) -> None:
    """Next runs that are shown are the ones that come, on days of clock changes too."""
    rule = parse_schedule(vector.rule, vector.zone)

    assert tuple(next_times(rule, vector.after, COUNT)) == vector.times


def _list_of(low: int, high: int) -> st.SearchStrategy[str]:
    value = st.integers(low, high)
    pair = st.lists(value, min_size=2, max_size=2, unique=True)
    span = pair.map(lambda ends: f"{min(ends)}-{max(ends)}")
    part = st.one_of(value.map(str), span, st.builds("{}/{}".format, span, st.integers(1, 9)))
    return st.lists(part, min_size=1, max_size=3).map(",".join)


def _field(low: int, high: int) -> st.SearchStrategy[str]:
    step = st.integers(2, high).map("*/{}".format)
    return st.one_of(st.just("*"), step, _list_of(low, high))


def _rules(weekday: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    others = (_field(0, 59), _field(0, 23), _field(1, 28), _field(1, 12))
    return st.tuples(*others, weekday).map(" ".join)


RULES = _rules(_field(0, 6))
# what only croniter reads so stays out: 0-0 is every day, */1 a restriction
COMMON_RULES = _rules(st.sampled_from(["*", "?", "0", "6", "SUN", "mon,FRI", "1,3,5", "*/3"]))
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2037, 1, 1), timezones=st.just(UTC))


def _matches(rule: Schedule, local: datetime) -> bool:
    day, weekday = local.day in rule.day.values, (local.weekday() + 1) % 7 in rule.weekday.values
    starred = rule.day.is_star or rule.weekday.is_star
    return (
        local.minute in rule.minute.values
        and local.hour in rule.hour.values
        and local.month in rule.month.values
        and ((day and weekday) if starred else (day or weekday))
    )


def _scan(rule: Schedule, after: datetime) -> datetime | None:
    """Look at every minute of the window: slow, and nothing like the walk."""
    at = after.replace(second=0, microsecond=0)
    while at <= after + WINDOW:
        at += timedelta(minutes=1)
        if _matches(rule, at.astimezone(rule.zone)):
            return at
    return None


# no zone here changes its clocks at midnight or by half an hour: there the walk has its own ways
@given(
    RULES, MOMENTS, st.sampled_from(["UTC", "America/New_York", "Europe/Berlin", "Asia/Kolkata"])
)
def test_the_next_time_matches_and_none_lies_between(text: str, after: datetime, zone: str) -> None:
    """A scan of every minute finds the same next time, clock changes included."""
    rule = parse_schedule(text, zone)

    found, walked = _scan(rule, after), rule.next(after)

    if found is None:
        assert walked is None or walked > after + WINDOW
    else:
        assert walked == found


@given(_field(0, 59), RULES, MOMENTS, st.sampled_from(["UTC", "America/New_York", "Asia/Kolkata"]))
def test_seconds_come_in_the_minutes_of_the_rule(
    seconds: str, minutes: str, after: datetime, zone: str
) -> None:
    """Six fields fire in each minute of the five, at each of its seconds, and at no other time."""
    rule, coarse = parse_schedule(f"{seconds} {minutes}", zone), parse_schedule(minutes, zone)
    whole = after.replace(second=59, microsecond=0)

    expected = [
        minute + timedelta(seconds=second)
        for minute in next_times(coarse, whole, 2)
        for second in sorted(rule.second.values)
    ]

    assert next_times(rule, whole, len(expected)) == expected


@given(COMMON_RULES, MOMENTS)
def test_croniter_agrees_where_it_means_the_same(text: str, after: datetime) -> None:
    """In UTC, and without what only one of the two reads, the two agree."""
    rule = parse_schedule(text)

    assert rule.next(after) == croniter(text, after).get_next(datetime)


@given(_field(0, 59), COMMON_RULES, MOMENTS)
def test_croniter_agrees_on_seconds_too(seconds: str, minutes: str, after: datetime) -> None:
    """Told that seconds come first, it finds the same second."""
    text = f"{seconds} {minutes}"
    theirs = croniter(text, after.replace(microsecond=0), second_at_beginning=True)

    assert parse_schedule(text).next(after) == theirs.get_next(datetime)


def test_next_times_follow_each_other() -> None:
    """Each time is later than the one before, and there are as many as asked for."""
    rule = parse_schedule("0 9 * * MON-FRI", "Europe/Berlin")
    friday = datetime(2026, 3, 27, 12, tzinfo=ZoneInfo("Europe/Berlin"))

    assert [at.isoformat() for at in next_times(rule, friday, 3)] == [
        "2026-03-30T07:00:00+00:00",
        "2026-03-31T07:00:00+00:00",
        "2026-04-01T07:00:00+00:00",
    ]


def test_times_end_when_five_years_hold_none() -> None:
    """29 February is not looked for across 2100, which has none."""
    leap_day = parse_schedule("0 0 29 2 *")

    assert next_times(leap_day, datetime(2092, 1, 1, tzinfo=UTC), 9) == [
        datetime(2092, 2, 29, tzinfo=UTC),
        datetime(2096, 2, 29, tzinfo=UTC),
    ]


def test_whoever_looks_further_finds_more() -> None:
    """2100 is no leap year."""
    rule, after = parse_schedule("0 0 29 2 *"), datetime(2096, 3, 1, tzinfo=UTC)

    assert rule.next(after) is None
    assert next_times(rule, after, 2, years=10) == [
        datetime(2104, 2, 29, tzinfo=UTC),
        datetime(2108, 2, 29, tzinfo=UTC),
    ]


def test_a_rule_may_be_read_in_a_zone_without_a_name() -> None:
    """Also one that never fires, which only has no next time."""
    zone = timezone(timedelta(hours=5, minutes=45))
    after = datetime(2026, 3, 5, tzinfo=UTC)

    assert read_rule("0 9 * * *", zone).next(after) == datetime(2026, 3, 5, 3, 15, tzinfo=UTC)
    assert read_rule("0 0 31 2 *", zone).next(after, years=10) is None


def test_the_day_that_samoa_left_out_does_not_hold_the_walk() -> None:
    """Kubernetes' parser never returns from here; ours goes on to the day after."""
    rule = parse_schedule("0 12 31 12 *", "Pacific/Apia")

    assert rule.next(datetime(2011, 12, 29, tzinfo=UTC)) == datetime(2011, 12, 30, 22, tzinfo=UTC)


def test_the_end_of_the_calendar_is_an_end() -> None:
    """A program may ask for times after the year 9990; there are none."""
    assert parse_schedule("* * * * *").next(datetime(9999, 12, 31, tzinfo=UTC)) is None


def test_a_moment_without_zone_is_a_mistake_of_the_caller() -> None:
    """Guessing the machine's own zone would give another answer on each machine."""
    with pytest.raises(ValueError, match="zone"):
        parse_schedule("* * * * *").next(datetime(2026, 1, 1))
