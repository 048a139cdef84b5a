"""Plans around a circuit breaker: what pauses a deployment, and what lets it go on."""

from dataclasses import replace
from typing import Any

import pytest

from dragops.model.breaker import LAST_MS, TRIPPED, LiveBreaker, Trip, milliseconds
from dragops.model.condition import Condition
from dragops_operator.reconcile.changes import news_between
from dragops_operator.reconcile.deployment import plan_deployment
from dragops_operator.reconcile.observed import Observed
from support.observed import FACTS, HOOKED, LATER, NOW, TICKING, carried_out, seen, wanting

TRIP = Trip(since=0, at=milliseconds(NOW), failures=20, window_seconds=300)


def _settled(observed: Observed) -> Observed:
    observed = carried_out(observed, plan_deployment(observed, FACTS))
    observed = replace(observed, confirmed_serial=observed.deployment.status.serial)
    return carried_out(observed, plan_deployment(observed, FACTS))


def _told(observed: Observed, text: str) -> Observed:
    """Have the API put the annotation on."""
    deployment = observed.deployment
    metadata = deployment.metadata.model_copy(update={"annotations": {TRIPPED: text}})
    return replace(observed, deployment=deployment.model_copy(update={"metadata": metadata}))


def _tripped(spec: dict[str, Any] = HOOKED, **wanted: Any) -> Observed:
    return _settled(_told(_settled(seen(spec, **wanted)), TRIP.as_text()))


def _condition(observed: Observed, type_: str) -> Condition:
    return next(c for c in observed.deployment.status.conditions if c.type == type_)


def _live(observed: Observed) -> Any:
    return observed.live


def test_a_tripped_deployment_is_paused_and_says_why() -> None:
    """Its spec still says Active: nobody sees drift."""
    observed = _tripped()

    assert (_live(observed).state, observed.deployment.status.state) == ("paused", "paused")
    ready, stalled = _condition(observed, "Ready"), _condition(observed, "Stalled")
    assert (ready.status, ready.reason, stalled.status) == ("False", "Tripped", "True")
    assert ready.message == (
        "paused at 2026-03-05T12:00:00.000Z, as 20 runs had failed within 300 s: "
        "set spec.resume to a new value, or resume it over REST"
    )
    assert _condition(observed, "Registered").status == "True"


def test_the_last_time_of_the_calendar_can_be_told() -> None:
    """What reads can be written."""
    late = TRIP.model_copy(update={"at": LAST_MS})
    observed = _settled(_told(_settled(seen(HOOKED)), late.as_text()))

    assert _condition(observed, "Ready").message.startswith("paused at 9999-12-31T23:59:59.99")


def test_its_cron_jobs_are_suspended_and_nothing_is_written_twice() -> None:
    """The schedules begin anew with the resume, as after a pause."""
    observed = _tripped(TICKING)
    (cron_job,) = [c for c in observed.children if c["kind"] == "CronJob"]
    again = plan_deployment(replace(observed, now=LATER), FACTS)

    assert cron_job["spec"]["suspend"] is True
    assert not again.writes
    assert again.status == observed.deployment.status


def test_a_new_resume_lets_it_go_on() -> None:
    """The annotation may stay: it is of before. Failures of before count no more."""
    resumed = _settled(replace(wanting(_tripped(TICKING), resume="1"), now=LATER))

    assert _live(resumed).state == "active"
    assert _live(resumed).breaker == LiveBreaker(since=LATER)
    assert _live(resumed).schedules[0].not_before == LATER
    assert _condition(resumed, "Ready").status == "True"
    told = resumed.deployment.status.resumed
    assert told
    assert (told.value, told.at) == ("1", LATER)


def test_a_resume_is_obeyed_once() -> None:
    """Later looks change nothing, and a new trip pauses it again."""
    resumed = _settled(replace(wanting(_tripped(), resume="1"), now=LATER))
    after = "2026-03-05T13:00:00.000Z"
    again = plan_deployment(replace(resumed, now=after), FACTS)
    trip = TRIP.model_copy(update={"since": milliseconds(LATER)})
    tripped = _settled(replace(_told(resumed, trip.as_text()), now=after))

    assert not again.writes
    assert _live(tripped).state == "paused"
    assert _live(tripped).breaker.since == LATER


def test_back_to_an_older_value_is_a_resume_too() -> None:
    """Any other value is: Git may put its own back."""
    resumed = _settled(replace(wanting(_tripped(), resume="1"), now=LATER))
    after = "2026-03-05T13:00:00.000Z"
    back = _settled(replace(wanting(resumed, resume=""), now=after))

    assert _live(back).breaker == LiveBreaker(since=after)
    assert _live(back).state == "active"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yes",
        "[]",
        '{"since": 0}',
        TRIP.model_copy(update={"since": milliseconds(LATER)}).as_text(),
        TRIP.model_copy(update={"at": 2**60}).as_text(),
    ],
)
def test_what_no_recorder_said_pauses_nothing(text: str) -> None:
    """Nor what is of a breaker that never was, or of a time that no calendar has."""
    observed = _settled(_told(_settled(seen(HOOKED)), text))

    assert _live(observed).state == "active"
    assert _condition(observed, "Ready").status == "True"


@pytest.mark.parametrize("state", ["Paused", "Undeployed"])
def test_what_its_owner_has_stopped_is_as_wanted(state: str) -> None:
    """The breaker says nothing about it."""
    observed = _settled(wanting(_tripped(), state=state))

    assert _live(observed).state == state.lower()
    assert _condition(observed, "Ready").status == "True"


def test_engines_are_told_of_a_breaker_only_where_it_is_not_the_default() -> None:
    """Engines of before could not read the bundle."""
    assert _live(_settled(seen(HOOKED))).breaker is None
    assert _live(_settled(seen(HOOKED, circuitBreaker={"failures": 0}))).breaker == LiveBreaker(
        failures=0
    )


def test_people_are_told_once() -> None:
    """A Warning, not the Normal event of a pause."""
    before = _settled(seen(HOOKED))
    plan = plan_deployment(_told(before, TRIP.as_text()), FACTS)
    news = list(news_between(before.deployment.status, plan.status))

    assert [(n.type, n.reason) for n in news] == [("Warning", "Tripped")]
    assert list(news_between(plan.status, plan.status)) == []
