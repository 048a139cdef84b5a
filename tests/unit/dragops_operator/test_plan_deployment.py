"""Plans for one deployment: what is seen in, everything to write out."""

from dataclasses import replace

import pytest

from dragops.model.condition import is_true
from dragops.model.deployment import DeploymentStatus
from dragops.model.retry import Retry
from dragops_operator.reconcile.deployment import plan_deployment
from dragops_operator.reconcile.observed import Observed, Plan
from support.observed import (
    BROKEN,
    FACTS,
    HOOKED,
    LATER,
    TICKING,
    carried_out,
    seen,
    seen_pattern,
    wanting,
)


def _plan(observed: Observed) -> Plan:
    return plan_deployment(observed, FACTS)


def _settled(observed: Observed) -> Observed:
    """Plan and carry out, then let the engines obey, until nothing is written."""
    observed = carried_out(observed, _plan(observed))
    serial = observed.deployment.status.serial
    return carried_out(observed := replace(observed, confirmed_serial=serial), _plan(observed))


def _condition(status: DeploymentStatus, type_: str) -> tuple[str, str]:
    found = next(c for c in status.conditions if c.type == type_)
    return found.status, found.reason


def test_a_new_deployment_gets_all_its_children() -> None:
    """Program, Secret, Service and the live bundle, each owned by the deployment."""
    plan = _plan(seen(HOOKED))

    written = [*plan.creates, *plan.applies]
    assert [child["kind"] for child in written] == ["ConfigMap", "Secret", "Service", "ConfigMap"]
    owners = {child["metadata"]["ownerReferences"][0]["name"] for child in written}
    assert owners == {"dep-p"}
    assert plan.waits
    assert (plan.status.state, plan.status.version_number) == ("pending", 1)
    assert _condition(plan.status, "Ready") == ("False", "WaitingForEngines")


def test_it_is_ready_and_active_once_the_engines_have_obeyed() -> None:
    """confirmedAt is the moment at which that was seen."""
    settled = _settled(seen(HOOKED))

    status = settled.deployment.status
    assert (status.state, _condition(status, "Ready")) == ("active", ("True", "AsWanted"))
    assert status.confirmed_at == settled.now
    assert status.webhooks[0].url == f"https://hooks.example/webhooks/whk_{'1' * 26}"


@pytest.mark.parametrize("spec", [HOOKED, TICKING], ids=["webhook", "schedule"])
@pytest.mark.parametrize("state", ["Active", "Paused"])
def test_a_settled_deployment_writes_nothing(spec: dict[str, object], state: str) -> None:
    """Later, too: nothing follows from the clock."""
    settled = _settled(seen(spec, state=state))

    again = _plan(replace(settled, now=LATER))

    assert (again.creates, again.applies, again.orphans, again.deletes) == ((), (), (), ())
    assert again.status == settled.deployment.status
    assert not again.waits


def test_a_broken_edit_leaves_the_live_version_and_tells_every_fault() -> None:
    """Compiled=False, Stalled; version 1 goes on."""
    settled = _settled(seen(HOOKED))

    plan = _plan(replace(settled, pattern=seen_pattern(BROKEN, generation=2)))

    assert (plan.creates, plan.applies) == ((), ())
    assert (plan.status.state, plan.status.version_number) == ("active", 1)
    assert _condition(plan.status, "Compiled")[0] == "False"
    assert _condition(plan.status, "Stalled")[0] == "True"
    told = next(c.message for c in plan.status.conditions if c.type == "Compiled")
    assert "UNKNOWN_NODE" in told
    assert "NO_TRIGGER" in told


def test_a_broken_pattern_without_a_version_is_failed_and_tried_once() -> None:
    """The same source is not compiled again."""
    first = carried_out(seen(BROKEN), _plan(seen(BROKEN)))

    again = _plan(replace(first, now=LATER))

    assert first.deployment.status.state == "failed"
    assert again.status == first.deployment.status


def test_an_edit_that_compiles_is_the_next_version_at_the_same_url() -> None:
    """The old program is kept, and named for ticks that began with it."""
    settled = _settled(seen(HOOKED))
    edited = HOOKED | {
        "nodes": [*HOOKED["nodes"], {"id": "more", "type": "Log"}],
        "wires": [*HOOKED["wires"], {"from": "log.exec", "to": "more.exec"}],
    }

    after = _settled(replace(settled, pattern=seen_pattern(edited, generation=2)))

    status = after.deployment.status
    assert status.version_number == 2
    assert status.webhooks == settled.deployment.status.webhooks
    assert after.live is not None
    assert [p.version for p in after.live.previous] == [1]
    assert [v.number for v in status.versions] == [2, 1]


def test_moving_a_node_on_the_canvas_changes_nothing() -> None:
    """Where a node is drawn is no part of the program's source."""
    settled = _settled(seen(HOOKED))
    moved = [{**node, "position": {"x": 9, "y": 9}} for node in HOOKED["nodes"]]

    plan = _plan(replace(settled, pattern=seen_pattern(HOOKED | {"nodes": moved}, generation=2)))

    assert plan.status == settled.deployment.status


def test_a_missing_pattern_is_waited_for_and_never_stalled() -> None:
    """GitOps applies in any order."""
    plan = _plan(seen(None))

    assert plan.status.state == "pending"
    assert _condition(plan.status, "Stalled")[0] == "False"
    assert _condition(plan.status, "Reconciling")[0] == "True"
    ready = next(each for each in plan.status.conditions if each.type == "Ready")
    assert ready.message == "there is no pattern p in this namespace yet: apply it"


def test_a_deleted_pattern_leaves_its_version_running() -> None:
    """And says so."""
    settled = _settled(seen(HOOKED))

    plan = _plan(replace(settled, pattern=None))

    assert (plan.status.state, plan.status.version_number) == ("active", 1)
    assert _condition(plan.status, "Compiled") == ("True", "PatternMissing")
    assert is_true(plan.status.conditions, "Ready")


def test_on_release_only_a_new_release_goes_live() -> None:
    """An edit alone does nothing; the same release twice does nothing."""
    release = {"updatePolicy": "OnRelease", "release": {"id": "1"}}
    settled = _settled(seen(HOOKED, **release))
    edited = replace(settled, pattern=seen_pattern(HOOKED | {"title": "Other"}, generation=2))

    untouched = _plan(edited)
    released = _plan(wanting(edited, release={"id": "2"}))

    assert untouched.status == settled.deployment.status
    assert released.status.version_number == 2
    assert released.status.release == "2"


def test_a_release_waits_for_the_generation_that_it_names() -> None:
    """Two watches have no order."""
    release = {"id": "1", "patternUid": "uid-of-p", "patternGeneration": 2}
    waiting = seen(HOOKED, updatePolicy="OnRelease", release=release)

    early = _plan(waiting)
    late = _plan(replace(waiting, pattern=seen_pattern(HOOKED, generation=2)))

    assert (early.status.state, early.status.release) == ("pending", None)
    assert late.status.version_number == 1


def test_a_live_version_is_not_ready_while_a_release_waits_for_its_pattern() -> None:
    """It goes on; nobody is told that the release has been dealt with."""
    settled = _settled(seen(HOOKED, updatePolicy="OnRelease", release={"id": "1"}))
    asked = wanting(settled, release={"id": "2", "patternGeneration": 2})

    early = _settled(asked)
    late = _settled(replace(early, pattern=seen_pattern(HOOKED, generation=2)))

    status = early.deployment.status
    assert (status.state, status.release) == ("active", "1")
    assert _condition(status, "Ready") == ("False", "WaitingForPattern")
    assert _condition(status, "Reconciling")[0] == "True"
    assert (late.deployment.status.version_number, late.deployment.status.release) == (2, "2")
    assert _condition(late.deployment.status, "Ready")[0] == "True"


def test_pause_and_resume_move_the_serial_and_the_schedule_starts_afresh() -> None:
    """A tick that fell due while paused must not fire at the resume."""
    settled = _settled(seen(TICKING))

    paused = _settled(wanting(settled, state="Paused"))
    resumed = _settled(replace(wanting(paused, state="Active"), now=LATER))

    assert paused.deployment.status.state == "paused"
    cron_jobs = [c for c in paused.children if c["kind"] == "CronJob"]
    assert [c["spec"]["suspend"] for c in cron_jobs] == [True]
    assert paused.live is not None
    assert resumed.live is not None
    assert resumed.live.serial > paused.live.serial
    assert resumed.live.schedules[0].not_before == LATER
    assert paused.live.schedules[0].not_before == settled.now


def test_a_cron_job_has_the_rule_as_kubernetes_reads_it() -> None:
    """Weekday 7 is 0 there; the zone is always written."""
    settled = _settled(seen(TICKING))

    (cron_job,) = [c for c in settled.children if c["kind"] == "CronJob"]
    assert (cron_job["spec"]["schedule"], cron_job["spec"]["timeZone"]) == ("0 9 * * 0", "UTC")
    assert len(cron_job["metadata"]["name"]) <= 52


def test_undeploy_keeps_the_endpoint_and_tells_the_engines() -> None:
    """The URL is captured from then on, not unknown."""
    settled = _settled(wanting(_settled(seen(HOOKED)), state="Undeployed"))

    assert settled.deployment.status.state == "undeployed"
    assert settled.live is not None
    assert (settled.live.state, len(settled.live.endpoints)) == ("undeployed", 1)


def test_a_repush_moves_the_serial_and_not_the_version() -> None:
    """The same program is pushed again."""
    settled = _settled(seen(HOOKED))

    after = _settled(replace(wanting(settled, repush="now"), now=LATER))

    assert after.deployment.status.version_number == 1
    assert after.deployment.status.serial == settled.deployment.status.serial + 1
    assert after.deployment.status.confirmed_at == LATER


def test_engines_are_told_of_more_attempts_and_of_nothing_else() -> None:
    """One attempt is not written down: engines of before would refuse the file."""
    settled = _settled(seen(HOOKED))
    same = _settled(wanting(settled, retry={"maxAttempts": 1, "maxSeconds": 9}))
    after = _settled(wanting(same, retry={"maxAttempts": 3}))

    assert settled.live is not None
    assert after.live is not None
    assert b"retry" not in settled.live.canonical()
    assert same.live == settled.live
    assert after.live.retry == Retry(max_attempts=3)
    assert after.live.serial == settled.live.serial + 1
    assert after.deployment.status.version_number == 1


@pytest.mark.parametrize("kind", ["ConfigMap", "Service", "CronJob"])
def test_a_child_that_is_gone_is_made_again(kind: str) -> None:
    """A lost live bundle comes back with a higher serial: engines refuse the old one."""
    settled = _settled(seen(TICKING if kind == "CronJob" else HOOKED))
    left = tuple(c for c in settled.children if c["kind"] != kind)
    lost = replace(settled, children=left, live=None if kind == "ConfigMap" else settled.live)
    if kind == "ConfigMap":
        manifest = None
        lost = replace(lost, manifest=manifest, programs=())

    after = _settled(lost)

    assert {c["kind"] for c in after.children} == {c["kind"] for c in settled.children}
    assert after.deployment.status.version_number == 1
    assert [p.name for p in after.programs] == [p.name for p in settled.programs]


def test_outside_the_workspaces_nothing_is_made() -> None:
    """And the condition names the chart's value."""
    plan = _plan(seen(HOOKED, namespace="elsewhere"))

    assert (plan.creates, plan.applies) == ((), ())
    message = next(c.message for c in plan.status.conditions if c.type == "Ready")
    assert "workspaces" in message
