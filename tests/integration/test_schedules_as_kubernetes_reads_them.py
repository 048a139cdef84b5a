"""Rules put to a real API server: what we take it takes too, and what we refuse has its reason."""

import json
from random import Random

import pytest

from dragops.errors import BadInput
from dragops.schedule import for_cron_job, parse_schedule
from dragops_localcluster.binaries import HELM, LOCALCLUSTER, ensure_binary
from dragops_localcluster.layout import Layout
from dragops_localcluster.progress import Progress
from dragops_localcluster.target import Target
from dragops_localcluster.trouble import Trouble

pytestmark = pytest.mark.timeout(120)

ZONES = ["UTC", "Europe/Berlin", "Etc/GMT+3", "Local", "local", "Mars/Olympus", "posix/UTC"]
ZONES += ["America/Argentina/ComodRivadavia", "america/new_york", "../UTC", "-UTC"]
THEIRS_ONLY = ("comma", "none of", "never fires")
"""Faults of rules that Kubernetes would take: by accident, or though they never fire."""


def _target(cluster: Layout) -> Target:
    progress = Progress()
    helm, program = ensure_binary(HELM, progress), ensure_binary(LOCALCLUSTER, progress)
    return Target(str(cluster.kubeconfig), "", program, helm)


def _refused(target: Target, rules: list[tuple[str, str]]) -> set[int]:
    """Give the places of the rules that the API server refuses as CronJobs."""
    items = [_cron_job(f"rule-{place}-end", *rule) for place, rule in enumerate(rules)]
    body = json.dumps({"apiVersion": "v1", "kind": "List", "items": items})
    try:
        target.kubectl("create", "--dry-run=server", "--filename=-", stdin=body)
    except Trouble as exc:
        return {place for place in range(len(rules)) if f"rule-{place}-end" in str(exc)}
    return set()


def _cron_job(name: str, schedule: str, zone: str) -> dict[str, object]:
    container = {"name": "c", "image": "i"}
    pod = {"spec": {"restartPolicy": "Never", "containers": [container]}}
    job = {"spec": {"template": pod}}
    return {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": {"name": name, "namespace": "default"},
        "spec": {"schedule": schedule, "timeZone": zone, "jobTemplate": job},
    }


def _rules(count: int) -> list[str]:
    """Make rules of pieces, good and bad ones; always the same."""
    dice = Random(1)
    pieces = ["*", "?", "*/2", "*/90", "5", "0-3", "1-5/2", "3/4", "1,2", "MON", "sat-sun", "jan"]
    pieces += ["7", "5-7", "0", "60", "*/0", "1,,2", "+1", "*-5", "L", "1-", "x", "FEB-APR", "31"]
    weights = [12, 4, 6, 1, 6, 6, 6, 6, 6, 1, 1, 1] + [1] * 13
    fields = [dice.choices(pieces, weights, k=5) for _ in range(count)]
    seconds = ["*", "*/20", "0,30", "59", "60", "MON"]
    return [" ".join(each) for each in fields] + [
        f"{dice.choice(seconds)} {' '.join(each)}" for each in fields[: count // 4]
    ]


def _fault(rule: str, zone: str = "UTC") -> str | None:
    try:
        parse_schedule(rule, zone)
    except BadInput as exc:
        return str(exc)
    return None


def test_a_rule_that_is_taken_makes_a_cron_job(cluster: Layout) -> None:
    """A deployment must not fail at its last step, in the operator."""
    taken = [rule for rule in _rules(400) if _fault(rule) is None]

    assert len(taken) > 100
    assert _refused(_target(cluster), [(for_cron_job(rule), "UTC") for rule in taken]) == set()


def test_a_rule_that_is_refused_here_only_has_its_reason(cluster: Layout) -> None:
    """Stricter than Kubernetes only where it takes something by accident."""
    faults = {rule: fault for rule in _rules(400) if (fault := _fault(rule))}
    minutes = [(" ".join(rule.split()[-5:]), "UTC") for rule in faults]
    refused = _refused(_target(cluster), minutes)
    theirs = [
        fault
        for place, fault in enumerate(faults.values())
        if place not in refused and not fault.startswith("second")
    ]

    assert len(refused) > 50
    assert [fault for fault in theirs if not any(words in fault for words in THEIRS_ONLY)] == []


def test_a_zone_that_is_taken_makes_a_cron_job(cluster: Layout) -> None:
    """Names are checked as the API server checks them."""
    refused = _refused(_target(cluster), [("* * * * *", zone) for zone in ZONES])
    ours = {place for place, zone in enumerate(ZONES) if _fault("* * * * *", zone)}

    assert refused <= ours
    assert {ZONES[place] for place in ours - refused} <= {"posix/UTC"}
