"""Which rule was in force when: a tick counts once, whoever brings it and however late."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dragops.model.bundle import PastRule, Schedule
from dragops.schedule import next_times, parse_schedule
from dragops.schedule.eras import begins_at, due_between, is_due

NOON = datetime(2026, 3, 5, 12, tzinfo=UTC)
CHANGED = Schedule(
    node_id="tick",
    cron_expression="*/2 * * * *",
    not_before="2026-03-05T12:03:30.000Z",
    past=(
        PastRule(
            cron_expression="0,30 * * * * *",
            not_before="2026-03-05T12:01:00.000Z",
            until="2026-03-05T12:03:30.000Z",
        ),
    ),
)
SLIPS = [
    ("Asia/Beirut", "0 5 28 3 *", "2026-03-29T02:00:00Z"),
    ("Asia/Beirut", "5 0 5 28 3 *", "2026-03-29T02:00:05Z"),
]


def _at(minute: int, second: int = 0) -> datetime:
    return NOON + timedelta(minutes=minute, seconds=second)


@pytest.mark.parametrize(
    ("at", "claim"),
    [
        (_at(0), False),
        (_at(1), True),
        (_at(2, 30), True),
        (_at(2, 15), False),
        (_at(3), True),
        (_at(3, 30), False),
        (_at(4), True),
        (_at(5), False),
        (_at(4, 30), False),
        (_at(6) + timedelta(milliseconds=1), False),
    ],
)
def test_the_rule_of_its_time_decides_about_a_tick(at: datetime, *, claim: bool) -> None:
    """Ticks of the old rule count up to the change, those of the new one from then on."""
    assert is_due(CHANGED, at) is claim


def test_the_ticks_of_a_time_are_those_of_its_rules() -> None:
    """In order; the end is not among them."""
    times = list(due_between(CHANGED, _at(2), _at(6)))

    assert times == [_at(2), _at(2, 30), _at(3), _at(4)]


@pytest.mark.parametrize(("zone", "rule", "at"), SLIPS)
def test_a_slip_of_the_walk_is_a_tick(zone: str, rule: str, at: str) -> None:
    """Kubernetes fires the 28th's rule on the 29th, as midnight is missing; so it counts."""
    assert parse_schedule(rule, zone).names(datetime.fromisoformat(at))


def test_the_day_that_is_named_without_a_slip_is_not_another() -> None:
    """The search for slips finds none where there is none."""
    rule = parse_schedule("0 5 28 3 *", "Asia/Beirut")

    assert not rule.names(datetime(2026, 4, 29, 2, tzinfo=UTC))
    assert not rule.names(datetime(2026, 3, 28, 3, 0, 0, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    ("rule", "now", "begins"),
    [
        ("* * * * *", _at(0, 25), _at(0, 25)),
        ("* * * * * *", _at(0, 25), _at(1)),
        ("* * * * * *", _at(0), _at(0)),
        ("* * * * * *", _at(0) + timedelta(milliseconds=1), _at(1)),
    ],
)
def test_a_rule_with_seconds_begins_with_a_full_minute(
    rule: str, now: datetime, begins: datetime
) -> None:
    """Its ticks come a minute at a time; any other rule begins at once."""
    assert begins_at(parse_schedule(rule), now) == begins


RULES = st.sampled_from(
    ["* * * * *", "*/3 * * * *", "30 1-3 * * *", "0,20 * * * * *", "*/7 */2 * * * *", "0 2 * * *"]
)
ZONES = st.sampled_from(["UTC", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"])
PLAIN_ZONES = st.sampled_from(["UTC", "America/New_York", "Asia/Kolkata"])
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))


@settings(deadline=None)
@given(RULES, ZONES, MOMENTS)
def test_every_time_of_a_rule_is_named_by_it(text: str, zone: str, after: datetime) -> None:
    """What the walk finds is due, on days of clock changes too."""
    rule = parse_schedule(text, zone)

    assert all(rule.names(at) for at in next_times(rule, after, 5))


@settings(deadline=None, max_examples=40)
@given(RULES, RULES, PLAIN_ZONES, MOMENTS, st.integers(0, 1_800))
def test_a_tick_counts_exactly_if_it_is_listed(
    old: str, new: str, zone: str, begun: datetime, seconds: int
) -> None:
    """Around a change of the rule, asking and listing agree about every second."""
    begun = begun.replace(second=0, microsecond=0)
    changed = begun + timedelta(seconds=seconds)
    past = PastRule(
        cron_expression=old,
        timezone=zone,
        not_before=begun.isoformat(),
        until=changed.isoformat(),
    )
    schedule = Schedule(
        node_id="tick",
        cron_expression=new,
        timezone=zone,
        not_before=changed.isoformat(),
        past=(past,),
    )
    every = [begun + timedelta(seconds=second) for second in range(-60, 1_900, 10)]

    listed = set(due_between(schedule, every[0], every[-1] + timedelta(seconds=1)))

    assert {at for at in every if is_due(schedule, at)} == listed & set(every)
