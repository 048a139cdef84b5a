"""Plans for a deployment whose spec pins a version: a rollback, and the way out of it."""

from dataclasses import replace
from typing import Any

import pytest

from dragops.model.condition import is_true
from dragops.model.deployment import DeploymentStatus
from dragops.model.program import Manifest, Trigger
from dragops_operator.reconcile.changes import news_between
from dragops_operator.reconcile.deployment import plan_deployment
from dragops_operator.reconcile.observed import Observed, Plan
from dragops_operator.reconcile.pattern import plan_pattern
from dragops_operator.reconcile.release import is_switch
from support.observed import (
    BROKEN,
    FACTS,
    HOOKED,
    carried_out,
    minted,
    seen,
    seen_pattern,
    wanting,
)

OTHER = HOOKED | {"nodes": [HOOKED["nodes"][0] | {"id": "door"}, HOOKED["nodes"][1]]}
OTHER |= {"wires": [{"from": "door.exec", "to": "log.exec"}]}
OF_HOOKED = Manifest(
    pattern="p",
    title="Logger",
    triggers=(
        Trigger(type="OnWebhook", node_id="hook", function="h", settings={"webhookAlias": "hook"}),
    ),
    lines=(),
    source={},
)


def _plan(observed: Observed) -> Plan:
    return plan_deployment(observed, FACTS)


def _settled(observed: Observed) -> Observed:
    observed = carried_out(observed, _plan(observed))
    serial = observed.deployment.status.serial
    return carried_out(observed := replace(observed, confirmed_serial=serial), _plan(observed))


def _compiled(status: DeploymentStatus) -> tuple[str, str, str]:
    found = next(c for c in status.conditions if c.type == "Compiled")
    return found.status, found.reason, found.message


def _two_versions(**deployment: Any) -> Observed:
    """Version 1 has the webhook ``hook``, version 2, which is live, has ``door``."""
    first = _settled(seen(HOOKED, **deployment))
    fresh = first.minted | {"door": minted("2")["hook"]}
    edited = replace(first, pattern=seen_pattern(OTHER, generation=2), minted=fresh)
    if deployment:
        edited = wanting(edited, release={"id": "2"})
    return _settled(edited)


def _rolled_back(**deployment: Any) -> Observed:
    there = replace(wanting(_two_versions(**deployment), version=1), manifest=OF_HOOKED)
    return replace(_settled(there), manifest=None)


def test_a_pinned_version_is_live_again_at_its_old_url() -> None:
    """The same program, the same endpoint and secret; the serial rises, and it is told."""
    before = _two_versions()
    pinned = replace(wanting(before, version=1), manifest=OF_HOOKED)
    assert is_switch(pinned)

    after = _settled(pinned)

    live, status = after.live, after.deployment.status
    assert live is not None
    assert live.program is not None
    assert (live.program.version, live.program.config_map) == (1, status.versions[1].config_map)
    assert [p.version for p in live.previous] == [2]
    assert live.serial == before.deployment.status.serial + 1
    assert (status.version_number, status.source) == (1, status.versions[1].source)
    assert [e.webhook_id for e in live.endpoints] == [minted("1")["hook"].webhook_id]
    assert [t.node_id for t in status.triggers] == ["hook"]
    assert _compiled(status)[:2] == ("True", "Pinned")
    assert is_true(status.conditions, "Ready")
    assert [n.reason for n in news_between(before.deployment.status, status)] == ["RolledBack"]


def test_a_pinned_deployment_writes_nothing_whatever_its_pattern_becomes() -> None:
    """An edit waits, a broken one too; the pattern itself is not held to be behind."""
    settled = _rolled_back()

    for spec in (HOOKED, BROKEN):
        edited = replace(settled, pattern=seen_pattern(spec, generation=3))
        plan = _plan(edited)
        assert not plan.writes
        assert plan.status == settled.deployment.status
    pattern = seen_pattern(HOOKED | {"title": "New"}, generation=3)
    verdict = plan_pattern(pattern, [settled.deployment], now=settled.now)
    assert is_true(verdict.conditions, "Ready")


def test_once_the_pin_is_gone_the_pattern_goes_live_under_a_new_number() -> None:
    """Numbers are never used twice, although version 2 held the same text."""
    settled = _rolled_back()

    after = _settled(wanting(settled, version=None))

    assert after.deployment.status.version_number == 3
    assert _compiled(after.deployment.status)[:2] == ("True", "Compiled")
    assert [v.number for v in after.deployment.status.versions] == [3, 2, 1]


def test_on_release_the_old_version_stays_until_the_next_release() -> None:
    """Taking the pin away is no release."""
    settled = _rolled_back(updatePolicy="OnRelease", release={"id": "1"})

    untouched = _settled(wanting(settled, version=None))
    released = _settled(wanting(untouched, release={"id": "3"}))

    assert untouched.deployment.status.version_number == 1
    assert _compiled(untouched.deployment.status)[1] == "Compiled"
    assert released.deployment.status.version_number == 3


def test_a_release_waits_while_a_version_is_pinned() -> None:
    """It is not consumed: taking the pin away compiles it."""
    settled = _rolled_back(updatePolicy="OnRelease", release={"id": "1"})

    waiting = _settled(wanting(settled, release={"id": "9"}))
    after = _settled(wanting(waiting, version=None))

    assert waiting.deployment.status.version_number == 1
    assert waiting.deployment.status.release == "2"
    assert (after.deployment.status.version_number, after.deployment.status.release) == (3, "9")


@pytest.mark.parametrize("version", [7, 1])
def test_a_version_that_is_gone_is_said_and_the_live_one_goes_on(version: int) -> None:
    """7 never was; 1 is not what was compiled, or its ConfigMap was deleted."""
    settled = _two_versions()

    plan = _plan(wanting(settled, version=version))

    status, reason, message = _compiled(plan.status)
    assert (status, reason) == ("False", "VersionGone")
    assert f"version {version} is not kept (kept: 2, 1)" in message
    assert (plan.status.state, plan.status.version_number) == ("active", 2)
    assert is_true(plan.status.conditions, "Stalled")
    assert not plan.writes


def test_a_config_map_that_only_calls_itself_a_version_is_none() -> None:
    """Who may write ConfigMaps must not be able to have one signed."""
    settled = _two_versions()
    forged = replace(settled.programs[0], name="dep-p-v7-abc", version=7)
    there = replace(settled, programs=(*settled.programs, forged), manifest=OF_HOOKED)

    plan = _plan(wanting(there, version=7))

    assert _compiled(plan.status)[1] == "VersionGone"
    assert plan.status.version_number == 2


def test_a_pin_without_any_version_is_failed_and_never_compiles() -> None:
    """A manifest that was copied to another cluster: the message says what to do."""
    plan = _plan(seen(HOOKED, version=3))

    assert plan.status.state == "failed"
    assert "kept: none" in _compiled(plan.status)[2]
    assert plan.creates == ()


def test_the_live_version_can_be_pinned_as_it_is() -> None:
    """Nothing is pushed: only what would come next is held back."""
    settled = _two_versions()

    plan = _plan(wanting(settled, version=2))

    assert not plan.writes
    assert _compiled(plan.status)[:2] == ("True", "Pinned")
    assert plan.status.version_number == 2


def test_a_pinned_program_that_is_lost_is_made_again_from_the_same_source() -> None:
    """Under its own number: the pattern still is what it was made from."""
    settled = _settled(wanting(_two_versions(), version=2))
    lost = replace(settled, programs=settled.programs[:1])

    after = _settled(lost)

    assert [p.name for p in after.programs] == [p.name for p in settled.programs]
    assert after.deployment.status.version_number == 2
