"""Whatever happens to objects and requests, reconciling ends in what the specs ask for."""

import asyncio
import base64
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typing_extensions import override

from dragops.cluster.client import CONFIG_MAPS, DEPLOYMENTS, ENVIRONMENTS, PATTERNS, SECRETS, Kind
from dragops.compiler.compile import compile_pattern
from dragops.errors import Conflict, PatternError, Unreachable
from dragops.model.breaker import TRIPPED, Trip, milliseconds, trip_in
from dragops.model.endpoints import read_endpoints, texts_in
from dragops.model.pattern import PatternSpec
from support.memory_cluster import MemoryCluster, Object
from support.paper_operator import NAMESPACE, PaperOperator, paper_operator

pytestmark = pytest.mark.timeout(120)


def graph(*nodes: tuple[str, str, dict[str, Any]]) -> Object:
    listed = [{"id": id_, "type": type_, "values": values} for id_, type_, values in nodes]
    first = [{"id": "log", "type": "Log", "values": {"message": "hi"}}]
    wires = [{"from": f"{id_}.exec", "to": "log.exec"} for id_, _, _ in nodes[:1]]
    return {"nodes": [*listed, *first], "wires": wires}


HOOK = graph(("hook", "OnWebhook", {}))
TICK = graph(("tick", "OnSchedule", {"schedule": "*/5 * * * *"}))
LATER = graph(("tick", "OnSchedule", {"schedule": "0 9 * * 1"}))
BROKEN: Object = {"nodes": [{"id": "x", "type": "Nonsense"}]}
SURROUNDINGS: list[Object] = [
    {"variables": {"A": "1"}},
    {"variables": {"A": "2"}, "secretRef": {"name": "keys"}},
    {"secretRef": {"name": "missing"}},
]
SPECS = [HOOK, TICK, LATER, BROKEN]
ROTATIONS = [
    [{"nodeId": "hook", "secretRotation": number, "previousSecretSeconds": 60}]
    for number in (1, 2, 3)
]
PARTS = ["webhook-id", "endpoint-id", "secret", "rotation", "previous", "rotated-at"]


class Hostile(MemoryCluster):
    """Fails requests as it is told: before they are carried out, or after (a lost answer)."""

    def __init__(self) -> None:
        super().__init__()
        self.plan: list[str] = []
        self.inside = False

    @override
    async def apply(self, *args: Any, **kwargs: Any) -> Object:
        return await self._hostile(super().apply, *args, **kwargs)

    @override
    async def create(self, *args: Any, **kwargs: Any) -> Object:
        return await self._hostile(super().create, *args, **kwargs)

    @override
    async def merge_patch(self, *args: Any, **kwargs: Any) -> Object:
        return await self._hostile(super().merge_patch, *args, **kwargs)

    async def _hostile(self, call: Callable[..., Any], *args: Any, **kwargs: Any) -> Object:
        # the pool's eight objects would use every accident up
        if self.inside or "dragops-engine" in str(args):
            return cast("Object", await call(*args, **kwargs))
        fate = self.plan.pop(0) if self.plan else "fine"
        if fate == "conflict":
            raise Conflict("somebody else wrote first")
        if fate == "away":
            raise Unreachable("the API server")
        self.inside = True  # an apply may be a create
        try:
            done: Object = await call(*args, **kwargs)
        finally:
            self.inside = False
        if fate == "lost":
            raise Unreachable("the API server", "the answer was lost")
        return done


@dataclass
class Seen:
    """What must never go back."""

    versions: dict[tuple[str, int], str] = field(default_factory=dict)
    serials: dict[str, int] = field(default_factory=dict)
    contents: dict[tuple[str, int], str] = field(default_factory=dict)

    def check(self, cluster: MemoryCluster) -> None:
        obj = cluster.objects.get((CONFIG_MAPS.plural, NAMESPACE, "dep-a-live"))
        if obj is None:
            return
        live = orjson.loads(obj["data"]["live.json"])
        uid, program = live["uid"], live["program"]
        assert live["serial"] >= self.serials.get(uid, 0)
        self.serials[uid] = live["serial"]
        known = self.contents.setdefault((uid, live["serial"]), obj["data"]["live.json"])
        assert known == obj["data"]["live.json"], "a serial was used twice"
        name = self.versions.setdefault((uid, program["version"]), program["configMap"])
        assert name == program["configMap"], "a version was used twice"


WHAT = st.one_of(
    st.tuples(st.just("pattern"), st.sampled_from(SPECS)),
    st.tuples(st.just("state"), st.sampled_from(["Active", "Paused", "Undeployed"])),
    st.tuples(st.just("updatePolicy"), st.sampled_from(["Automatic", "OnRelease"])),
    st.tuples(st.just("release"), st.sampled_from([{"id": "1"}, {"id": "2"}, {"id": "3"}])),
    st.tuples(st.just("repush"), st.sampled_from(["x", "y"])),
    st.tuples(st.just("resume"), st.sampled_from(["", "1", "2"])),
    st.tuples(st.just("circuitBreaker"), st.sampled_from([{"failures": 3}, None])),
    st.tuples(st.just("trip"), st.sampled_from([0, 1, None])),
    st.tuples(st.just("webhooks"), st.sampled_from(ROTATIONS)),
    st.tuples(st.just("version"), st.sampled_from([None, 1, 2, 3])),
    st.tuples(st.just("lose"), st.integers(0, 5)),
    st.tuples(st.just("spoil"), st.sampled_from(PARTS)),
    st.tuples(st.just("again"), st.none()),
    st.tuples(st.just("environmentRef"), st.sampled_from([{"name": "e"}, None])),
    st.tuples(st.just("environment"), st.sampled_from([None, *SURROUNDINGS])),
    st.tuples(st.just("nothing"), st.none()),
)
ACCIDENT = st.tuples(st.integers(0, 7), st.sampled_from(["conflict", "away", "lost"]))
STEPS = st.lists(st.tuples(WHAT, ACCIDENT, st.integers(0, 6)), max_size=8)
"""What somebody does; which of the operator's next writes goes wrong; how many keys it works on."""


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(steps=STEPS)
def test_the_end_is_what_the_specs_ask_for(steps: list[Any]) -> None:
    asyncio.run(_play(steps))


async def _play(steps: list[Any]) -> None:
    cluster, seen = Hostile(), Seen()
    async with paper_operator(cluster) as operator:
        spec: Object = {"patternRef": {"name": "p"}}
        await operator.write(PATTERNS, "p", HOOK)
        await operator.write(DEPLOYMENTS, "dep-a", spec)
        keys_secret = {"metadata": {"name": "keys", "labels": {"dragops.dev/environment": "true"}}}
        await cluster.create(SECRETS, NAMESPACE, keys_secret)
        for (what, value), (writes, accident), keys in steps:
            cluster.plan = []  # what authors write does not fail
            spec = await _take(operator, spec, what, value)
            cluster.plan = ["fine"] * writes + [accident]
            for _ in range(keys):
                await operator.heard()
                await operator.work_once()
                seen.check(cluster)
        cluster.plan = []
        await operator.look_again()
        seen.check(cluster)
        _check_end(cluster)
        before = len(cluster.writes)
        await operator.look_again()
        assert cluster.writes[before:] == []


async def _take(operator: PaperOperator, spec: Object, what: str, value: Any) -> Object:
    cluster = operator.cluster
    match what:
        case "pattern":
            await operator.write(PATTERNS, "p", value)
        case (
            "state"
            | "updatePolicy"
            | "repush"
            | "release"
            | "version"
            | "environmentRef"
            | "resume"
            | "circuitBreaker"
            | "webhooks"
        ):
            spec = {k: v for k, v in (spec | {what: value}).items() if v is not None}
        case "environment" if value:
            await operator.write(ENVIRONMENTS, "e", value)
        case "environment" if (ENVIRONMENTS.plural, NAMESPACE, "e") in cluster.objects:
            await cluster.delete(ENVIRONMENTS, NAMESPACE, "e")
        case "spoil" | "lose" | "trip":
            await _BY_HAND[what](cluster, value)
        case "again":
            await cluster.delete(DEPLOYMENTS, NAMESPACE, "dep-a")
    await operator.write(DEPLOYMENTS, "dep-a", spec)
    return spec


async def _lose(cluster: MemoryCluster, number: int) -> None:
    """Delete one of the children by hand.

    Not the bundle whose serial only it knows: then nobody could tell which numbers were used.
    """
    kinds = ("configmaps", "cronjobs", "services", "secrets")
    status = cluster.objects[DEPLOYMENTS.plural, NAMESPACE, "dep-a"].get("status", {})
    children = sorted(
        key
        for key, obj in cluster.objects.items()
        if key[0] in kinds and key[2] != "keys" and _serial(obj) <= status.get("serial", 0)
    )
    if children:
        plural, namespace, name = children[number % len(children)]
        await cluster.delete(Kind("", "v1", plural, ""), namespace, name)


async def _trip(cluster: MemoryCluster, off: int | None) -> None:
    """Have the API show a trip, of the breaker in force if nothing is off; or none."""
    status = cluster.objects[DEPLOYMENTS.plural, NAMESPACE, "dep-a"].get("status", {})
    since = _resumed_ms(status) - (off or 0)
    trip = Trip(since=since, at=0, failures=3, window_seconds=60)
    notes = {TRIPPED: "" if off is None else trip.as_text()}
    await cluster.merge_patch(DEPLOYMENTS, NAMESPACE, "dep-a", {"metadata": {"annotations": notes}})


async def _spoil(cluster: MemoryCluster, part: str) -> None:
    """Overwrite one part of the endpoint's Secret by hand."""
    if (SECRETS.plural, NAMESPACE, "dep-a-endpoints") in cluster.objects:
        data = {f"hook.{part}": base64.b64encode(b"by hand").decode()}
        await cluster.merge_patch(SECRETS, NAMESPACE, "dep-a-endpoints", {"data": data})


_BY_HAND = {"spoil": _spoil, "lose": _lose, "trip": _trip}


def _serial(obj: Object) -> int:
    text = obj.get("data", {}).get("live.json")
    return int(orjson.loads(text)["serial"]) if text else 0


def _check_end(cluster: MemoryCluster) -> None:
    deployment = cluster.objects[DEPLOYMENTS.plural, NAMESPACE, "dep-a"]
    pattern = cluster.objects[PATTERNS.plural, NAMESPACE, "p"]
    spec, status = deployment["spec"], deployment["status"]
    assert status["observedGeneration"] == deployment["metadata"]["generation"]
    live = cluster.objects.get((CONFIG_MAPS.plural, NAMESPACE, "dep-a-live"))
    if live is None:
        assert "program" not in status or _waits_for_environment(status)
        return
    told = orjson.loads(live["data"]["live.json"])
    _check_environment(cluster, spec, told)
    _check_breaker(deployment, told)
    assert told["serial"] == status["serial"]
    assert told["program"]["configMap"] == status["program"]["configMap"]
    lost = any(c["reason"] == "ProgramLost" for c in status["conditions"])
    kept = (CONFIG_MAPS.plural, NAMESPACE, told["program"]["configMap"]) in cluster.objects
    assert kept or lost
    jobs = {name for plural, _, name in cluster.objects if plural == "cronjobs"}
    assert jobs == {schedule["cronJob"] for schedule in status["schedules"]}
    _check_pin(spec, status, told)
    _check_version(spec, pattern["spec"], told)
    _check_endpoints(cluster, spec, status, told)


def _check_breaker(deployment: Object, told: Object) -> None:
    """The last resume is known to engines and people; a trip since then pauses what is active."""
    spec, resumed = deployment["spec"], deployment["status"].get("resumed", {})
    assert resumed.get("value", "") == spec.get("resume", "")
    assert told.get("breaker", {}).get("since", "") == resumed.get("at", "")
    trip = trip_in(deployment["metadata"].get("annotations", {}).get(TRIPPED))
    is_its = trip is not None and trip.since == _resumed_ms(deployment["status"])
    is_held = is_its and spec.get("state") in {None, "Active"}
    assert told["state"] == ("paused" if is_held else spec.get("state", "Active").lower())


def _resumed_ms(status: Object) -> int:
    return milliseconds(status["resumed"]["at"]) if "resumed" in status else 0


def _check_pin(spec: Object, status: Object, told: Object) -> None:
    reasons = {c["reason"] for c in status["conditions"]}
    if "version" in spec and reasons.isdisjoint({"VersionGone", "ProgramLost"}):
        assert told["program"]["version"] == spec["version"]


def _check_endpoints(cluster: MemoryCluster, spec: Object, status: Object, told: Object) -> None:
    """The Secret, the bundle and the status name the same addresses; the number was obeyed."""
    ids = [(e["endpointId"], e["webhookId"]) for e in told["endpoints"]]
    assert ids == [(w["endpointId"], w["webhookId"]) for w in status["webhooks"]]
    if not ids:
        return
    secret = cluster.objects[SECRETS.plural, NAMESPACE, "dep-a-endpoints"]
    keys = read_endpoints(texts_in(secret))["hook"]
    assert (keys.endpoint_id, keys.webhook_id) == ids[0]
    assert keys.secret
    asked = next((str(hook["secretRotation"]) for hook in spec.get("webhooks", ())), keys.rotation)
    assert keys.rotation == asked


def _waits_for_environment(status: Object) -> bool:
    return any(
        c["type"] == "EnvironmentReady" and c["status"] != "True" for c in status["conditions"]
    )


def _check_environment(cluster: MemoryCluster, spec: Object, told: Object) -> None:
    if "environmentRef" not in spec:
        assert "environment" not in told
        return
    found = cluster.objects.get((ENVIRONMENTS.plural, NAMESPACE, "e"))
    if found is None or spec.get("state") == "Undeployed":
        return  # what was in force goes on
    assert told["environment"]["variables"] == found["spec"].get("variables", {})
    readable = found["spec"].get("secretRef", {}).get("name") == "keys"
    assert told["environment"].get("secretName") == ("keys" if readable else None)


def _check_version(spec: Object, pattern: Object, told: Object) -> None:
    follows = spec.get("updatePolicy", "Automatic") == "Automatic"
    if not follows or spec.get("state") == "Undeployed" or "version" in spec:
        return
    try:
        program = compile_pattern(PatternSpec.model_validate(pattern), name="p")
    except PatternError:
        return
    assert told["program"]["digest"] == program.digest


def test_a_run_without_accidents_makes_few_requests() -> None:
    """Five writes a deployment are the budget of ten thousand (design 12)."""

    async def play() -> list[tuple[str, str, str]]:
        cluster = MemoryCluster()
        async with paper_operator(cluster) as operator:
            await operator.write(PATTERNS, "p", HOOK)
            await operator.write(DEPLOYMENTS, "dep-0", {"patternRef": {"name": "p"}})
            await operator.settle()
            before = len(cluster.writes)
            await operator.write(DEPLOYMENTS, "dep-a", {"patternRef": {"name": "p"}})
            await operator.settle()
            return cluster.writes[before + 1 :]

    writes = asyncio.run(play())

    ours = [write for write in writes if write[2].startswith("dep-a")]
    assert sorted(plural for _, plural, _ in ours) == [
        "configmaps",
        "configmaps",
        "events",
        "patterndeployments",
        "secrets",
        "services",
    ]
