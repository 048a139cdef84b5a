"""Environments: the verdict on one, and what deployments get of it."""

from dataclasses import replace
from typing import Any

import pytest

from dragops.cluster.client import CONFIG_MAPS, DEPLOYMENTS, ENVIRONMENTS, PATTERNS, SECRETS
from dragops.model.bundle import LIVE_FILE, Live
from dragops.model.deployment import DeploymentStatus
from dragops.model.environment import Environment
from dragops_operator.reconcile.deployment import plan_deployment
from dragops_operator.reconcile.environment import SecretSeen, plan_environment
from dragops_operator.reconcile.observed import Observed, Plan
from dragops_operator.workqueue import Key
from support.memory_cluster import MemoryCluster, Object
from support.observed import BROKEN, FACTS, HOOKED, LATER, NOW, TICKING, carried_out, seen, wanting
from support.paper_operator import NAMESPACE, paper_operator

REF = {"name": "production"}
KEYS = SecretSeen(version="41", names=("API_TOKEN",), is_labelled=True)
SPEC = {"variables": {"REGION": "eu"}, "secretRef": {"name": "keys"}}


def environment(spec: dict[str, Any], generation: int = 1) -> Environment:
    metadata = {
        "name": "production",
        "namespace": "team-a",
        "uid": "uid-of-production",
        "generation": generation,
        "resourceVersion": "1",
        "creationTimestamp": NOW,
    }
    return Environment.of({"metadata": metadata, "spec": spec})


def judged(spec: dict[str, Any], secret: SecretSeen | None = None, **more: Any) -> Environment:
    made = environment(spec, **more)
    status = plan_environment(made, secret, is_workspace=True, now=NOW)
    return made.model_copy(update={"status": status})


@pytest.mark.parametrize(
    ("spec", "secret", "told"),
    [
        ({}, None, ("True", "AsWanted", "")),
        (SPEC, KEYS, ("True", "AsWanted", "")),
        (SPEC, None, ("False", "SecretMissing", "create it with the label")),
        (
            SPEC,
            replace(KEYS, is_labelled=False),
            ("False", "SecretNotLabelled", "lacks the label dragops.dev/environment=true"),
        ),
    ],
)
def test_an_environment_is_ready_when_its_secret_may_be_read(
    spec: dict[str, Any], secret: SecretSeen | None, told: tuple[str, str, str]
) -> None:
    """Else it says what to do."""
    status = judged(spec, secret).status

    (ready,) = status.conditions
    assert (ready.type, ready.status, ready.reason) == ("Ready", *told[:2])
    assert told[2] in ready.message
    assert status.observed_generation == 1


def test_names_of_secrets_are_told_and_no_values() -> None:
    """Nor the names in a Secret that is not meant for this."""
    assert judged(SPEC, KEYS).status.secrets == ("API_TOKEN",)
    hidden = judged(SPEC, replace(KEYS, is_labelled=False)).status
    assert (hidden.secrets, hidden.secret_version) == ((), None)


def test_an_environment_outside_the_workspaces_is_told_so() -> None:
    status = plan_environment(environment(SPEC), None, is_workspace=False, now=NOW)

    assert {c.reason for c in status.conditions} == {"NotAWorkspace"}


def test_a_second_look_at_the_same_changes_nothing() -> None:
    before = judged(SPEC, KEYS)

    assert plan_environment(before, KEYS, is_workspace=True, now=LATER) == before.status


def _plan(observed: Observed) -> Plan:
    return plan_deployment(observed, FACTS)


def _settled(observed: Observed) -> Observed:
    observed = carried_out(observed, _plan(observed))
    serial = observed.deployment.status.serial
    return carried_out(observed := replace(observed, confirmed_serial=serial), _plan(observed))


def _live(observed: Observed) -> Live:
    assert observed.live is not None
    return observed.live


def _condition(status: DeploymentStatus, type_: str) -> tuple[str, str]:
    found = next(c for c in status.conditions if c.type == type_)
    return found.status, found.reason


def running(spec: dict[str, Any] = HOOKED, around: Environment | None = None) -> Observed:
    """A deployment that has settled in an Environment."""
    wanted = seen(spec, environmentRef=REF)
    return _settled(replace(wanted, environment=around or judged(SPEC, KEYS)))


def test_a_bundle_holds_the_variables_and_where_the_secrets_are() -> None:
    settled = running()

    live = _live(settled).environment
    assert live is not None
    assert (live.name, live.variables) == ("production", {"REGION": "eu"})
    assert (live.secret_name, live.rotation) == ("keys", "41")
    status = settled.deployment.status
    assert status.environment is not None
    assert (status.environment.name, status.environment.secret_name) == ("production", "keys")
    assert _condition(status, "Ready") == ("True", "AsWanted")
    assert _condition(status, "EnvironmentReady") == ("True", "Found")


@pytest.mark.parametrize(
    "changed",
    [
        judged(SPEC | {"variables": {"REGION": "us"}}, KEYS, generation=2),
        judged(SPEC, replace(KEYS, version="42")),
    ],
    ids=["a variable", "a secret"],
)
def test_a_changed_environment_is_a_new_serial_and_no_new_version(changed: Environment) -> None:
    """The engines have to confirm it."""
    before = running()

    plan = _plan(replace(before, environment=changed))

    assert plan.creates == ()
    assert plan.waits
    assert plan.status.serial == before.deployment.status.serial + 1
    assert plan.status.version_number == 1
    assert [child["kind"] for child in plan.applies] == ["ConfigMap"]


@pytest.mark.parametrize("spec", [HOOKED, TICKING], ids=["webhook", "schedule"])
def test_a_deployment_that_has_its_environment_writes_nothing(spec: dict[str, Any]) -> None:
    settled = running(spec)

    again = _plan(replace(settled, now=LATER))

    assert not again.writes
    assert again.status == settled.deployment.status


def test_without_its_environment_what_is_live_goes_on() -> None:
    """And a condition says what is missing."""
    before = running()

    plan = _plan(replace(before, environment=None))

    assert not plan.writes
    assert plan.status.state == "active"
    assert _condition(plan.status, "EnvironmentReady") == ("False", "EnvironmentMissing")
    assert _condition(plan.status, "Ready") == ("False", "EnvironmentMissing")
    assert _condition(plan.status, "Stalled")[0] == "False"


@pytest.mark.parametrize(
    ("around", "reason"),
    [
        (None, "EnvironmentMissing"),
        (environment(SPEC), "EnvironmentUnseen"),
        (judged(SPEC, None), "SecretMissing"),
    ],
)
def test_a_first_version_waits_for_its_environment(around: Environment | None, reason: str) -> None:
    """Programs would fail for want of what is about to come."""
    observed = replace(seen(HOOKED, environmentRef=REF), environment=around)

    plan = _plan(observed)

    assert not plan.writes
    assert plan.status.state == "pending"
    assert _condition(plan.status, "Ready") == ("False", reason)
    assert _condition(plan.status, "Reconciling")[0] == "True"
    after = _settled(replace(carried_out(observed, plan), environment=judged(SPEC, KEYS)))
    assert (after.deployment.status.state, after.deployment.status.version_number) == ("active", 1)


def test_faults_are_told_while_the_environment_is_missing() -> None:
    """Both can be mended at once."""
    plan = _plan(seen(BROKEN, environmentRef=REF))

    assert plan.status.state == "failed"
    assert _condition(plan.status, "Compiled") == ("False", "PatternInvalid")
    assert _condition(plan.status, "EnvironmentReady") == ("False", "EnvironmentMissing")


def test_a_secret_that_was_taken_away_is_taken_from_engines() -> None:
    """The variables stay: a withdrawn Secret must not stop what runs."""
    before = running()

    after = carried_out(before, _plan(replace(before, environment=judged(SPEC, None))))

    live = _live(after).environment
    assert live is not None
    assert (live.secret_name, live.variables) == (None, {"REGION": "eu"})
    status = after.deployment.status
    assert _condition(status, "EnvironmentReady") == ("False", "SecretMissing")
    assert status.environment is not None
    assert status.environment.secret_name is None


def test_an_environment_that_is_about_to_be_looked_at_changes_nothing() -> None:
    """Its own reconcile comes first; conditions do not flap for every edit."""
    before = running()
    edited = environment(SPEC | {"variables": {"REGION": "us"}}, generation=2)

    plan = _plan(replace(before, environment=edited))

    assert not plan.writes
    assert plan.status == before.deployment.status


def test_a_deployment_that_gives_its_environment_up_has_none() -> None:
    before = running()
    bare = wanting(before)
    bare_spec = bare.deployment.spec.model_copy(update={"environment_ref": None})
    bare = replace(bare, deployment=bare.deployment.model_copy(update={"spec": bare_spec}))

    after = carried_out(bare, _plan(replace(bare, environment=None)))

    assert _live(after).environment is None
    assert after.deployment.status.environment is None
    assert "EnvironmentReady" not in {c.type for c in after.deployment.status.conditions}


def test_an_undeployed_deployment_asks_for_no_environment() -> None:
    """Ready says that what the spec asks for holds."""
    undeployed = wanting(running(), state="Undeployed")

    plan = _plan(replace(undeployed, environment=None))

    assert "EnvironmentReady" not in {c.type for c in plan.status.conditions}


@pytest.mark.parametrize("secret", [KEYS, None], ids=["there", "missing"])
def test_a_ticks_pod_has_the_secret_mounted_if_it_may_be_read(secret: SecretSeen | None) -> None:
    """Optional: one that is gone must not keep the pod from starting."""
    settled = running(TICKING)
    after = carried_out(settled, _plan(replace(settled, environment=judged(SPEC, secret))))

    (job,) = [child for child in after.children if child["kind"] == "CronJob"]
    pod = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    mounts = {m["name"]: m["mountPath"] for m in pod["containers"][0]["volumeMounts"]}
    secrets = [v["secret"] for v in pod["volumes"] if "secret" in v]
    if secret is None:
        assert secrets == []
        return
    assert secrets == [{"secretName": "keys", "defaultMode": 0o440, "optional": True}]
    assert mounts["environment"] == "/dragops/environment"


def keys_secret(*, label: str = "true") -> Object:
    labels = {"dragops.dev/environment": label}
    return {"metadata": {"name": "keys", "labels": labels}, "data": {"API_TOKEN": "eA=="}}


def told(cluster: MemoryCluster) -> Live:
    obj = cluster.objects[CONFIG_MAPS.plural, NAMESPACE, "dep-a-live"]
    return Live.model_validate_json(obj["data"][LIVE_FILE])


async def test_an_edit_of_an_environment_reaches_every_bundle_that_names_it() -> None:
    """And no other; at rest nothing is written."""
    cluster = MemoryCluster()
    async with paper_operator(cluster) as operator:
        await operator.write(PATTERNS, "p", HOOKED)
        await cluster.create(SECRETS, NAMESPACE, keys_secret())
        await operator.write(ENVIRONMENTS, "production", SPEC)
        named = {"patternRef": {"name": "p"}, "environmentRef": REF}
        await operator.write(DEPLOYMENTS, "dep-a", named)
        await operator.write(DEPLOYMENTS, "dep-b", {"patternRef": {"name": "p"}})
        await operator.settle()
        before = len(cluster.writes)

        await operator.write(ENVIRONMENTS, "production", SPEC | {"variables": {"REGION": "us"}})
        await operator.settle()

        live = told(cluster).environment
        assert live is not None
        assert live.variables == {"REGION": "us"}
        assert {name for _, plural, name in cluster.writes[before:] if plural == "configmaps"} == {
            "dep-a-live"
        }
        before = len(cluster.writes)
        await operator.look_again()
        assert cluster.writes[before:] == []


async def test_an_environments_secret_is_looked_at_again_and_again() -> None:
    """Secrets are not watched: sooner while it is missing, every minute when it is there."""
    cluster = MemoryCluster()
    key = Key("Environment", NAMESPACE, "production")
    async with paper_operator(cluster) as operator:
        await operator.write(PATTERNS, "p", HOOKED)
        named = {"patternRef": {"name": "p"}, "environmentRef": REF}
        await operator.write(DEPLOYMENTS, "dep-a", named)
        await operator.write(ENVIRONMENTS, "production", SPEC)
        await operator.settle()
        assert await operator.reconciler.reconcile(key) == 5.0
        assert (CONFIG_MAPS.plural, NAMESPACE, "dep-a-live") not in cluster.objects

        await cluster.create(SECRETS, NAMESPACE, keys_secret())
        assert await operator.reconciler.reconcile(key) == 50.0
        await operator.settle()

        live = told(cluster).environment
        assert live is not None
        assert live.secret_name == "keys"


async def test_an_environment_without_a_secret_is_not_looked_at_again() -> None:
    cluster = MemoryCluster()
    async with paper_operator(cluster) as operator:
        await operator.write(ENVIRONMENTS, "production", {"variables": {"A": "b"}})
        await operator.settle()

        again = await operator.reconciler.reconcile(Key("Environment", NAMESPACE, "production"))

    assert again is None
    assert not [name for _, plural, name in cluster.requests if plural == "secrets"]


async def test_a_secret_that_an_environment_gives_up_leaves_the_status() -> None:
    """Else engines kept the right to read it, and the status was written anew at each look."""
    cluster = MemoryCluster()
    async with paper_operator(cluster) as operator:
        await operator.write(PATTERNS, "p", HOOKED)
        await cluster.create(SECRETS, NAMESPACE, keys_secret())
        await operator.write(ENVIRONMENTS, "production", SPEC)
        named = {"patternRef": {"name": "p"}, "environmentRef": REF}
        await operator.write(DEPLOYMENTS, "dep-a", named)
        await operator.settle()

        await operator.write(ENVIRONMENTS, "production", {"variables": {"REGION": "eu"}})
        await operator.settle()
        before = len(cluster.writes)
        await operator.look_again()

    deployment = cluster.objects[DEPLOYMENTS.plural, NAMESPACE, "dep-a"]
    assert deployment["status"]["environment"] == {"name": "production"}
    assert cluster.writes[before:] == []
