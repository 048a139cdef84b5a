"""Plans for schedules: whose rule holds, since when, and what a CronJob is told."""

from dataclasses import replace
from typing import Any

import pytest

from dragops.model.bundle import Schedule
from dragops.model.condition import Condition
from dragops_operator.reconcile.deployment import plan_deployment
from dragops_operator.reconcile.observed import Observed
from support.observed import FACTS, LATER, NOW, carried_out, seen, seen_pattern, wanting

TICK = {"nodeId": "tick"}
EVERY_MINUTE = TICK | {"cronExpression": "* * * * *"}


def _pattern(rule: str = "0 9 * * 7", zone: str = "UTC") -> dict[str, Any]:
    return {
        "nodes": [
            {"id": "tick", "type": "OnSchedule", "values": {"schedule": rule, "timezone": zone}},
            {"id": "log", "type": "Log"},
        ],
        "wires": [{"from": "tick.exec", "to": "log.exec"}],
    }


def _settled(observed: Observed) -> Observed:
    observed = carried_out(observed, plan_deployment(observed, FACTS))
    observed = replace(observed, confirmed_serial=observed.deployment.status.serial)
    return carried_out(observed, plan_deployment(observed, FACTS))


def _set(observed: Observed, *schedules: dict[str, Any], now: str = LATER) -> Observed:
    """Have the owner change spec.schedules, and settle."""
    return _settled(replace(wanting(observed, schedules=list(schedules)), now=now))


def _schedule(observed: Observed) -> Schedule:
    assert observed.live is not None
    (schedule,) = observed.live.schedules
    return schedule


def _cron_job(observed: Observed) -> dict[str, Any]:
    (cron_job,) = [c for c in observed.children if c["kind"] == "CronJob"]
    spec: dict[str, Any] = cron_job["spec"]
    return spec


def _tick(observed: Observed) -> dict[str, Any]:
    pod: dict[str, Any] = _cron_job(observed)["jobTemplate"]["spec"]["template"]["spec"]
    return pod


def _env(observed: Observed) -> dict[str, str]:
    variables = _tick(observed)["containers"][0]["env"]
    return {each["name"]: each.get("value", "") for each in variables}


def _condition(observed: Observed, type_: str) -> Condition:
    return next(c for c in observed.deployment.status.conditions if c.type == type_)


def test_a_setting_takes_the_place_of_the_patterns_rule() -> None:
    """In the bundle, in the CronJob and in status, from the moment of the change."""
    settled = _set(_settled(seen(_pattern())), EVERY_MINUTE | {"timezone": "Europe/Berlin"})

    schedule = _schedule(settled)
    assert (schedule.cron_expression, schedule.timezone) == ("* * * * *", "Europe/Berlin")
    assert schedule.not_before == LATER
    spec = _cron_job(settled)
    assert (spec["schedule"], spec["timeZone"]) == ("* * * * *", "Europe/Berlin")
    (told,) = settled.deployment.status.schedules
    assert (told.cron_expression, told.since) == ("* * * * *", LATER)
    assert _condition(settled, "Ready").status == "True"


def test_what_a_setting_leaves_out_is_as_the_pattern_has_it() -> None:
    """Rule and zone each on their own."""
    begun = _settled(seen(_pattern("0 9 * * *", "Asia/Tokyo")))

    zone = _schedule(_set(begun, TICK | {"timezone": "UTC"}))
    rule = _schedule(_set(begun, EVERY_MINUTE))

    assert (zone.cron_expression, zone.timezone) == ("0 9 * * *", "UTC")
    assert (rule.cron_expression, rule.timezone) == ("* * * * *", "Asia/Tokyo")


def test_a_setting_that_is_taken_away_gives_the_patterns_rule_back() -> None:
    """The bundle remembers what the pattern says; nothing is compiled for it."""
    changed = _set(_settled(seen(_pattern())), EVERY_MINUTE)

    back = _set(changed, now="2026-03-05T13:00:00.000Z")

    assert _schedule(back).cron_expression == "0 9 * * 7"
    assert back.deployment.status.version_number == 1


def test_a_setting_outlives_a_new_version_of_the_pattern() -> None:
    """Who set it meant the deployment, not a version."""
    changed = _set(_settled(seen(_pattern())), EVERY_MINUTE)

    edited = _settled(replace(changed, pattern=seen_pattern(_pattern("0 7 * * *"), generation=2)))

    assert edited.deployment.status.version_number == 2
    assert _schedule(edited).cron_expression == "* * * * *"
    written = _schedule(edited).written
    assert written is not None
    assert written.cron_expression == "0 7 * * *"


def test_the_old_rule_is_remembered_up_to_the_change() -> None:
    """Its ticks that fell due before still count; a second change keeps both."""
    begun = _settled(seen(_pattern()))
    first = _set(begun, EVERY_MINUTE)
    later = "2026-03-05T12:31:00.000Z"

    second = _set(first, TICK | {"cronExpression": "*/5 * * * *"}, now=later)

    eras = [(e.cron_expression, e.not_before, e.until) for e in _schedule(second).past]
    assert eras == [("0 9 * * 7", NOW, LATER), ("* * * * *", LATER, later)]


def test_an_old_rule_is_forgotten_when_no_tick_of_it_can_come() -> None:
    """After a day, which is the longest window; and eight are kept at most."""
    settled = _set(_settled(seen(_pattern())), EVERY_MINUTE)
    for day in range(10, 20):
        rule = TICK | {"cronExpression": f"0 {day} * * *"}
        settled = _set(settled, rule, now=f"2026-03-{day}T12:00:00.000Z")
    assert len(_schedule(settled).past) == 1

    for minute in range(10, 30):
        rule = TICK | {"cronExpression": f"{minute} * * * *"}
        settled = _set(settled, rule, now=f"2026-03-19T13:{minute}:00.000Z")
    assert len(_schedule(settled).past) == 8


def test_a_change_while_paused_begins_at_the_resume() -> None:
    """Ticks of a pause are nobody's, whatever the rule was."""
    paused = _settled(wanting(_settled(seen(_pattern())), state="Paused"))
    changed = _set(paused, EVERY_MINUTE)
    end = "2026-03-05T12:40:00.000Z"

    resumed = _settled(replace(wanting(changed, state="Active"), now=end))

    assert (_schedule(resumed).not_before, _schedule(resumed).past) == (end, ())


def test_a_rule_with_seconds_begins_with_a_full_minute() -> None:
    """The old one is in force until then, so no second is lost between them."""
    now, begins = "2026-03-05T12:30:25.000Z", "2026-03-05T12:31:00.000Z"

    changed = _set(
        _settled(seen(_pattern("*/10 * * * * *"))),
        TICK | {"cronExpression": "*/15 * * * * *"},
        now=now,
    )

    assert _schedule(changed).not_before == begins
    assert [era.until for era in _schedule(changed).past] == [begins]


def test_a_change_before_a_rule_began_leaves_no_gap_and_no_overlap() -> None:
    """The rule that never was in force is forgotten; the one before it ends earlier."""
    changed = _set(
        _settled(seen(_pattern())),
        TICK | {"cronExpression": "*/15 * * * * *"},
        now="2026-03-05T12:30:25.000Z",
    )
    again = "2026-03-05T12:30:40.000Z"

    changed = _set(changed, EVERY_MINUTE, now=again)

    eras = [(era.cron_expression, era.until) for era in _schedule(changed).past]
    assert (eras, _schedule(changed).not_before) == ([("0 9 * * 7", again)], again)


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"cronExpression": "0 24 * * *"}, "node tick: hour: 24 is not between 0 and 23"),
        ({"timezone": "Mars/Olympus"}, "node tick: timezone: 'Mars/Olympus' is not a zone"),
        ({"cronExpression": "0 0 31 2 *"}, "node tick: day: never fires"),
    ],
)
def test_a_setting_that_is_wrong_is_told_and_what_is_live_goes_on(
    setting: dict[str, Any], message: str
) -> None:
    """Stalled, as only its author can help; all of the setting counts, or nothing of it."""
    live = _set(_settled(seen(_pattern())), EVERY_MINUTE | {"overlap": "Replace"})

    wrong = _set(live, TICK | {"missedRuns": "None"} | setting)

    assert _schedule(wrong) == _schedule(live)
    assert _condition(wrong, "Scheduled").reason == "BadSchedule"
    assert message in _condition(wrong, "Scheduled").message
    assert message in _condition(wrong, "Ready").message
    assert _condition(wrong, "Stalled").status == "True"
    assert _condition(wrong, "Reconciling").status == "False"
    assert wrong.deployment.status.state == "active"


def test_a_new_deployment_with_a_wrong_setting_follows_its_pattern() -> None:
    """There is nothing else that could go on."""
    settled = _settled(seen(_pattern(), schedules=[TICK | {"cronExpression": "x x x x x"}]))

    assert _schedule(settled).cron_expression == "0 9 * * 7"
    assert _condition(settled, "Ready").status == "False"


def test_a_setting_of_a_node_that_is_not_there_waits_for_it() -> None:
    """A pattern may lose a schedule and get it back; nobody is held up by that."""
    gone = {"nodeId": "gone", "cronExpression": "x"}
    settled = _settled(seen(_pattern(), schedules=[gone]))

    assert _condition(settled, "Ready").status == "True"


def test_settled_schedules_write_nothing() -> None:
    """With settings, with seconds, with an old rule remembered."""
    settled = _set(_settled(seen(_pattern())), TICK | {"cronExpression": "*/10 * * * * *"})

    plan = plan_deployment(replace(settled, now="2026-03-06T00:00:00.000Z"), FACTS)

    assert not plan.writes
    assert plan.status == settled.deployment.status


@pytest.mark.parametrize(
    ("setting", "policy", "deadline", "longest"),
    [
        ({}, "Allow", 3_600, 900),
        ({"overlap": "Forbid", "missedWindowSeconds": 120}, "Forbid", 120, 900),
        ({"overlap": "Replace"}, "Replace", 3_600, 900),
        ({"missedRuns": "None"}, "Allow", 60, 900),
        ({"missedRuns": "All", "missedWindowSeconds": 600}, "Allow", 600, 1_800),
        ({"cronExpression": "*/10 * * * * *"}, "Allow", 3_600, 960),
        ({"cronExpression": "*/10 * * * * *", "overlap": "Forbid"}, "Allow", 3_600, 960),
        ({"cronExpression": "*/10 * * * * *", "overlap": "Replace"}, "Allow", 3_600, 960),
    ],
)
def test_a_cron_job_carries_the_policies(
    setting: dict[str, Any], policy: str, deadline: int, longest: int
) -> None:
    """Its own fields where it has them; its pod reads the others in the bundle."""
    settled = _settled(seen(_pattern(), schedules=[TICK | setting] if setting else []))

    spec = _cron_job(settled)
    assert spec["concurrencyPolicy"] == policy
    assert spec["startingDeadlineSeconds"] == deadline
    assert spec["jobTemplate"]["spec"]["activeDeadlineSeconds"] == longest


@pytest.mark.parametrize(
    ("setting", "longest"),
    [
        ({}, 600 + 3 * 300 + 1 + 2),
        ({"missedRuns": "All", "missedWindowSeconds": 600}, 600 + 600 + 2 * (3 * 300 + 1 + 2)),
    ],
)
def test_a_job_has_the_time_for_all_attempts_of_its_run(
    setting: dict[str, Any], longest: int
) -> None:
    """So no attempt is cut off by the deadline of its pod."""
    schedules = [TICK | setting] if setting else []

    settled = _settled(seen(_pattern(), schedules=schedules, retry={"maxAttempts": 3}))

    assert _cron_job(settled)["jobTemplate"]["spec"]["activeDeadlineSeconds"] == longest


def test_only_the_pod_of_seconds_may_ask_the_api_server() -> None:
    """No token is mounted where none is needed."""
    minutes = _settled(seen(_pattern()))
    seconds = _set(minutes, TICK | {"cronExpression": "*/10 * * * * *"})

    assert "DRAGOPS_SOURCE" not in _env(minutes)
    assert "api-token" not in {volume["name"] for volume in _tick(minutes)["volumes"]}
    assert _env(seconds)["DRAGOPS_SOURCE"] == "cluster"
    assert "api-token" in {volume["name"] for volume in _tick(seconds)["volumes"]}
    assert _cron_job(seconds)["schedule"] == "* * * * *"


def test_a_pod_that_is_replaced_does_not_linger() -> None:
    """Its successor runs already; between seconds no Job is ended for another one."""
    settled = _settled(seen(_pattern(), schedules=[TICK | {"overlap": "Replace"}]))
    seconds = _set(settled, TICK | {"overlap": "Replace", "cronExpression": "* * * * * *"})

    assert _env(settled)["DRAGOPS_DRAIN_SECONDS"] == "0"
    assert "DRAGOPS_DRAIN_SECONDS" not in _env(seconds)


def _fired(observed: Observed, last: str, **spec: Any) -> Observed:
    """Have the CronJob controller say when it last made a Job."""
    children = tuple(
        c | {"status": {"lastScheduleTime": last}, "spec": c["spec"] | spec}
        if c["kind"] == "CronJob"
        else c
        for c in observed.children
    )
    return replace(observed, children=children)


HOURLY = [TICK | {"cronExpression": "0 * * * *"}]


@pytest.mark.parametrize(
    ("last", "now", "is_held"),
    [
        # the tick of 12:30 is due, and its Job not made yet
        ("2026-03-05T12:29:00Z", "2026-03-05T12:30:00.200Z", True),
        ("2026-03-05T12:29:00Z", "2026-03-05T12:30:29.900Z", True),
        # it is made
        ("2026-03-05T12:30:00Z", "2026-03-05T12:30:00.200Z", False),
        # nothing is due
        ("2026-03-05T12:29:00Z", "2026-03-05T12:29:59.900Z", False),
        # the controller is away: it will not be waited for
        ("2026-03-05T12:29:00Z", "2026-03-05T12:30:31.000Z", False),
    ],
)
def test_a_cron_job_keeps_its_rule_until_a_tick_that_is_due_is_made(
    last: str, now: str, *, is_held: bool
) -> None:
    """Else the controller would forget that tick; the bundle has the new rule at once."""
    settled = _settled(seen(_pattern("* * * * *")))
    changed = replace(wanting(_fired(settled, last), schedules=HOURLY), now=now)

    plan = plan_deployment(changed, FACTS)

    applied = [child for child in plan.applies if child["kind"] == "CronJob"]
    assert [child["spec"]["schedule"] for child in applied] == ([] if is_held else ["0 * * * *"])
    assert (plan.again_in_seconds is not None) is is_held
    scheduled = next(c for c in plan.status.conditions if c.type == "Scheduled")
    assert scheduled.reason == ("TickUnderWay" if is_held else "CronJobsApplied")
    live = next(c for c in plan.applies if c["metadata"]["name"] == "dep-p-live")
    assert '"cronExpression":"0 * * * *"' in live["data"]["live.json"]


def test_a_held_cron_job_follows_once_the_tick_is_made() -> None:
    """The controller's word wakes the key; then nothing is held any more."""
    settled = _settled(seen(_pattern("* * * * *")))
    changed = wanting(_fired(settled, "2026-03-05T12:29:00Z"), schedules=HOURLY)
    changed = replace(changed, now="2026-03-05T12:30:00.200Z")
    held = carried_out(changed, plan_deployment(changed, FACTS))

    made = _fired(replace(held, now="2026-03-05T12:30:01.000Z"), "2026-03-05T12:30:00Z")
    plan = plan_deployment(made, FACTS)

    (cron_job,) = [child for child in plan.applies if child["kind"] == "CronJob"]
    assert cron_job["spec"]["schedule"] == "0 * * * *"


def test_a_suspended_cron_job_is_changed_at_once() -> None:
    """No tick of it is under way."""
    settled = _settled(seen(_pattern("* * * * *")))
    fired = _fired(settled, "2026-03-05T12:29:00Z", suspend=True)
    changed = replace(wanting(fired, schedules=HOURLY), now="2026-03-05T12:30:00.200Z")

    assert plan_deployment(changed, FACTS).again_in_seconds is None
